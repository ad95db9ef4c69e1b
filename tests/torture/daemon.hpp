// A real respand, started, killed and asked, without a test around it.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "fault.hpp"
#include "support/process.hpp"

namespace respand::torture {

class Daemon {
  public:
    struct Setup {
        std::string directory;  ///< sockets, configuration, log
        std::string spool;      ///< the spool's file
        std::string base_url;
        std::string spool_lines, upload_lines, extra;  ///< further lines of these sections; further sections
    };

    Daemon(const Plan& plan, Setup setup);

    /// Starts it; it may take a while until it is ready.
    void launch();
    /// Waits until it answers. How long that was after launch(); nothing when it ended or does not answer.
    std::optional<std::chrono::duration<double>> ready();
    bool running() { return process_ && process_->running(); }
    /// SIGKILL, and waits for the end; false when something else ended it.
    bool kill();
    /// SIGTERM; the exit code.
    int stop();
    void signal(int number) { process_->signal(number); }
    std::chrono::steady_clock::time_point launched() const { return launched_; }
    pid_t pid() const { return process_->pid(); }

    /// Null when it does not answer.
    nlohmann::json ask(const std::string& target) const;
    nlohmann::json status() const { return ask("/status"); }
    /// The last lines of its log.
    std::string last_words() const;

    std::string datagram() const { return setup_.directory + "/respand.sock"; }
    std::string stream() const { return setup_.directory + "/stream.sock"; }
    std::uint16_t udp_port() const { return udp_port_; }
    std::uint16_t http_port() const { return http_port_; }
    const std::string& spool() const { return setup_.spool; }

  private:
    void write_config() const;

    Plan plan_;
    Setup setup_;
    std::uint16_t udp_port_, http_port_;
    std::unique_ptr<test::Process> process_;
    std::chrono::steady_clock::time_point launched_;
    std::optional<std::chrono::duration<double>> took_;  ///< from launch() to its first answer
};

}  // namespace respand::torture
