// Where a transport sends, checked, with its files read.
#pragma once
#include <memory>

#include "base/result.hpp"
#include "upload/network_settings.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

/// URL, proxy, TLS, time-outs and key of a server. Opaque: for a transport. Holds secrets, which are
/// overwritten when it goes.
struct Destination;

/// On any thread: reading a file of certificate authorities takes tens of milliseconds, in which an I/O
/// thread would let everybody wait. Errors: config (URL, proxy, certificate files, key that can't stand in a
/// header), saying what to mend.
Result<std::shared_ptr<Destination>> make_destination(const UploadSettings& settings,
                                                      Credentials credentials);

}  // namespace respand::upload
