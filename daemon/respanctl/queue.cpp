// queue and dead: looking into what waits, and into what was refused.
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/rfc3339.hpp"
#include "base/text_table.hpp"
#include "base/units.hpp"
#include "control/control_client.hpp"
#include "record/json_text.hpp"
#include "respanctl/commands.hpp"

namespace respand::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct ListOptions {
    std::string lane, from;
    std::uint64_t limit = 50;
    bool json = false;
};
struct ShowOptions {
    std::string id;
    bool json = false;
};
/// Which dead letters.
struct DeadOptions {
    std::vector<std::uint64_t> ids;
    std::string cause, model, lane, older_than, newer_than;
    std::uint64_t limit = 50;
    bool all = false;
    bool json = false;
};

std::string field(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return "-";
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// One line for a list: control characters and long texts would break it.
std::string one_line(std::string text, std::size_t most) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    if (text.size() > most) text = text.substr(0, most - 3) + "...";
    return text.empty() ? "-" : text;
}

Result<Json> ask_json(const Common& common, const std::string& method, const std::string& target) {
    const auto body = common.ask(method, target);
    if (!body) return std::unexpected(body.error());
    Json json = Json::parse(*body, nullptr, false);
    if (!json.is_object())
        return fail(ErrorKind::data, "not the answer of a respand daemon: " + one_line(*body, 100));
    return json;
}

/// A record as somebody wants to read it: indented, where it is JSON.
std::string readable(const std::string& record) { return Json::accept(record) ? indented(record) : record; }

void print_facts(const Json& json) {
    for (const auto& [name, value] : json.items()) {
        if (name == "record" || name == "price") continue;
        std::printf("%-18s %s\n", name.c_str(), one_line(field(json, name.c_str()), 4000).c_str());
    }
    if (const auto price = json.find("price"); price != json.end() && price->is_object())
        std::printf("%-18s %s, rule %s, table %s version %s\n", "price", field(*price, "key").c_str(),
                    field(*price, "rule").c_str(), field(*price, "table").c_str(),
                    field(*price, "version").c_str());
    std::printf("\n%s\n", readable(field(json, "record")).c_str());
}

Result<int> show(const Common& common, const ShowOptions& options, const std::string& path) {
    const auto json = ask_json(common, "GET", path + control::query({{"id", options.id}}));
    if (!json) return std::unexpected(json.error());
    if (options.json)
        std::printf("%s\n", json->dump(2).c_str());
    else
        print_facts(*json);
    return 0;
}

Result<int> list_queue(const Common& common, const ListOptions& options) {
    const auto json = ask_json(common, "GET",
                               "/queue" + control::query({{"lane", options.lane},
                                                          {"from", options.from},
                                                          {"limit", std::to_string(options.limit)}}));
    if (!json) return std::unexpected(json.error());
    if (options.json) {
        std::printf("%s\n", json->dump(2).c_str());
        return 0;
    }
    TextTable table(
        {{"id"}, {"lane"}, {"arrived"}, {"model"}, {"cost", true}, {"bytes", true}, {"custom_identifier"}});
    for (const Json& record : json->at("records"))
        table.row({field(record, "id"), field(record, "lane"), field(record, "arrived"),
                   one_line(field(record, "model"), 60), field(record, "cost"), field(record, "bytes"),
                   one_line(field(record, "custom_identifier"), 60)});
    if (table.rows() == 0)
        std::puts("nothing is pending");
    else
        std::fputs(table.text().c_str(), stdout);
    if (!json->at("next").is_null()) std::printf("more: --from %s\n", field(*json, "next").c_str());
    return 0;
}

