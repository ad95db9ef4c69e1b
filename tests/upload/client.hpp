// A transport under test with its io_context, and requests to send through it.
#pragma once
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "peer_server.hpp"
#include "slices.hpp"
#include "support/eventually.hpp"
#include "upload/beast_transport.hpp"
#include "upload/encode.hpp"

namespace respand::upload::test {

inline constexpr const char* kKey = "sk-very-secret-key";

struct Client {
    explicit Client(const std::string& base_url, std::string ca_file = "") {
        settings.base_url = base_url;
        settings.network.ca_file = std::move(ca_file);
        settings.connect_timeout = std::chrono::seconds(10);
        settings.request_timeout = std::chrono::seconds(20);
        apply();
    }
    /// Makes the transport anew from `settings`.
    void apply() {
        transport.reset();
        auto destination = make_destination(settings, credentials);
        ASSERT_TRUE(destination) << destination.error().message;
        transport = make_beast_transport(io, std::move(*destination), lookup);
    }
    /// Starts a request; its answer will be in the result.
    std::shared_ptr<std::optional<Reply>> start(const Batch& batch) {
        auto answer = std::make_shared<std::optional<Reply>>();
        transport->send({.target = target(Endpoint::bulk), .body = encode(batch, Endpoint::bulk)},
                        [answer](Reply reply) {
                            EXPECT_FALSE(*answer) << "answered twice";
                            *answer = std::move(reply);
                        });
        EXPECT_FALSE(*answer) << "answered from inside the call";
        return answer;
    }
    Reply post(const Batch& batch = batch_of(2, 3)) {
        const auto answer = start(batch);
        EXPECT_TRUE(respand::test::run_until(io, [&] { return answer->has_value(); }));
        return answer->value_or(Reply{});
    }

    boost::asio::io_context io;
    UploadSettings settings;
    Credentials credentials{.api_key = kKey};
    Lookup lookup = &system_lookup;
    std::unique_ptr<HttpTransport> transport;
};

/// A batch of about `bytes`.
inline Batch large_batch(std::size_t bytes) {
    Batch batch;
    for (std::uint64_t id = 0; id * 100'000 < bytes; ++id)
        batch.slices.push_back(whole(chunk_of(static_cast<spool::ChunkId>(id), {record(id, 100'000)})));
    return batch;
}

}  // namespace respand::upload::test
