// The Transport over TCP and TLS. Beast stays inside the beast_* sources.
#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>

#include "upload/destination.hpp"
#include "upload/resolver.hpp"
#include "upload/transport.hpp"

namespace respand::upload {

/// A Transport whose server can be changed. One for each user (lane): cancel() ends all exchanges of the
/// object, and an object costs no thread and no connection until it is used. I/O thread only; must be gone
/// before the io_context.
class HttpTransport : public Transport {
  public:
    /// Takes URL, TLS, proxy, time-outs and key from the next exchange on. Running exchanges end as they
    /// began.
    virtual void use(std::shared_ptr<Destination> destination) = 0;
};

std::unique_ptr<HttpTransport> make_beast_transport(boost::asio::io_context& io,
                                                    std::shared_ptr<Destination> destination,
                                                    Lookup lookup = &system_lookup);

}  // namespace respand::upload
