// What a stored record is called: for dead letters and lists.
#pragma once
#include <string>
#include <string_view>

namespace respand::pipeline {

struct RecordNames {
    std::string model;
    std::string id;  ///< its custom_identifier, which every stored record has
};

/// Reads a record as it is stored. Empty where it says nothing. Slow (a scan of the top level): for single
/// records.
RecordNames names_of(std::string_view record);

}  // namespace respand::pipeline
