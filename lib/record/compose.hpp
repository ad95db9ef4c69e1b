// The text of a record as it will be posted.
#pragma once
#include <string>
#include <string_view>

namespace respand {

/// Fields that are added to a record. Empty: not added.
struct AddedFields {
    std::string_view timestamp{};          ///< RFC 3339
    std::string_view custom_identifier{};  ///< a UUID
    std::string_view cost{};               ///< decimal text
    std::string_view metadata{};           ///< members for the record's `metadata`, see metadata.hpp
};

/// Appends `text` (one JSON object with at least one member) to `out` with the fields spliced in before its
/// last brace, or into its `metadata`. Everything else is copied as it is. The added text is at most
/// kAddedFieldsReserve bytes.
void append_record(std::string& out, std::string_view text, const AddedFields& added);

}  // namespace respand
