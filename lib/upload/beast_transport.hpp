// The Transport over TCP and TLS. Beast stays inside the beast_* sources.
#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/result.hpp"
#include "upload/network_settings.hpp"
#include "upload/resolver.hpp"
#include "upload/transport.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

/// A Transport whose server can be changed. One for each user (lane): cancel() ends all exchanges of the
/// object, and an object costs no thread and no connection until it is used. I/O thread only; must be gone
/// before the io_context.
class HttpTransport : public Transport {
  public:
    /// Takes URL, TLS, proxy, time-outs and credentials from the next exchange on; files are read again even
    /// when their names are the same. Running exchanges end as they began. Errors: config; then nothing was
    /// changed.
    virtual Status reload(const UploadSettings& settings, Credentials credentials) = 0;
};

/// Errors: config (URL, proxy, certificate files, key that can't stand in a header), saying what to mend.
Result<std::unique_ptr<HttpTransport>> make_beast_transport(boost::asio::io_context& io,
                                                            const UploadSettings& settings,
                                                            Credentials credentials,
                                                            Lookup lookup = &system_lookup);

}  // namespace respand::upload
