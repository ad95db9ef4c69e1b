// Settings of the sandbox.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sandbox/server/faults.hpp"

namespace respand::sandbox {

/// Certificate of the server. All empty: plain HTTP. Either the pair of files, or the self-signed one.
struct TlsOptions {
    std::string cert_file;  ///< PEM, chain included
    std::string key_file;   ///< PEM
    /// Makes a certificate for localhost, 127.0.0.1 and ::1 at every start and writes it (not its key) to
    /// this file.
    std::string self_signed_file;

    bool enabled() const { return !cert_file.empty() || !key_file.empty() || !self_signed_file.empty(); }
};

/// The rate that the API documents for the bulk call, per organisation and minute.
inline constexpr unsigned kDocumentedBulkRate = 30;
/// The byte limit of a whole body is undocumented; this holds one log of the documented 20 MB with room to
/// spare.
inline constexpr std::size_t kDefaultMaxBody = std::size_t{32} << 20;

struct Options {
    std::string listen = "127.0.0.1:0";  ///< ADDRESS:PORT; [v6]:PORT; localhost:PORT; port 0 takes a free one
    std::string prefix = "/api";         ///< in front of /request-logs/…; may be empty
    std::string key;                     ///< the only key that is let in; empty: any that is not empty
    std::size_t max_body = kDefaultMaxBody;  ///< bytes of a request body
    unsigned bulk_rate = 0;                  ///< bulk requests in any 60 seconds; 0: no limit
    bool count_only = false;                 ///< count rows without reading them as JSON
    TlsOptions tls;
    Faults faults;
    /// Takes finished lines, several at a time. Called on the server's thread in the middle of a request: it
    /// must not call the server. Empty: nothing is printed.
    std::function<void(std::string_view lines)> print;
    /// Told of every accepted log as it was sent; called like `print`. Not in count-only mode.
    std::function<void(std::string_view log)> accepted;
    bool show_body = false;  ///< prints every log under its line, secrets and all

    Status validate() const;
};

}  // namespace respand::sandbox
