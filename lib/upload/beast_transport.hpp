// The Transport over TCP and TLS. Beast stays inside the .cpp.
#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "upload/transport.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

/// A Transport whose server can be changed. I/O thread only; must be gone before the io_context.
class HttpTransport : public Transport {
  public:
    /// Takes URL, CA file (read again even when the name is the same), time-outs and key, from the next
    /// exchange on; running ones end as they began. Errors: config; then nothing was changed.
    virtual Status reload(const UploadSettings& settings, std::string api_key) = 0;
};

/// Errors: config (URL, CA file, key that can't stand in a header), saying what to mend.
Result<std::unique_ptr<HttpTransport>> make_beast_transport(boost::asio::io_context& io,
                                                            const UploadSettings& settings,
                                                            std::string api_key);

}  // namespace respand::upload
