// The composition root: builds the parts, wires them, starts and stops them in order. Nobody is handed it.
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"

namespace respand {

class Application {
  public:
    /// Opens everything that can fail: key, spool, sockets. Nothing is read from a socket yet.
    /// `config_path`: what --config named, for reloads; may be empty.
    static Result<std::unique_ptr<Application>> build(config::Config config, config::Environment environment,
                                                      std::string config_path);
    ~Application();

    /// Runs until a signal; the exit code.
    int run();

  private:
    struct Parts;
    explicit Application(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace respand
