#include "pipeline/price_notes.hpp"

#include <functional>
#include <utility>

#include "record/metadata.hpp"
#include "record/record.hpp"

namespace respand::pipeline {
namespace {

/// Bytes of a value inside metadata, escapes counted. Together with the names and the other added fields they
/// stay within kAddedFieldsReserve. The longest known key has 76; a longer one is cut here, not in the spool.
constexpr std::size_t kMaxKey = 256;
constexpr std::size_t kMaxShort = 64;
constexpr std::size_t kNamesAndQuotes = 200;
constexpr std::size_t kOtherAddedFields = 200;  // timestamp, id and cost take 140
static_assert(kMaxKey + 4 * kMaxShort + kNamesAndQuotes + kOtherAddedFields <= kAddedFieldsReserve);

std::string table_annotation(const pricing::PriceTable& table, const std::string& key,
                             std::string_view rule) {
    std::string members;
    append_text_member(members, annotation::kCostSource, name(pricing::CostSource::table), kMaxShort);
    append_text_member(members, annotation::kPriceTable, table.id(), kMaxShort);
    if (!table.version().empty())
        append_text_member(members, annotation::kPriceVersion, table.version(), kMaxShort);
    append_text_member(members, annotation::kPriceKey, key, kMaxKey);
    append_text_member(members, annotation::kPriceRule, rule, kMaxShort);
    return members;
}

std::string number_key(std::string_view key, std::string_view rule) {
    return std::string(rule) + '\n' + std::string(key);
}

}  // namespace

std::size_t PriceNotes::PlaceHash::operator()(const Place& place) const {
    return std::hash<const void*>{}(place.entry) ^ (static_cast<std::size_t>(place.rule) << 1U);
}

PriceNotes::PriceNotes(std::shared_ptr<const pricing::PriceTable> table) : table_(std::move(table)) {
    for (std::size_t i = 0; i < kOutcomes; ++i)
        append_text_member(without_table_.at(i), annotation::kCostSource, name(static_cast<Outcome>(i)),
                           kMaxShort);
}

void PriceNotes::resume(const std::vector<spool::Source>& known, spool::SourceId next) {
    next_ = next;
    for (const spool::Source& source : known)
        if (source.table_id == table_->id() && source.table_version == table_->version() &&
            numbers_.size() < kMaxKnown)
            numbers_.emplace(number_key(source.key, source.rule), source.id);
}

PriceNote PriceNotes::note(const pricing::Priced& priced) {
    if (priced.source != pricing::CostSource::table || priced.entry == nullptr)
        return {spool::kNoSource, without_table_.at(static_cast<std::size_t>(outcome_of(priced)))};
    const Known& found = known(priced);
    return {found.source, found.annotation};
}

const PriceNotes::Known& PriceNotes::known(const pricing::Priced& priced) {
    const Place place{priced.entry, priced.rule};
    const auto found = places_.find(place);
    if (found != places_.end()) return found->second;
    if (places_.size() >= kMaxKnown || numbers_.size() >= kMaxKnown) {
        places_.clear();
        numbers_.clear();
    }
    const std::string& key = priced.entry->key;
    const std::string_view rule = name(priced.rule);
    return places_.emplace(place, Known{number(key, rule), table_annotation(*table_, key, rule)})
        .first->second;
}

spool::SourceId PriceNotes::number(const std::string& key, std::string_view rule) {
    const auto [at, fresh] = numbers_.emplace(number_key(key, rule), next_);
    if (fresh) new_.push_back({next_++, table_->id(), table_->version(), key, std::string(rule)});
    return at->second;
}

std::shared_ptr<const pricing::PriceTable> PriceNotes::set_table(
    std::shared_ptr<const pricing::PriceTable> table) {
    places_.clear();
    if (table->id() != table_->id() || table->version() != table_->version()) numbers_.clear();
    return std::exchange(table_, std::move(table));
}

std::vector<spool::NewSource> PriceNotes::take_new() { return std::exchange(new_, {}); }

}  // namespace respand::pipeline
