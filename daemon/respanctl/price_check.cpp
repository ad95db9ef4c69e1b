// price check and price diff: price files before they are put in force.
#include <algorithm>
#include <cstdio>

#include "base/exit_code.hpp"
#include "base/rfc3339.hpp"
#include "pricing/table_diff.hpp"
#include "respanctl/price_commands.hpp"

namespace respand::ctl {
namespace {

using pricing::LoadWarning;
using pricing::PriceTable;
using Loaded = Result<std::shared_ptr<const PriceTable>>;

struct CheckOptions {
    std::vector<std::string> files;
    std::string over;
};

void declare_check(CLI::App& sub, CheckOptions& options) {
    sub.add_option("FILE", options.files,
                   "Price files, in our own format or LiteLLM's (default: table and overlays of the "
                   "configuration, together)");
    sub.add_option("--over", options.over, "Check each FILE as an overlay of this table")->type_name("TABLE");
}

std::string verdict(const std::vector<LoadWarning>& warnings) {
    return warnings.empty() ? "good" : counted(warnings.size(), "warning");
}

/// One file; false when it can't be used.
bool check_file(const std::string& file, const std::string& over) {
    std::vector<LoadWarning> warnings;
    const std::vector<std::string> paths = over.empty() ? std::vector{file} : std::vector{over, file};
    const Loaded table = PriceTable::load_files(paths, &warnings);
    if (!table) {
        std::printf("%s\n%s: UNUSABLE\n", table.error().message.c_str(), file.c_str());
        return false;
    }
    // What is wrong with the table below is not this file's fault.
    std::erase_if(warnings, [&](const LoadWarning& warning) { return warning.file != file; });
    for (const LoadWarning& warning : warnings) std::printf("%s\n", in_words(warning).c_str());
    const auto of_file = [&](const pricing::PriceEntry& entry) { return entry.origin == file; };
    const auto models = std::ranges::count_if((*table)->entries(), of_file);
    const auto hardware = std::ranges::count_if((*table)->hardware_entries(), of_file);
    std::string text = counted(static_cast<std::uint64_t>(models), "model");
    if (hardware > 0) text += ", " + std::to_string(hardware) + " kinds of hardware";
    if (over.empty()) {
        text += ", " + counted((*table)->other_names().size(), "other name");
        if (!(*table)->version().empty()) text += ", version " + (*table)->version();
        text += ", " + (*table)->id();
    }
    std::printf("%s: %s; %s\n", file.c_str(), verdict(warnings).c_str(), text.c_str());
    return true;
}

/// What the daemon would load.
Result<int> check_configured(const Common& common) {
    const auto settings = TableOptions{}.settings(common);
    if (!settings) return std::unexpected(settings.error());
    std::vector<LoadWarning> warnings;
    const Loaded table = PriceTable::load(*settings, &warnings);
    if (!table) {
        std::printf("%s\nUNUSABLE: a reload would be refused\n", table.error().message.c_str());
        return EX_DATAERR;
    }
    for (const LoadWarning& warning : warnings) std::printf("%s\n", in_words(warning).c_str());
    std::printf("%s and %s: %s; %s, %s\n", settings->table.c_str(), settings->overlays.c_str(),
                verdict(warnings).c_str(), counted((*table)->size(), "model").c_str(),
                (*table)->id().c_str());
    return 0;
}

Result<int> check(const Common& common, const CheckOptions& options) {
    if (options.files.empty() && !options.over.empty())
        return fail(ErrorKind::usage, "price check: --over needs a FILE to check");
    if (options.files.empty()) return check_configured(common);
    bool good = true;
    for (const std::string& file : options.files) good = check_file(file, options.over) && good;
    return good ? 0 : EX_DATAERR;
}

struct DiffOptions {
    std::string old_file, new_file, at;
    bool json = false;
};

void declare_diff(CLI::App& sub, DiffOptions& options) {
    sub.add_option("OLD", options.old_file, "Price file")->required();
    sub.add_option("NEW", options.new_file, "Price file")->required();
    sub.add_option("--at", options.at, "Compare the prices in force then, RFC 3339 (default: now)")
        ->type_name("TIME");
    sub.add_flag("--json", options.json, "Print JSON");
}

/// Faults of single entries are told on standard error: what they cost is missing from the comparison.
Loaded load_one(const std::string& file) {
    std::vector<LoadWarning> warnings;
    auto table = PriceTable::load_files(std::vector{file}, &warnings);
    for (const LoadWarning& warning : warnings)
        std::fprintf(stderr, "respanctl: warning: %s\n", in_words(warning).c_str());
    return table;
}

Result<int> diff(const Common&, const DiffOptions& options) {
    std::optional<WallTime> at = SystemClock{}.wall();
    if (!options.at.empty()) at = parse_rfc3339(options.at);
    if (!at)
        return fail(ErrorKind::usage, "--at: '" + options.at + "' is no time; write 2026-11-22T10:00:00Z");
    const Loaded before = load_one(options.old_file);
    if (!before) return std::unexpected(before.error());
    const Loaded after = load_one(options.new_file);
    if (!after) return std::unexpected(after.error());
    const pricing::TableDiff found = pricing::diff_tables(**before, **after, *at);
    std::fputs((options.json ? pricing::diff_json(found) : pricing::render(found)).c_str(), stdout);
    return found.empty() ? 0 : 1;
}

}  // namespace

void add_price_check(Program& program, CLI::App& group) {
    program.add<CheckOptions>(group, "check", "Whether price files can be used, and what is wrong with them",
                              declare_check, check);
    program.add<DiffOptions>(group, "diff", "What a new price file changes; exit 1 when prices differ",
                             declare_diff, diff);
}

}  // namespace respand::ctl
