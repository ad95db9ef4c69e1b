// A text with readable bytes behind it, as listeners deliver it.
#pragma once
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace respand::test {

class Padded {
  public:
    explicit Padded(std::string_view text) : size_(text.size()), memory_(text) {
        memory_.append(kRecordPadding, '"');
    }
    std::string_view view() const { return {memory_.data(), size_}; }

  private:
    std::size_t size_;
    std::string memory_;
};

}  // namespace respand::test
