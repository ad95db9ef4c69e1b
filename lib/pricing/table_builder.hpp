// Merges price files into one table: later files win per model.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "pricing/name_index.hpp"
#include "pricing/price_file.hpp"

namespace respand::pricing {

/// What a table is made of.
struct TableParts {
    std::vector<PriceEntry> entries;
    std::vector<PriceEntry> hardware;  ///< by name; each has that name as its own `hardware`
    NameIndex names;
};

class TableBuilder {
  public:
    /// Takes the models of one file over those of the files before it.
    void add(PriceFile file, FileWarnings& warnings);

    /// Once, after all files. Says what does not fit together between them.
    TableParts finish(std::vector<LoadWarning>& warnings) &&;

  private:
    std::optional<std::uint32_t> entry_of(const ModelDraft& draft) const;
    std::optional<std::uint32_t> without_prices(const ModelDraft& draft) const;
    std::uint32_t put_prices(const ModelDraft& draft, FileWarnings& warnings);
    void put_known_names(std::uint32_t entry);
    void put_aliases(const ModelDraft& draft, std::uint32_t entry, FileWarnings& warnings);
    void put_hardware(HardwareDraft draft, FileWarnings& warnings);
    void check_references(std::vector<LoadWarning>& warnings) const;

    std::vector<PriceEntry> entries_;
    std::vector<PriceEntry> hardware_;          ///< by name
    std::vector<std::uint32_t> file_of_entry_;  ///< number of the file that last stated its prices
    std::uint32_t file_ = 0;
    NameIndex names_;
};

}  // namespace respand::pricing
