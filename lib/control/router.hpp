// Which question is answered by whom. Pure but for what the handlers do.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "control/control_server.hpp"

namespace respand::control {

/// A question taken apart: "POST /dead/requeue?cause=http_422&limit=10".
struct Request {
    std::string method;
    std::string path;                               ///< "/dead/requeue"
    std::map<std::string, std::string> parameters;  ///< decoded; of a name that stands twice the last one
    std::string body;

    /// Empty when it was not given.
    std::optional<std::string> parameter(const std::string& name) const;
    /// A whole number. `usage` with the parameter's name when it is none or over `most`.
    Result<std::uint64_t> number(const std::string& name, std::uint64_t otherwise, std::uint64_t most) const;
};

/// Takes a target apart. `usage` when it is not well-formed.
Result<Request> take_apart(const Question& question);

using Route = std::function<void(const Request&, Answer)>;

/// Filled while the daemon is put together, then only read.
class Router {
  public:
    /// `what`: one line for GET /, which lists the calls.
    void add(std::string method, std::string path, std::string what, Route route);
    /// Answers GET / itself; 404 with a list for an unknown path, 405 for a wrong method, 400 for a target
    /// that can't be read.
    Handler handler() &&;

  private:
    struct Entry {
        std::string method, path, what;
        Route route;
    };
    std::vector<Entry> entries_;
};

/// {"error": message} with the status that fits its kind: 400 usage, 404 no_input, 409 busy and the like,
/// else 500.
Response failure(const Error& error);

}  // namespace respand::control
