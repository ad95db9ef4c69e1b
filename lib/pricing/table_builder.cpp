#include "pricing/table_builder.hpp"

#include <algorithm>

#include "pricing/known_names.hpp"

namespace respand::pricing {
namespace {

bool same_prices(const PriceEntry& entry, const ModelDraft& draft) {
    return entry.periods == draft.periods && entry.hardware == draft.hardware &&
           entry.bill_failed == draft.bill_failed && entry.mixed_output == draft.mixed_output;
}

void set_prices(PriceEntry& entry, const ModelDraft& draft) {
    entry.periods = draft.periods;
    entry.hardware = draft.hardware;
    entry.bill_failed = draft.bill_failed;
    entry.mixed_output = draft.mixed_output;
}

}  // namespace

void TableBuilder::add(PriceFile file, FileWarnings& warnings) {
    ++file_;
    std::vector<std::optional<std::uint32_t>> known(file.models.size());
    for (std::size_t i = 0; i < file.models.size(); ++i) {
        if (file.models[i].states_prices) known[i] = put_prices(file.models[i], warnings);
    }
    // After all keys, so that an alias never hides a model that stands further down.
    for (std::size_t i = 0; i < file.models.size(); ++i) {
        const ModelDraft& draft = file.models[i];
        if (!known[i]) known[i] = without_prices(draft);
        if (known[i]) {
            put_aliases(draft, *known[i], warnings);
        } else {
            warnings.add(
                draft.line, draft.key,
                "the entry has no price, and no model of that name stands in the table; it is ignored");
        }
    }
    for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
        if (file_of_entry_[entry] == file_) put_known_names(entry);
    }
    for (HardwareDraft& draft : file.hardware) put_hardware(std::move(draft), warnings);
    for (PrefixRule& rule : file.prefix_rules) {
        rule.origin = warnings.file();
        names_.put_prefix(std::move(rule));
    }
}

/// The model that a draft speaks of, if it is in the table already: under its own key; in an earlier file
/// also under an alias or, for "provider/name", as that provider's "name".
std::optional<std::uint32_t> TableBuilder::entry_of(const ModelDraft& draft) const {
    const std::string key = lower(draft.key);
    const NameIndex::Target* same = names_.at(key);
    if (same != nullptr && (!same->alias || file_of_entry_[same->entry] != file_)) return same->entry;
    const std::size_t slash = key.find('/');
    if (same != nullptr || slash == std::string::npos) return std::nullopt;
    const NameIndex::Target* bare = names_.at(std::string_view(key).substr(slash + 1));
    const bool same_model = bare != nullptr && !bare->alias && file_of_entry_[bare->entry] != file_ &&
                            entries_[bare->entry].provider == std::string_view(key).substr(0, slash);
    return same_model ? std::optional(bare->entry) : std::nullopt;
}

/// The model that a draft without prices speaks of: one of the same file by its key, or a known one.
std::optional<std::uint32_t> TableBuilder::without_prices(const ModelDraft& draft) const {
    const NameIndex::Target* same = names_.at(lower(draft.key));
    return same != nullptr ? std::optional(same->entry) : entry_of(draft);
}

/// The model whose prices these are, from now on.
std::uint32_t TableBuilder::put_prices(const ModelDraft& draft, FileWarnings& warnings) {
    if (!draft.provider.empty()) names_.add_provider(draft.provider);
    if (const std::optional<std::uint32_t> known = entry_of(draft)) {
        PriceEntry& entry = entries_[*known];
        if (file_of_entry_[*known] == file_ && !same_prices(entry, draft)) {
            warnings.add(draft.line, draft.key,
                         "the model stands twice in this file, with different prices; the last one counts");
        }
        set_prices(entry, draft);
        entry.origin = warnings.file();
        if (!draft.provider.empty()) entry.provider = draft.provider;
        file_of_entry_[*known] = file_;
        return *known;
    }
    const auto index = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({.key = draft.key, .provider = draft.provider, .origin = warnings.file()});
    set_prices(entries_.back(), draft);
    file_of_entry_.push_back(file_);
    names_.put(lower(draft.key), {index, false});
    return index;
}

/// The other spelling of a model that goes by two. It gives way to whatever a file states.
void TableBuilder::put_known_names(std::uint32_t entry) {
    constexpr std::string_view kPrefix = "replicate/";
    if (entries_[entry].provider != "replicate") return;
    std::string name = lower(entries_[entry].key);
    if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
    const auto put = [this, entry](const std::string& alias) {
        if (names_.at(alias) == nullptr) names_.put(alias, {entry, true});
    };
    for (const auto& [gateway, replicate] : kKnownNames) {
        if (name == replicate) put(std::string(kPrefix).append(gateway));
        if (name != gateway) continue;
        put(std::string(kPrefix).append(replicate));
        put(std::string(replicate));  // nobody else's; "meta/llama-3-…" are names that others use, too
    }
}

void TableBuilder::put_aliases(const ModelDraft& draft, std::uint32_t entry, FileWarnings& warnings) {
    if (!draft.states_prices && draft.aliases.empty()) {
        warnings.add(draft.line, draft.key, "the entry has neither price nor alias; it is ignored");
    }
    for (const std::string& alias : draft.aliases) {
        const std::string name = lower(alias);
        const NameIndex::Target* taken = names_.at(name);
        if (taken != nullptr && taken->entry == entry) continue;
        if (taken != nullptr && !taken->alias) {
            warnings.add(draft.line, draft.key,
                         "alias \"" + alias + "\" is the name of another model; it is ignored");
            continue;
        }
        if (taken != nullptr && file_of_entry_[taken->entry] == file_) {
            warnings.add(draft.line, draft.key,
                         "alias \"" + alias + "\" is declared for another model too; the last one counts");
        }
        names_.put(name, {entry, true});
    }
}

void TableBuilder::put_hardware(HardwareDraft draft, FileWarnings& warnings) {
    auto entry = std::ranges::lower_bound(hardware_, draft.name, {}, &PriceEntry::hardware);
    if (entry == hardware_.end() || entry->hardware != draft.name) {
        entry = hardware_.insert(entry, {.key = "hardware/" + draft.name, .hardware = draft.name});
    }
    entry->origin = warnings.file();
    entry->periods = std::move(draft.periods);
}

/// What the files point at across each other, and is not there.
void TableBuilder::check_references(std::vector<LoadWarning>& warnings) const {
    for (const PriceEntry& entry : entries_) {
        if (entry.hardware.empty() ||
            std::ranges::binary_search(hardware_, entry.hardware, {}, &PriceEntry::hardware)) {
            continue;
        }
        warnings.push_back({entry.origin, 0, entry.key,
                            "it runs on \"" + entry.hardware +
                                "\", which has no rate in \"hardware\": its run time has no price"});
    }
    for (const PrefixRule& rule : names_.prefix_rules()) {
        if (rule.model.empty() || names_.resolve(rule.model, {}, entries_)) continue;
        warnings.push_back({rule.origin, rule.line, "prefix_rules",
                            "\"" + rule.prefix + "\" leads to the model \"" + rule.model +
                                "\", which is not in the table: such names stay unknown"});
    }
}

TableParts TableBuilder::finish(std::vector<LoadWarning>& warnings) && {
    check_references(warnings);
    return {std::move(entries_), std::move(hardware_), std::move(names_)};
}

}  // namespace respand::pricing
