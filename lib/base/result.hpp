// Result<T>: a value or an Error. Errors that depend on input are values; exceptions are for bugs.
#pragma once
#include <expected>
#include <string>
#include <utility>

namespace respand {

/// What kind of fault it is. Decides the exit code of a program that can't go on (sysexits.h, see
/// exit_code.hpp).
enum class ErrorKind {
    usage,          ///< wrong command line
    data,           ///< input that is not what it should be
    no_input,       ///< a file to read does not exist or can't be read
    unavailable,    ///< a service or resource is not there: port in use, daemon not running, spool locked
    software,       ///< a bug of ours
    os,             ///< the operating system refused something it should not have
    cant_create,    ///< a file or socket can't be created
    io,             ///< reading or writing failed
    temporary,      ///< may work later: disk full, resource exhausted
    no_permission,  ///< not allowed
    config,         ///< the configuration is wrong
};

/// A fault, in words for the person who has to mend it: what happened, to what, and what to do next.
/// Never holds record content, keys or tokens.
struct Error {
    ErrorKind kind = ErrorKind::software;
    std::string message;

    /// The same fault, seen from further out: "context: message".
    Error within(const std::string& context) && { return {kind, context + ": " + message}; }
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace respand
