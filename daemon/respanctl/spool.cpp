// spool verify: looking through a file that no daemon has open.
#include <cstdio>

#include "respanctl/commands.hpp"
#include "spool/verify.hpp"

namespace respand::ctl {
namespace {

struct VerifyOptions {
    std::string file;
};

unsigned long long number(std::uint64_t n) { return n; }

Result<int> verify(const Common& common, const VerifyOptions& options) {
    std::string path = options.file;
    if (path.empty()) {
        const auto config = common.load();
        if (!config) return std::unexpected(config.error());
        path = config->spool.path;
    }
    const auto found = spool::verify(path);
    if (!found) return std::unexpected(found.error());
    std::printf("%s, schema %lld\n", path.c_str(), static_cast<long long>(found->schema));
    std::printf("pending        %llu records in %llu chunks, %llu of these unreadable\n",
                number(found->audit.pending_rows), number(found->chunks), number(found->unreadable_chunks));
    std::printf("dead letters   %llu, %llu of these unreadable\n", number(found->dead_letters),
                number(found->unreadable_dead_letters));
    for (const std::string& fault : found->faults) std::printf("fault          %s\n", fault.c_str());
    std::puts(found->faults.empty()
                  ? "all is well: every page and every record is as it was written"
                  : "NOT as it was written: start respand, which sets the file aside and saves what "
                    "can be read, or keep a copy first");
    return found->faults.empty() ? 0 : 1;
}

}  // namespace

void add_spool_commands(Program& program) {
    CLI::App& spool = *program.app.add_subcommand("spool", "Look through a spool that no daemon has open");
    spool.require_subcommand(1);
    program.add<VerifyOptions>(
        spool, "verify", "Read every page and every record; exit 1 when something is not as it was written",
        [](CLI::App& sub, VerifyOptions& options) {
            sub.add_option("FILE", options.file, "The spool (default: [spool] path)");
        },
        verify);
}

}  // namespace respand::ctl
