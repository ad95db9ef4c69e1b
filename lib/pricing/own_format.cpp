// Our own price file: "respand-pricing-1". README.md describes it, conf/pricing.schema.json states it.
#include <algorithm>
#include <array>

#include "pricing/own_members.hpp"

namespace respand::pricing {
namespace {

constexpr std::string_view kLeftOut = "; it is left out";

/// `{"per_second": …, "from": …}`.
std::expected<PricePeriod, EntryFault> read_rate(const JsonText& value, UnknownKeys& unknown) {
    if (value.kind != JsonText::Kind::object) {
        return std::unexpected(EntryFault{
            "a rate is " + shown(value) + ", expected {\"per_second\": …, \"from\": …}", value.line});
    }
    if (auto fault = check_repeats(value)) return std::unexpected(std::move(*fault));
    PricePeriod period;
    for (const JsonMember& member : value.members) {
        if (member.name == "per_second") {
            const std::optional<Money> price = read_price(member.value, 0);
            if (!price) return std::unexpected(fault_at(member, "expected US dollars per second"));
            period.base().set(Meter::run_second, *price);
        } else if (member.name == "from" || member.name == "until") {
            const Taken time = take_period_member(member, period, unknown);
            if (!time) return std::unexpected(time.error());
        } else if (member.name != "comment") {
            unknown.push_back({"key \"" + member.name + "\" is not known; it is ignored", member.value.line});
        }
    }
    if (period.base().empty()) {
        return std::unexpected(EntryFault{"\"per_second\" is missing", value.line});
    }
    return period;
}

std::expected<HardwareDraft, EntryFault> read_hardware(const JsonMember& member, UnknownKeys& unknown) {
    HardwareDraft draft{lower(member.name), {}};
    if (draft.name.empty() || draft.name.size() > kMaxNameBytes) {
        return std::unexpected(
            EntryFault{"a kind of hardware has a name of 1 to " + std::to_string(kMaxNameBytes) + " bytes",
                       member.value.line});
    }
    const bool dated = member.value.kind == JsonText::Kind::array;
    if (dated && member.value.members.empty()) return std::unexpected(fault_at(member, "without a rate"));
    const std::vector<JsonMember> one = dated ? std::vector<JsonMember>{} : std::vector{member};
    for (const JsonMember& element : dated ? member.value.members : one) {
        auto period = read_rate(element.value, unknown);
        if (!period) return std::unexpected(std::move(period.error()));
        draft.periods.push_back(std::move(*period));
    }
    if (auto fault = put_in_order(draft.periods, member.value.line))
        return std::unexpected(std::move(*fault));
    return draft;
}

void read_all_hardware(const JsonText& hardware, PriceFile& file, FileWarnings& warnings) {
    for (const JsonMember& member : hardware.members) {
        ++file.entries;
        UnknownKeys unknown;
        const std::string key = "hardware/" + member.name.substr(0, kMaxNameBytes);
        if (auto draft = read_hardware(member, unknown)) {
            for (const EntryFault& ignored : unknown) warnings.add(ignored.line, key, ignored.what);
            file.hardware.push_back(std::move(*draft));
        } else {
            warnings.add(draft.error().line, key, draft.error().what + std::string(kLeftOut));
        }
    }
}

/// `{"prefix": …, "model": …}` or `{"prefix": …, "replace_with": …}`.
std::expected<PrefixRule, EntryFault> read_prefix_rule(const JsonText& value, UnknownKeys& unknown) {
    const auto fault = [&value](std::string_view what) {
        return std::unexpected(EntryFault{"a prefix rule " + std::string(what), value.line});
    };
    if (value.kind != JsonText::Kind::object) return fault("is " + shown(value) + ", expected an object");
    if (auto repeated = check_repeats(value)) return std::unexpected(std::move(*repeated));
    PrefixRule rule{};
    rule.line = value.line;
    bool replaces = false;
    for (const JsonMember& member : value.members) {
        const bool known = member.name == "prefix" || member.name == "model" || member.name == "replace_with";
        if (!known) {
            if (member.name != "comment") {
                unknown.push_back(
                    {"key \"" + member.name + "\" is not known; it is ignored", member.value.line});
            }
            continue;
        }
        const bool may_be_empty = member.name == "replace_with";
        if (member.value.kind != JsonText::Kind::string || member.value.text.size() > kMaxNameBytes ||
            (member.value.text.empty() && !may_be_empty)) {
            return std::unexpected(
                fault_at(member, "expected a name of at most " + std::to_string(kMaxNameBytes) + " bytes"));
        }
        std::string& target = member.name == "prefix"  ? rule.prefix
                              : member.name == "model" ? rule.model
                                                       : rule.replace_with;
        target = lower(member.value.text);
        replaces = replaces || may_be_empty;
    }
    if (rule.prefix.empty()) return fault("lacks \"prefix\"");
    if (replaces == !rule.model.empty()) return fault("takes \"model\" or \"replace_with\", one of the two");
    return rule;
}

void read_prefix_rules(const JsonText& rules, PriceFile& file, FileWarnings& warnings) {
    for (const auto& [unused, value] : rules.members) {
        ++file.entries;
        UnknownKeys unknown;
        if (auto rule = read_prefix_rule(value, unknown)) {
            for (const EntryFault& ignored : unknown)
                warnings.add(ignored.line, "prefix_rules", ignored.what);
            file.prefix_rules.push_back(std::move(*rule));
        } else {
            warnings.add(rule.error().line, "prefix_rules", rule.error().what + std::string(kLeftOut));
        }
    }
}

/// The parts of a file. Each stands once at most.
struct Section {
    std::string_view name;
    JsonText::Kind kind;
    std::string_view expected;
};
constexpr std::array<Section, 5> kSections = {{
    {"format", JsonText::Kind::string, "a string"},
    {"version", JsonText::Kind::string, "a string"},
    {"models", JsonText::Kind::object, "an object"},
    {"hardware", JsonText::Kind::object, "an object"},
    {"prefix_rules", JsonText::Kind::array, "a list"},
}};

std::unexpected<Error> refused(const FileWarnings& file, const JsonMember& member, const std::string& what) {
    return fail(ErrorKind::data, file.file() + ":" + std::to_string(member.value.line) + ": key \"" +
                                     member.name + "\" " + what);
}

/// Every section is of its kind, and the format is ours.
Status check_sections(const JsonText& root, FileWarnings& warnings) {
    for (const JsonMember& member : root.members) {
        if (member.name == "comment" || member.name == "$schema") continue;
        const auto* section = std::ranges::find(kSections, member.name, &Section::name);
        if (section == kSections.end()) {
            warnings.add(member.value.line, "", "key \"" + member.name + "\" is not known; it is ignored");
            continue;
        }
        if (member.name == "format" && member.value.text != kOwnFormat) {
            return refused(
                warnings, member,
                "is " + shown(member.value) + ", this respand reads \"" + std::string(kOwnFormat) + "\"");
        }
        if (member.value.kind != section->kind) {
            return refused(warnings, member,
                           "is " + shown(member.value) + ", expected " + std::string(section->expected));
        }
        if (root.find(member.name) != &member.value) return refused(warnings, member, "stands twice");
    }
    return {};
}

}  // namespace

Result<PriceFile> read_own_format(const JsonText& root, FileWarnings& warnings) {
    if (Status sections = check_sections(root, warnings); !sections) {
        return std::unexpected(std::move(sections.error()));
    }
    const JsonText* models = root.find("models");
    const JsonText* hardware = root.find("hardware");
    const JsonText* prefix_rules = root.find("prefix_rules");
    if (models == nullptr && hardware == nullptr && prefix_rules == nullptr) {
        return fail(ErrorKind::data, warnings.file() + ": key \"models\" is missing");
    }
    PriceFile file;
    if (const JsonText* version = root.find("version")) file.version = version->text;
    if (hardware != nullptr) read_all_hardware(*hardware, file, warnings);
    if (prefix_rules != nullptr) read_prefix_rules(*prefix_rules, file, warnings);
    if (models == nullptr) return file;
    file.entries += models->members.size();
    for (const JsonMember& model : models->members) {
        if (std::optional<ModelDraft> draft = read_own_model(model, warnings)) {
            file.models.push_back(std::move(*draft));
        }
    }
    return file;
}

}  // namespace respand::pricing