/// Pages of records, one a line, until the last: `target` makes the next page's target from where it begins.
Result<int> export_all(const Common& common, const std::function<std::string(const std::string&)>& target) {
    std::string next;
    do {
        const auto body = common.ask("GET", target(next));
        if (!body) return std::unexpected(body.error());
        const std::size_t end = body->find('\n');
        const Json head = Json::parse(body->substr(0, end), nullptr, false);
        if (!head.is_object() || end == std::string::npos)
            return fail(ErrorKind::data, "not the answer of a respand daemon");
        if (std::fwrite(body->data() + end + 1, 1, body->size() - end - 1, stdout) != body->size() - end - 1)
            return fail(ErrorKind::io, "standard output can't be written");
        next = head.at("next").is_null() ? std::string{} : head.at("next").get<std::string>();
    } while (!next.empty());
    return 0;
}

Result<int> export_queue(const Common& common, const ListOptions& options) {
    return export_all(common, [&](const std::string& next) {
        return "/queue/export" +
               control::query({{"lane", options.lane}, {"from", next.empty() ? options.from : next}});
    });
}

// ---- dead letters ----

/// "90s", "36h", "14d" ago, as a time.
Result<std::string> ago(const std::string& option, const std::string& text) {
    if (text.empty()) return std::string{};
    const auto age = parse_duration(text);
    if (!age) return fail(ErrorKind::usage, option + ": '" + text + "' is no age; write 90s, 36h or 14d");
    return format_rfc3339(SystemClock{}.wall() - std::chrono::duration_cast<WallTime::duration>(*age));
}

/// Who gives the order: for the ledger.
std::string user() {
    if (const char* sudo = std::getenv("SUDO_USER"); sudo != nullptr && *sudo != '\0') return sudo;
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

Result<Parameters> parameters(const DeadOptions& options) {
    const auto before = ago("--older-than", options.older_than);
    if (!before) return std::unexpected(before.error());
    const auto from = ago("--newer-than", options.newer_than);
    if (!from) return std::unexpected(from.error());
    std::string ids;
    for (const std::uint64_t id : options.ids) ids += (ids.empty() ? "" : ",") + std::to_string(id);
    return Parameters{{"ids", ids},           {"cause", options.cause},   {"model", options.model},
                      {"lane", options.lane}, {"parked_before", *before}, {"parked_from", *from}};
}

Result<int> list_dead(const Common& common, const DeadOptions& options) {
    auto asked = parameters(options);
    if (!asked) return std::unexpected(asked.error());
    asked->emplace_back("limit", std::to_string(options.limit));
    const auto json = ask_json(common, "GET", "/dead" + control::query(*asked));
    if (!json) return std::unexpected(json.error());
    if (options.json) {
        std::printf("%s\n", json->dump(2).c_str());
        return 0;
    }
    TextTable table(
        {{"id", true}, {"parked"}, {"cause"}, {"tries", true}, {"model"}, {"record_id"}, {"answer"}});
    for (const Json& letter : json->at("dead"))
        table.row({field(letter, "id"), field(letter, "parked"), one_line(field(letter, "cause"), 30),
                   field(letter, "attempts"), one_line(field(letter, "model"), 40),
                   one_line(field(letter, "record_id"), 40), one_line(field(letter, "answer"), 100)});
    if (table.rows() == 0)
        std::puts("no dead letters");
    else
        std::fputs(table.text().c_str(), stdout);
    return 0;
}

Result<int> export_dead(const Common& common, const DeadOptions& options) {
    const auto asked = parameters(options);
    if (!asked) return std::unexpected(asked.error());
    return export_all(common, [&](const std::string& next) {
        Parameters page = *asked;
        page.emplace_back("after", next);
        return "/dead/export" + control::query(page);
    });
}

Result<int> change_dead(const Common& common, const DeadOptions& options, const std::string& path,
                        const char* done) {
    auto asked = parameters(options);
    if (!asked) return std::unexpected(asked.error());
    const bool chosen =
        std::ranges::any_of(*asked, [](const auto& parameter) { return !parameter.second.empty(); });
    if (!chosen && !options.all)
        return fail(
            ErrorKind::usage,
            "which dead letters? Give ids, --cause, --model, --lane, --older-than or --newer-than, or --all");
    asked->emplace_back("all", options.all ? "1" : "");
    asked->emplace_back("by", user());
    const auto json = ask_json(common, "POST", path + control::query(*asked));
    if (!json) return std::unexpected(json.error());
    std::printf("%s %s\n", field(*json, "records").c_str(), done);
    return 0;
}

void declare_choice(CLI::App& sub, DeadOptions& options) {
    sub.add_option("ID", options.ids, "Ids, as `dead list` shows them");
    sub.add_option("--cause", options.cause, "Of this cause: http_422, row_refused …")->type_name("CAUSE");
    sub.add_option("--model", options.model, "Of this model, exactly")->type_name("NAME");
    sub.add_option("--lane", options.lane, "Of this lane")->type_name("NAME");
    sub.add_option("--older-than", options.older_than, "Parked longer ago than this")->type_name("AGE");
    sub.add_option("--newer-than", options.newer_than, "Parked within this time")->type_name("AGE");
}

void declare_all(CLI::App& sub, DeadOptions& options) {
    declare_choice(sub, options);
    sub.add_flag("--all", options.all, "All of them");
}

void declare_queue(CLI::App& sub, ListOptions& options) {
    sub.add_option("--lane", options.lane, "Of this lane (default: all)")->type_name("NAME");
    sub.add_option("--from", options.from, "Begin at this id")->type_name("ID");
}

void declare_show(CLI::App& sub, ShowOptions& options) {
    sub.add_option("ID", options.id, "Id, as the list shows it")->required();
    sub.add_flag("--json", options.json, "Print what the daemon answers");
}

}  // namespace

