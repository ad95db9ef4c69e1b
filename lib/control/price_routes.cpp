#include "control/price_routes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/coverage.hpp"

namespace respand::control {
namespace {

using Json = nlohmann::ordered_json;

/// Counts of one model, or of all.
struct Tally {
    std::uint64_t records = 0, unpriced = 0;
    std::map<std::string, std::uint64_t> outcomes;

    void add(const spool::Coverage& row) {
        records += row.records;
        if (!pipeline::is_priced(row.outcome)) unpriced += row.records;
        outcomes[row.outcome] += row.records;
    }
    Json json() const {
        return {{"records", records},
                {"priced", records - unpriced},
                {"unpriced", unpriced},
                {"outcomes", outcomes}};
    }
};

using Model = std::pair<std::string, Tally>;

/// Unpriced first: that is what somebody has to act on.
bool comes_first(const Model& a, const Model& b) {
    if (a.second.unpriced != b.second.unpriced) return a.second.unpriced > b.second.unpriced;
    if (a.second.records != b.second.records) return a.second.records > b.second.records;
    return a.first < b.first;
}

std::string date(std::int64_t day) {
    const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{day}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                       static_cast<unsigned>(ymd.day()));
}

}  // namespace

std::string coverage_json(const std::vector<spool::Coverage>& rows, std::int64_t today, std::uint64_t days,
                          std::size_t limit) {
    Tally total;
    std::map<std::string, Tally> by_model;
    for (const spool::Coverage& row : rows) {
        total.add(row);
        by_model[row.model].add(row);
    }
    std::vector<Model> models(by_model.begin(), by_model.end());
    std::ranges::sort(models, comes_first);
    Json json{
        {"from", date(today - static_cast<std::int64_t>(days) + 1)}, {"to", date(today)}, {"days", days}};
    json.update(total.json());
    json["models"] = Json::array();
    for (std::size_t i = 0; i < std::min(limit, models.size()); ++i) {
        Json model{{"model", models[i].first}};
        model.update(models[i].second.json());
        json["models"].push_back(std::move(model));
    }
    json["models_left_out"] = models.size() - std::min(limit, models.size());
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void add_price_routes(Router& router, PriceSources sources) {
    router.add("GET", "/prices/coverage", "models of the last days, priced or not and why (days, limit)",
               [sources = std::move(sources)](const Request& request, const Answer& answer) {
                   const auto days = request.number("days", kCoverageDays, kMaxCoverageDays);
                   if (!days) return answer(failure(days.error()));
                   const auto limit = request.number("limit", kCoverageModels, kMaxCoverageModels);
                   if (!limit) return answer(failure(limit.error()));
                   if (*days == 0)
                       return answer(failure({ErrorKind::usage, "parameter days is 0; today alone is 1"}));
                   const std::int64_t today = pipeline::day_of(sources.now());
                   sources.coverage(today - static_cast<std::int64_t>(*days) + 1, [=](const auto& rows) {
                       answer(rows ? Response{.body = coverage_json(*rows, today, *days, *limit)}
                                   : failure(rows.error()));
                   });
               });
}

}  // namespace respand::control
