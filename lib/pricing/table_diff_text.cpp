// A difference of tables as text and as JSON.
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text_table.hpp"
#include "base/units.hpp"
#include "pricing/table_diff.hpp"

namespace respand::pricing {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word(ModelDiff::Kind kind) {
    switch (kind) {
        case ModelDiff::Kind::added:
            return "added";
        case ModelDiff::Kind::removed:
            return "removed";
        case ModelDiff::Kind::changed:
            break;
    }
    return "changed";
}

/// As diff(1) marks lines.
std::string_view mark(ModelDiff::Kind kind) {
    switch (kind) {
        case ModelDiff::Kind::added:
            return "+";
        case ModelDiff::Kind::removed:
            return "-";
        case ModelDiff::Kind::changed:
            break;
    }
    return "~";
}

std::string per(const PriceChange& change) {
    if (!change.meter) return {};
    const MeterInfo& meter = info(*change.meter);
    return meter.per > 1 ? " USD per 1M " + std::string(meter.unit) + "s"
                         : " USD per " + std::string(meter.unit);
}

/// "+10 %", "-0.04 %".
std::string percent_text(double percent) {
    std::array<char, 32> buffer{};
    const double size = std::abs(percent);
    const char* format = size >= 1000 ? "%+.0f %%" : size >= 10 ? "%+.3g %%" : "%+.2g %%";
    std::snprintf(buffer.data(), buffer.size(), format, percent);
    return buffer.data();
}

std::string change_text(const PriceChange& change) {
    if (change.from.empty()) return change.to + per(change) + " (new)";
    if (change.to.empty()) return "was " + change.from + per(change) + ", is no longer stated";
    std::string text = change.from + " -> " + change.to + per(change);
    if (change.percent) text += " (" + percent_text(*change.percent) + ")";
    return text;
}

/// "provider openai, input 0.65 USD per 1M tokens, …"
std::string lines_text(const ModelDiff& model) {
    std::string text;
    for (const PriceChange& line : model.changes)
        text += (text.empty() ? "" : ", ") + line.what + " " + (line.to.empty() ? line.from : line.to) +
                per(line);
    return text.empty() ? "without a price in force" : text;
}

Json json_of(const PriceChange& change) {
    Json json{{"what", change.what},
              {"from", change.from.empty() ? Json(nullptr) : Json(change.from)},
              {"to", change.to.empty() ? Json(nullptr) : Json(change.to)}};
    if (change.percent) json["percent"] = std::round(*change.percent * 1e6) / 1e6;
    if (change.meter) {
        json["unit"] = info(*change.meter).unit;
        json["per"] = info(*change.meter).per;
    }
    return json;
}

}  // namespace

std::string render(const TableDiff& diff) {
    TextTable table({{""}, {"model"}, {"what"}, {"change"}});
    for (const ModelDiff& model : diff.models) {
        const std::string sign(mark(model.kind));
        if (model.kind != ModelDiff::Kind::changed)
            table.row({sign, model.key, std::string(word(model.kind)), lines_text(model)});
        else
            for (const PriceChange& change : model.changes)
                table.row({sign, model.key, change.what, change_text(change)});
    }
    for (const PriceChange& change : diff.names) {
        const char* sign = change.from.empty() ? "+" : change.to.empty() ? "-" : "~";
        const std::string target = change.from.empty() ? change.to
                                   : change.to.empty() ? change.from
                                                       : change.from + " -> " + change.to;
        table.row({sign, change.what, "name", "for " + target});
    }
    std::string text = table.rows() > 0 ? table.text() + "\n" : "";
    text += "models: " + grouped(diff.count(ModelDiff::Kind::added)) + " added, " +
            grouped(diff.count(ModelDiff::Kind::removed)) + " removed, " +
            grouped(diff.count(ModelDiff::Kind::changed)) + " changed, " + grouped(diff.same) + " the same";
    if (!diff.names.empty()) text += "; other names: " + grouped(diff.names.size()) + " differ";
    return text + "\n";
}

std::string diff_json(const TableDiff& diff) {
    Json json{{"added", diff.count(ModelDiff::Kind::added)},
              {"removed", diff.count(ModelDiff::Kind::removed)},
              {"changed", diff.count(ModelDiff::Kind::changed)},
              {"same", diff.same},
              {"models", Json::array()},
              {"names", Json::array()}};
    for (const ModelDiff& model : diff.models) {
        Json entry{{"model", model.key}, {"kind", word(model.kind)}, {"changes", Json::array()}};
        for (const PriceChange& change : model.changes) entry["changes"].push_back(json_of(change));
        json["models"].push_back(std::move(entry));
    }
    for (const PriceChange& change : diff.names) json["names"].push_back(json_of(change));
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace respand::pricing