void add_queue_commands(Program& program) {
    CLI::App& queue = *program.app.add_subcommand("queue", "Look into what waits to be delivered");
    queue.require_subcommand(1);
    program.add<ListOptions>(
        queue, "list", "Pending records, oldest first",
        [](CLI::App& sub, ListOptions& options) {
            declare_queue(sub, options);
            sub.add_option("--limit", options.limit, "At most so many (default: 50)")
                ->check(CLI::Range(1, 1000))
                ->type_name("N");
            sub.add_flag("--json", options.json, "Print what the daemon answers");
        },
        list_queue);
    program.add<ShowOptions>(queue, "show", "One pending record, and where its price came from", declare_show,
                             [](const Common& common, const ShowOptions& options) {
                                 return show(common, options, "/queue/show");
                             });
    program.add<ListOptions>(queue, "export",
                             "All pending records as they will be posted, one a line (NDJSON)", declare_queue,
                             export_queue);
}

void add_dead_commands(Program& program) {
    CLI::App& dead = *program.app.add_subcommand("dead", "Work with records that the server refused");
    dead.require_subcommand(1);
    program.add<DeadOptions>(
        dead, "list", "Dead letters, newest first",
        [](CLI::App& sub, DeadOptions& options) {
            declare_choice(sub, options);
            sub.add_option("--limit", options.limit, "At most so many (default: 50)")
                ->check(CLI::Range(1, 1000))
                ->type_name("N");
            sub.add_flag("--json", options.json, "Print what the daemon answers");
        },
        list_dead);
    program.add<ShowOptions>(
        dead, "show", "One dead letter: why it was refused, and the record", declare_show,
        [](const Common& common, const ShowOptions& options) { return show(common, options, "/dead/show"); });
    program.add<DeadOptions>(dead, "requeue", "Send dead letters again: they become pending", declare_all,
                             [](const Common& common, const DeadOptions& options) {
                                 return change_dead(common, options, "/dead/requeue", "requeued");
                             });
    program.add<DeadOptions>(dead, "purge", "Throw dead letters away; the ledger says by whom", declare_all,
                             [](const Common& common, const DeadOptions& options) {
                                 return change_dead(common, options, "/dead/discard", "discarded");
                             });
    program.add<DeadOptions>(dead, "export", "Records of dead letters, one a line (NDJSON)", declare_choice,
                             export_dead);
}

}  // namespace respand::ctl
