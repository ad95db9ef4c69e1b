#include "sandbox/server/options.hpp"

#include <algorithm>

namespace respand::sandbox {

Status Options::validate() const {
    if (!prefix.empty() && (!prefix.starts_with('/') || prefix.ends_with('/')))
        return fail(ErrorKind::usage,
                    "the prefix '" + prefix + "' must start with '/' and not end with it, such as /api");
    if (std::ranges::any_of(prefix, [](char c) { return c <= ' ' || c == '?' || c == '#' || c == 0x7F; }))
        return fail(ErrorKind::usage, "the prefix must hold no blanks, '?' or '#'");
    if (max_body == 0) return fail(ErrorKind::usage, "the largest body must be more than 0 bytes");
    if (!tls.self_signed_file.empty() && (!tls.cert_file.empty() || !tls.key_file.empty()))
        return fail(ErrorKind::usage,
                    "take either a certificate with its key or a self-signed one, not both");
    if (tls.cert_file.empty() != tls.key_file.empty())
        return fail(ErrorKind::usage, "a TLS certificate and its key belong together: give both files");
    return faults.validate();
}

}  // namespace respand::sandbox
