// The text format that Prometheus and its kin read (version 0.0.4), written line by line. Pure.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.hpp"

namespace respand::control {

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

/// Name and value. Values may hold anything: they are escaped, and what is no UTF-8 is replaced.
using Labels = std::vector<std::pair<std::string_view, std::string>>;

class Exposition {
  public:
    /// Opens a family; its samples have to follow before the next one. `type`: "counter", "gauge" or
    /// "histogram".
    void family(std::string_view name, std::string_view type, std::string_view help);
    /// One sample of the open family.
    void sample(double value, const Labels& labels = {});
    void sample(std::uint64_t value, const Labels& labels = {});
    /// The samples of a histogram: its buckets (cumulative, as the format wants), sum and count.
    void histogram(const Histogram& histogram, const Labels& labels = {});

    std::string text() && { return std::move(text_); }

  private:
    void line(std::string_view suffix, const Labels& labels, std::string_view value);

    std::string name_;
    std::string text_;
};

/// A label's value as it stands between the quotes.
std::string escaped_label(std::string_view value);

}  // namespace respand::control
