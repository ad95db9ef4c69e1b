// One price file → models with prices, not yet merged with anything.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pricing/json_text.hpp"
#include "pricing/price_table.hpp"

namespace respand::pricing {

/// Longest model name, alias or key in bytes. The longest of 3,000 known ones has 76; the limit lets a lookup
/// live on the stack.
inline constexpr std::size_t kMaxNameBytes = 256;

/// What one entry of a file says of a model.
struct ModelDraft {
    std::string key;                   ///< as spelled in the file
    std::string provider;              ///< lower case, canonical; empty: not stated
    std::vector<std::string> aliases;  ///< as spelled in the file
    std::vector<PricePeriod> periods;  ///< by `from`, ascending
    std::string hardware;              ///< lower case; empty: none
    bool bill_failed = false;
    bool mixed_output = false;  ///< see PriceEntry
    /// The entry says something of prices (be it that tokens have none). False: it only adds aliases.
    bool states_prices = true;
    std::size_t line = 0;

    /// Some use of the model has a price.
    bool has_prices() const;
};

/// What one file says of a kind of hardware.
struct HardwareDraft {
    std::string name;                  ///< lower case
    std::vector<PricePeriod> periods;  ///< by `from`, ascending; each has a price for Meter::run_second
};

/// Names that begin so mean another name.
struct PrefixRule {
    std::string prefix;  ///< lower case, not empty
    std::string model;   ///< the model's key or alias; empty: see replace_with
    /// What stands in place of the prefix when `model` is empty; may be empty itself.
    std::string replace_with;
    std::string origin{};  ///< file it came from
    std::size_t line = 0;
};

struct PriceFile {
    std::string version;      ///< the file's own date, or empty
    std::size_t entries = 0;  ///< that stood in the file, unusable ones included
    std::vector<ModelDraft> models;
    std::vector<HardwareDraft> hardware;
    std::vector<PrefixRule> prefix_rules;
};

/// The faults of single entries of one file.
class FileWarnings {
  public:
    /// `warnings` may be null.
    FileWarnings(const std::string& file, std::vector<LoadWarning>* warnings)
        : file_(file), warnings_(warnings) {}
    void add(std::size_t line, const std::string& key, const std::string& message) {
        if (warnings_ != nullptr) warnings_->push_back({file_, line, key, message});
    }
    const std::string& file() const { return file_; }

  private:
    const std::string& file_;
    std::vector<LoadWarning>* warnings_;
};

/// Recognises the format and reads it. Error: not JSON, neither format, or a version of ours that is not
/// known.
Result<PriceFile> read_price_file(std::string_view json, FileWarnings& warnings);

/// "respand-pricing-1", see README.md.
inline constexpr std::string_view kOwnFormat = "respand-pricing-1";
Result<PriceFile> read_own_format(const JsonText& root, FileWarnings& warnings);

/// LiteLLM's model_prices_and_context_window.json.
bool looks_like_litellm(const JsonText& root);
PriceFile read_litellm_format(const JsonText& root, FileWarnings& warnings);

/// A price as a number or a string of its text, times 10^power; empty when it is none.
std::optional<Money> read_price(const JsonText& value, int power);
/// A value as it may stand in a message: cut short.
std::string shown(const JsonText& value);
/// ASCII letters in lower case.
std::string lower(std::string_view text);
/// `lowered` is `text` in lower case. Allocates nothing.
bool is_lower_of(std::string_view lowered, std::string_view text);

}  // namespace respand::pricing
