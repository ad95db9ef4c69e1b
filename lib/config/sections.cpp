// The sections of the registry.
#include <array>

#include "config/registry.hpp"

namespace respand::config {
namespace {

bool always(const Config&) { return true; }
bool never_present(const Config&) { return false; }
void never(Config&) {}

Status validate_upload(const Config& config) {
    if (auto valid = config.upload.validate(); !valid) return valid;
    const CredentialSources& sources = config.credentials;
    for (const auto* source : {&sources.proxy_password, &sources.client_key}) {
        if (!*source) continue;
        if (auto valid = validate(**source); !valid) return valid;
    }
    const upload::NetworkSettings& network = config.upload.network;
    if (sources.client_key.has_value() == network.client_certificate.empty())
        return fail(ErrorKind::config, "client_certificate and client_key belong together; set both or none");
    if (sources.proxy_password && network.proxy.find('@') == std::string::npos)
        return fail(ErrorKind::config,
                    "proxy_password has no user; write the user into proxy, as in \"http://user@host:3128\"");
    return validate(sources.api_key);
}

constexpr std::array kSections{
    Section{
        "ingest.unix_datagram",
        "Unix datagram socket: one JSON object a datagram; a larger record in a sealed memfd. Off when the "
        "section is absent.",
        [](const Config& c) { return c.ingest.unix_datagram.has_value(); },
        [](Config& c) { c.ingest.unix_datagram.reset(); },
        [](const Config& c) { return c.ingest.unix_datagram->validate(); }},
    Section{
        "ingest.unix_stream",
        "Unix stream socket: newline-delimited JSON over many connections. Off when the section is absent.",
        [](const Config& c) { return c.ingest.unix_stream.has_value(); },
        [](Config& c) { c.ingest.unix_stream.reset(); },
        [](const Config& c) { return c.ingest.unix_stream->validate(); }},
    Section{
        "ingest.udp",
        "UDP: one JSON object a datagram; what the kernel drops is counted. Off when the section is absent.",
        [](const Config& c) { return c.ingest.udp.has_value(); }, [](Config& c) { c.ingest.udp.reset(); },
        [](const Config& c) { return c.ingest.udp->validate(); }},
    Section{"ingest.http",
            "HTTP: `POST /v1/records`, and the API's own `/api/request-logs/create/` and `…/bulk/`; answered "
            "when the records are durable. Off when the section is absent.",
            [](const Config& c) { return c.ingest.http.has_value(); },
            [](Config& c) { c.ingest.http.reset(); },
            [](const Config& c) { return c.ingest.http->validate(); }},
    Section{"spool", "The durable queue on disk.", always, never,
            [](const Config& c) { return c.spool.validate(); }},
    Section{"pricing", "What a record costs.", always, never,
            [](const Config& c) { return c.pricing.validate(); }},
    Section{"upload", "Delivery to the Respan API.", always, never, validate_upload},
    Section{"lane",
            "Records of certain models, customers or senders go out with a key of their own, or to another "
            "server. Any number of times, up to 64; each may also hold any key of `[upload]`, what it does "
            "not say is as there.",
            never_present, never,
            [](const Config& c) {
                if (auto valid = c.lanes.front().route.validate(); !valid) return valid;
                return validate_upload(c);
            },
            true},
    Section{"control", "The socket that respanctl speaks to.", always, never,
            [](const Config& c) { return c.control.validate(); }},
    Section{"log", "What the daemon writes about itself. Never record content or keys.", always, never,
            [](const Config& c) { return c.log.validate(); }},
};

}  // namespace

std::span<const Section> sections() { return kSections; }

const Section* find_section(std::string_view name) {
    for (const Section& section : kSections)
        if (section.name == name) return &section;
    return nullptr;
}

}  // namespace respand::config
