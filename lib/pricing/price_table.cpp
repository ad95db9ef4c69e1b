#include "pricing/price_table.hpp"

#include <algorithm>

#include "pricing/sha256.hpp"
#include "pricing/table_builder.hpp"
#include "pricing/table_files.hpp"

namespace respand::pricing {
namespace {

/// Hex digits of the hash in a table's id: enough to tell any two tables apart that ever meet.
constexpr std::size_t kIdDigits = 16;

enum class Layer { base, overlay };

/// A base without a single price is a fault, and so is a file of which nothing could be used. An overlay that
/// has nothing to say is not.
bool is_usable(const PriceFile& file, Layer layer) {
    if (layer == Layer::overlay && file.entries == 0) return true;
    if (!file.hardware.empty() || (layer == Layer::overlay && !file.prefix_rules.empty())) return true;
    return std::ranges::any_of(file.models, [layer](const ModelDraft& draft) {
        return draft.has_prices() || (layer == Layer::overlay && !draft.aliases.empty());
    });
}

/// Merges one file; its version when all went well.
Result<std::string> add_file(TableBuilder& builder, const FileText& file, Layer layer,
                             std::vector<LoadWarning>& warnings) {
    const std::size_t before = warnings.size();
    FileWarnings file_warnings(file.path, &warnings);
    Result<PriceFile> models = read_price_file(file.text, file_warnings);
    if (!models) return std::unexpected(std::move(models.error()));
    if (!is_usable(*models, layer)) {
        std::string message = file.path + ": holds no model with a usable price";
        if (warnings.size() > before) {
            const LoadWarning& first = warnings[before];
            message += "; the first fault: line " + std::to_string(first.line) + ", key \"" + first.key +
                       "\": " + first.message;
        }
        return fail(ErrorKind::data, std::move(message));
    }
    std::string version = models->version;
    builder.add(std::move(*models), file_warnings);
    return version;
}

/// "sha256:" and the beginning of the hash of all texts in their order.
std::string id_of(const std::vector<FileText>& files) {
    std::string content;
    for (const FileText& file : files) content += file.text;
    return "sha256:" + sha256_hex(content).substr(0, kIdDigits);
}

Result<std::vector<FileText>> read_all(std::span<const std::string> paths) {
    std::vector<FileText> files;
    for (const std::string& path : paths) {
        Result<FileText> file = read_price_text(path);
        if (!file) return std::unexpected(std::move(file.error()));
        files.push_back(std::move(*file));
    }
    return files;
}

}  // namespace

std::string_view name(MatchRule rule) {
    switch (rule) {
        case MatchRule::exact:
            return "exact";
        case MatchRule::with_provider:
            return "with_provider";
        case MatchRule::without_provider:
            return "without_provider";
        case MatchRule::replicate_name:
            return "replicate_name";
        case MatchRule::alias:
            return "alias";
        case MatchRule::without_date:
            return "without_date";
        case MatchRule::prefix_rule:
            return "prefix_rule";
        case MatchRule::hardware:
            return "hardware";
        case MatchRule::never_ran:
            return "never_ran";
    }
    return "unknown";
}

std::string in_words(const LoadWarning& warning) {
    const std::string line = warning.line == 0 ? "" : ":" + std::to_string(warning.line);
    return warning.file + line + (warning.key.empty() ? "" : ": '" + warning.key + "'") + ": " +
           warning.message;
}

struct PriceTable::Impl {
    /// The first file is the base, the rest are overlays.
    static Result<std::shared_ptr<const PriceTable>> build(const std::vector<FileText>& files, std::string id,
                                                           std::vector<LoadWarning>* warnings) {
        TableBuilder builder;
        std::vector<LoadWarning> found;
        std::shared_ptr<PriceTable> table(new PriceTable);
        for (const FileText& file : files) {
            const Layer layer = &file == &files.front() ? Layer::base : Layer::overlay;
            Result<std::string> version = add_file(builder, file, layer, found);
            if (!version) return std::unexpected(std::move(version.error()));
            if (layer == Layer::base) table->impl_->version = std::move(*version);
            table->impl_->paths.push_back(file.path);
        }
        table->impl_->id = std::move(id);
        TableParts parts = std::move(builder).finish(found);
        table->impl_->parts = std::move(parts);
        if (warnings != nullptr) std::ranges::move(found, std::back_inserter(*warnings));
        return table;
    }

