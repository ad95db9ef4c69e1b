#include <cstdio>

#include "base/exit_code.hpp"
#include "record/record_parser.hpp"
#include "respanctl/commands.hpp"
#include "respanctl/record_input.hpp"
#include "respanctl/record_sender.hpp"

namespace respand::ctl {
namespace {

struct SendOptions {
    std::string file = "-";
    std::string to;  ///< empty: from the configuration
    bool unchecked = false;
};

void declare(CLI::App& sub, SendOptions& options) {
    sub.add_option("FILE", options.file, "File to read (default: -, standard input)");
    sub.add_option("--to", options.to,
                   "Datagram or stream socket, or http://ADDRESS:PORT (default: from [ingest.*])")
        ->type_name("PATH");
    sub.add_flag("--unchecked", options.unchecked, "Send without checking the records first");
}

Result<std::string> default_target(const Common& common) {
    const auto config = common.load();
    if (!config) return std::unexpected(config.error());
    if (config->ingest.unix_datagram) return config->ingest.unix_datagram->socket.path;
    if (config->ingest.unix_stream) return config->ingest.unix_stream->socket.path;
    if (config->ingest.http && !config->ingest.http->listen.empty())
        return "http://" + config->ingest.http->listen;
    return fail(ErrorKind::config, "the configuration has no listener to send to; name one with --to");
}

/// Sends records one after the other and keeps count.
class Sending {
  public:
    Sending(RecordSender& sender, bool unchecked) : sender_(sender), unchecked_(unchecked) {}

    /// `place`: "line 7", for messages.
    Status record(std::string text, const std::string& place) {
        if (!unchecked_) {
            const std::size_t size = text.size();
            text.append(kRecordPadding, ' ');
            const auto checked = parser_.parse({text.data(), size});
            text.resize(size);
            if (!checked) {
                std::fprintf(stderr, "respanctl: %s: not sent (%s): %s\n", place.c_str(),
                             std::string(name(checked.error())).c_str(),
                             std::string(describe(checked.error())).c_str());
                ++refused_;
                return {};
            }
        }
        return sender_.send(text, place);
    }

    std::uint64_t refused() const { return refused_ + sender_.refused(); }

  private:
    RecordSender& sender_;
    RecordParser parser_;
    bool unchecked_;
    std::uint64_t refused_ = 0;
};

Result<int> send(const Common& common, const SendOptions& options) {
    auto target = options.to.empty() ? default_target(common) : Result<std::string>(options.to);
    if (!target) return std::unexpected(target.error());
    auto input = RecordInput::open(options.file);
    if (!input) return std::unexpected(input.error());
    auto sender = RecordSender::connect(*target);
    if (!sender) return std::unexpected(sender.error());
    Sending sending(**sender, options.unchecked);
    auto done = input->for_each(
        [&](std::string text, const std::string& place) { return sending.record(std::move(text), place); });
    if (done) done = (*sender)->finish();
    std::printf("%llu sent to %s", static_cast<unsigned long long>((*sender)->sent()), target->c_str());
    if (sending.refused() > 0)
        std::printf(", %llu refused", static_cast<unsigned long long>(sending.refused()));
    std::printf("\n");
    if (!done) return std::unexpected(done.error());
    return sending.refused() > 0 ? EX_DATAERR : 0;
}

}  // namespace

void add_send_command(Program& program) {
    program.add<SendOptions>(program.app, "send",
                             "Send one record, or one a line (NDJSON), to the daemon's socket", declare,
                             send);
}

}  // namespace respand::ctl
