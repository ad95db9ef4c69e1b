// Merges price files into one table: later files win per model.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "pricing/name_index.hpp"
#include "pricing/price_file.hpp"

namespace respand::pricing {

class TableBuilder {
  public:
    /// Takes the models of one file over those of the files before it.
    void add(PriceFile file, FileWarnings& warnings);

    std::vector<PriceEntry> entries() && { return std::move(entries_); }
    NameIndex names() && { return std::move(names_); }

  private:
    std::optional<std::uint32_t> entry_of(const ModelDraft& draft) const;
    void put_prices(const ModelDraft& draft, FileWarnings& warnings);
    void put_aliases(const ModelDraft& draft, FileWarnings& warnings);

    std::vector<PriceEntry> entries_;
    std::vector<std::uint32_t> file_of_entry_;  ///< number of the file that last stated its prices
    std::uint32_t file_ = 0;
    NameIndex names_;
};

}  // namespace respand::pricing
