#include "config/registry.hpp"

#include <array>

namespace respand::config {
namespace {

constexpr std::int64_t kMillisecond = 1'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kKiB = 1 << 10;
constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGiB = 1 << 30;

constexpr std::array<std::string_view, 3> kModes{"auto", "create", "bulk"};  // upload::Mode
constexpr std::array<std::string_view, 4> kPolicies{"block", "drop_newest", "drop_oldest",
                                                    "shed_content"};            // spool::FullPolicy
constexpr std::array<std::string_view, 2> kTlsVersions{"1.2", "1.3"};           // NetworkSettings::min_tls
constexpr std::array<std::string_view, 3> kFormats{"journal", "text", "json"};  // LogFormat
constexpr std::array<std::string_view, 7> kLevels{"trace", "debug",    "info", "warning",
                                                  "error", "critical", "off"};  // LogSettings::level

/// What a URL must not hold before anybody else looks at it: whatever is behind this check may show the URL.
std::optional<std::string> check_base_url(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
    if (url.find('@', start) != std::string::npos)
        return "must not hold a user name or password (user:password@host): the API key comes from api_key";
    if (url.find_first_of("?#", start) != std::string::npos)
        return "must end with the path, without '?' or '#': the API key comes from api_key";
    if (scheme == std::string::npos) return "must start with https:// (or http:// for this machine)";
    return std::nullopt;
}

const std::array kKeys{
    Key{.section = "spool",
        .name = "path",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.spool.path; },
        .doc = "The queue's SQLite file. One daemon per file."},
    Key{.section = "spool",
        .name = "max_size",
        .kind = Kind::size,
        .slot = [](Config& c) -> Slot { return &c.spool.max_size; },
        .doc = "Size of the queued data at which intake pauses until uploads have freed some of it.",
        .range = {kMiB, 16'384 * kGiB}},
    Key{.section = "spool",
        .name = "max_age",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.spool.max_age; },
        .doc = "Records that have waited this long (1h or more) are discarded and counted. `0s`: never.",
        .range = {0, 3'650 * kDay}},
    Key{.section = "spool",
        .name = "policy",
        .kind = Kind::choice,
        .slot = [](Config& c) -> Slot { return &c.spool.policy; },
        .doc =
            "At `max_size`: `block` intake, `drop_newest` or `drop_oldest` records, or `shed_content` "
            "(prompts "
            "and completions are cut out near the limit; ids, tokens, cost and times stay). All is counted.",
        .choices = kPolicies},
    Key{.section = "spool",
        .name = "duplicate_window",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.spool.duplicate_window; },
        .doc = "How long the id of a record is remembered, so that it is accepted once. `0s`: not at all.",
        .range = {0, 30 * kDay}},
    Key{.section = "spool",
        .name = "duplicate_ids",
        .kind = Kind::count,
        .slot = [](Config& c) -> Slot { return &c.spool.duplicate_ids; },
        .doc = "Ids remembered at most, the newest.",
        .range = {0, 10'000'000}},
    Key{.section = "spool",
        .name = "commit_linger",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.ingest.linger; },
        .doc = "How long a trickle of datagrams is gathered into one commit. `0s` commits each at once and "
               "costs ten times the CPU.",
        .range = {0, kSecond}},
    Key{.section = "pricing",
        .name = "table",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.pricing.table; },
        .doc = "Price table: respand's own format, or LiteLLM's `model_prices_and_context_window.json` as it "
               "is."},
    Key{.section = "pricing",
        .name = "overlays",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.pricing.overlays; },
        .doc =
            "Directory of your own `*.json` tables, applied over the table in name order. It may be absent."},
    Key{.section = "pricing",
        .name = "annotate",
        .kind = Kind::flag,
        .slot = [](Config& c) -> Slot { return &c.pricing.annotate; },
        .doc = "Says in each log's `metadata` where its cost came from: `respand_cost_source`, "
               "`respand_price_table`, `…_version`, `…_key`, `…_rule`."},
    Key{.section = "upload",
        .name = "base_url",
        .kind = Kind::text,
        .slot = [](Config& c) -> Slot { return &c.upload.base_url; },
        .doc = "The API, up to `/request-logs`. `http://` is for this machine only.",
        .check = check_base_url},
    Key{.section = "upload",
        .name = "api_key",
        .kind = Kind::key_source,
        .slot = [](Config& c) -> Slot { return &c.credentials.api_key; },
        .doc =
            "Where the API key is read from: `{ credential = NAME }` (systemd's `LoadCredential=`), "
            "`{ file = PATH }` (refused when others can read it) or `{ env = NAME }`. Never the key itself."},
    Key{.section = "upload",
        .name = "mode",
        .kind = Kind::choice,
        .slot = [](Config& c) -> Slot { return &c.upload.mode; },
        .doc = "`auto`: a few records one by one at once, a backlog in bulk. `create`: one record a request "
               "only. `bulk`: up to 500 a request only.",
        .choices = kModes},
    Key{.section = "upload",
        .name = "bulk_requests_per_minute",
        .kind = Kind::count,
        .slot = [](Config& c) -> Slot { return &c.upload.bulk_requests_per_minute; },
        .doc = "Pace of bulk requests over all connections. The API allows 30 for a whole organisation; 0 is "
               "no limit.",
        .range = {0, 600'000}},
    Key{.section = "upload",
        .name = "max_connections",
        .kind = Kind::count,
        .slot = [](Config& c) -> Slot { return &c.upload.max_connections; },
        .doc = "Requests under way at a time.",
        .range = {1, 64}},
    Key{.section = "upload",
        .name = "linger",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.upload.linger; },
        .doc = "How long a bulk request that is not full waits for more records; with `auto`, what can't be "
               "sent one by one in this time goes in bulk.",
        .range = {0, 10 * kMinute}},
    Key{.section = "upload",
        .name = "max_body",
        .kind = Kind::size,
        .slot = [](Config& c) -> Slot { return &c.upload.max_body; },
        .doc = "Size of a request's body; a single larger record goes alone.",
        .range = {kKiB, 256 * kMiB}},
    Key{.section = "upload",
        .name = "connect_timeout",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.upload.connect_timeout; },
        .doc = "For the name look-up, the connection and the TLS handshake, each.",
        .range = {10 * kMillisecond, 10 * kMinute}},
    Key{.section = "upload",
        .name = "request_timeout",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.upload.request_timeout; },
        .doc = "From the first byte sent to the last one received.",
        .range = {10 * kMillisecond, 60 * kMinute}},
    Key{.section = "upload",
        .name = "ca_file",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.upload.network.ca_file; },
        .doc = "Certificate authorities to trust, PEM. Empty: the system's.",
        .may_be_empty = true,
        .example = "/etc/ssl/certs/ca-certificates.crt"},
    Key{.section = "upload",
        .name = "pin_sha256",
        .kind = Kind::text,
        .slot = [](Config& c) -> Slot { return &c.upload.network.pin_sha256; },
        .doc = "Public keys of which one must be in the server's chain, beside its being trusted: base64 of "
               "their SHA-256, separated by blanks. Empty: any.",
        .may_be_empty = true},
    Key{.section = "upload",
        .name = "client_certificate",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.upload.network.client_certificate; },
        .doc = "Certificate that we show to the server, PEM, with its chain. Empty: none.",
        .may_be_empty = true,
        .example = "/etc/respand/client.pem"},
    Key{.section = "upload",
        .name = "client_key",
        .kind = Kind::optional_key_source,
        .slot = [](Config& c) -> Slot { return &c.credentials.client_key; },
        .doc = "Where the certificate's private key (PEM, no passphrase) is read from, as in `api_key`."},
    Key{.section = "upload",
        .name = "min_tls",
        .kind = Kind::choice,
        .slot = [](Config& c) -> Slot { return &c.upload.network.min_tls; },
        .doc = "Least TLS version.",
        .choices = kTlsVersions},
    Key{.section = "upload",
        .name = "proxy",
        .kind = Kind::text,
        .slot = [](Config& c) -> Slot { return &c.upload.network.proxy; },
        .doc =
            "HTTP proxy, `http://[USER@]HOST[:PORT]`. Empty: as `HTTPS_PROXY` and `NO_PROXY` in the daemon's "
            "environment say. `none`: no proxy.",
        .may_be_empty = true},
    Key{.section = "upload",
        .name = "proxy_password",
        .kind = Kind::optional_key_source,
        .slot = [](Config& c) -> Slot { return &c.credentials.proxy_password; },
        .doc = "Where the password of the user in `proxy` is read from, as in `api_key`."},
    Key{.section = "upload",
        .name = "connection_max_age",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.upload.network.connection_max_age; },
        .doc = "An older connection takes no further request, so that changes in DNS are followed.",
        .range = {kSecond, 24 * 60 * kMinute}},
    Key{.section = "lane",
        .name = "name",
        .kind = Kind::text,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.name; },
        .doc = "1 to 64 of a-z, 0-9, `_` and `-`. Records that wait belong to it: a lane with another name "
               "is another lane."},
    Key{.section = "lane",
        .name = "models",
        .kind = Kind::texts,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.match.models; },
        .doc = "Models as the records name them, or the start of a name and `*`. Empty: any."},
    Key{.section = "lane",
        .name = "customers",
        .kind = Kind::texts,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.match.customers; },
        .doc = "`customer_identifier` (also in `customer_params`). Empty: any."},
    Key{.section = "lane",
        .name = "uids",
        .kind = Kind::counts,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.match.uids; },
        .doc = "Users that send over a Unix socket. Empty: any sender.",
        .range = {0, 4'294'967'294}},
    Key{.section = "lane",
        .name = "weight",
        .kind = Kind::count,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.weight; },
        .doc = "Share of the records among lanes with the same match. 0: none, only what falls back or is "
               "moved to it.",
        .range = {0, pipeline::LaneSettings::kMaxWeight}},
    Key{.section = "lane",
        .name = "fallback",
        .kind = Kind::text,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.fallback; },
        .doc = "Lane that sends this one's records while an operator must mend this one; `default` is "
               "`[upload]`. Empty: they wait.",
        .may_be_empty = true},
    Key{.section = "lane",
        .name = "fallback_after",
        .kind = Kind::duration,
        .slot = [](Config& c) -> Slot { return &c.lanes.front().route.fallback_after; },
        .doc = "How long it must have been stopped before.",
        .range = {0, 30 * kDay}},
    Key{.section = "control",
        .name = "path",
        .kind = Kind::socket,
        .slot = [](Config& c) -> Slot { return &c.control.path; },
        .doc = "Socket file."},
    Key{.section = "control",
        .name = "mode",
        .kind = Kind::octal,
        .slot = [](Config& c) -> Slot { return &c.control.mode; },
        .doc = "Permissions of the socket file: who may look into the queue and change it. Never everybody."},
    Key{.section = "log",
        .name = "level",
        .kind = Kind::choice,
        .slot = [](Config& c) -> Slot { return &c.log.level; },
        .doc = "Least severe level that is written.",
        .choices = kLevels},
    Key{.section = "log",
        .name = "format",
        .kind = Kind::choice,
        .slot = [](Config& c) -> Slot { return &c.log.format; },
        .doc = "`journal`: priority prefix, no time (systemd adds it). `text`: time and level. `json`: one "
               "object "
               "a line.",
        .choices = kFormats},
    Key{.section = "log",
        .name = "file",
        .kind = Kind::path,
        .slot = [](Config& c) -> Slot { return &c.log.file; },
        .doc = "Log file, opened again on `SIGUSR1`. Empty: standard error.",
        .may_be_empty = true,
        .example = "/var/log/respand/respand.log"},
};

}  // namespace

std::span<const Key> keys() {
    static const std::vector<Key> kAll = [] {
        std::vector<Key> all(listener_keys().begin(), listener_keys().end());
        all.insert(all.end(), kKeys.begin(), kKeys.end());
        return all;
    }();
    return kAll;
}

const Key* find_key(std::string_view section, std::string_view name) {
    for (const Key& key : keys())
        if (key.section == section && key.name == name) return &key;
    return nullptr;
}

}  // namespace respand::config