    TableParts parts;
    std::vector<std::string> paths;  ///< of the files, in their order
    std::string id;
    std::string version;
};

PriceTable::PriceTable() : impl_(std::make_unique<Impl>()) {}
PriceTable::~PriceTable() = default;

Result<std::shared_ptr<const PriceTable>> PriceTable::load(
    const PricingSettings& settings, std::vector<LoadWarning>* warnings,
    const std::shared_ptr<const PriceTable>& in_force) {
    Result<std::vector<std::string>> paths = overlay_paths(settings.overlays);
    if (!paths) return std::unexpected(std::move(paths.error()));
    paths->insert(paths->begin(), settings.table);
    const Result<std::vector<FileText>> files = read_all(*paths);
    if (!files) return std::unexpected(files.error());
    std::string id = id_of(*files);
    if (in_force && in_force->id() == id && in_force->impl_->paths == *paths) return in_force;
    return Impl::build(*files, std::move(id), warnings);
}

Result<std::shared_ptr<const PriceTable>> PriceTable::load_files(std::span<const std::string> paths,
                                                                 std::vector<LoadWarning>* warnings) {
    const Result<std::vector<FileText>> files = read_all(paths);
    if (!files) return std::unexpected(files.error());
    return Impl::build(*files, id_of(*files), warnings);
}

Result<std::shared_ptr<const PriceTable>> PriceTable::parse(std::string_view json, const std::string& file,
                                                            std::vector<LoadWarning>* warnings) {
    const std::vector<FileText> files{{file, std::string(json)}};
    return Impl::build(files, id_of(files), warnings);
}

std::shared_ptr<const PriceTable> PriceTable::none() {
    std::shared_ptr<PriceTable> table(new PriceTable);
    table->impl_->id = "none";
    return table;
}

std::optional<Match> PriceTable::find(std::string_view model, std::string_view provider) const {
    const TableParts& parts = impl_->parts;
    const std::optional<NameIndex::Found> found = parts.names.resolve(model, provider, parts.entries);
    if (!found) return std::nullopt;
    return Match{&parts.entries[found->entry], found->rule};
}

const PriceEntry* PriceTable::hardware(std::string_view name) const {
    if (name.empty()) return nullptr;
    const auto same = [name](const PriceEntry& entry) { return is_lower_of(entry.hardware, name); };
    const auto found = std::ranges::find_if(impl_->parts.hardware, same);
    return found == impl_->parts.hardware.end() ? nullptr : &*found;
}

std::vector<OtherName> PriceTable::other_names() const {
    std::vector<OtherName> all;
    for (auto& [name, entry] : impl_->parts.names.aliases())
        all.push_back({OtherName::Kind::alias, std::move(name), impl_->parts.entries[entry].key});
    std::vector<OtherName> rules;
    for (const PrefixRule& rule : impl_->parts.names.prefix_rules())
        rules.push_back(rule.model.empty()
                            ? OtherName{OtherName::Kind::replaced, rule.prefix, rule.replace_with}
                            : OtherName{OtherName::Kind::prefix, rule.prefix, rule.model});
    std::ranges::sort(rules, {}, &OtherName::name);
    std::ranges::move(rules, std::back_inserter(all));
    return all;
}

std::span<const PriceEntry> PriceTable::entries() const { return impl_->parts.entries; }
std::span<const PriceEntry> PriceTable::hardware_entries() const { return impl_->parts.hardware; }
std::size_t PriceTable::size() const { return impl_->parts.entries.size(); }
const std::string& PriceTable::id() const { return impl_->id; }
const std::string& PriceTable::version() const { return impl_->version; }

}  // namespace respand::pricing
