#include "sandbox/server/faults.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/units.hpp"

namespace respand::sandbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kRounding = 1e-9;  // 0.1 + 0.2 + 0.7 is not more than 1

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_share(double rate) { return rate >= 0 && rate <= 1; }

std::unexpected<Error> wrong(const std::string& key, const std::string& expected) {
    return fail(ErrorKind::data, "'" + key + "' must be " + expected);
}

Result<FailShare> read_share(const Json& value) {
    if (value.is_string()) return parse_fail(value.get_ref<const std::string&>());
    if (value.is_number_integer()) return parse_fail(value.dump());
    if (!value.is_object() || !value.contains("status") || !value.at("status").is_number_integer())
        return wrong("fail", R"(a list of "STATUS[:RATE]" or of {"status": 500, "rate": 0.1})");
    FailShare share{value.at("status").get<int>(), 1.0};
    for (const auto& [key, item] : value.items()) {
        if (key == "rate" && item.is_number())
            share.rate = item.get<double>();
        else if (key != "status")
            return wrong("fail", R"(a list of "STATUS[:RATE]" or of {"status": 500, "rate": 0.1})");
    }
    return share;
}

Status read_fail(Faults& faults, const Json& value) {
    if (!value.is_array()) return wrong("fail", R"(a list, such as ["500:0.1", "429"])");
    for (const Json& item : value) {
        auto share = read_share(item);
        if (!share) return std::unexpected(share.error());
        faults.fail.push_back(*share);
    }
    return {};
}

Status read_models(Faults& faults, const Json& value) {
    if (!value.is_array()) return wrong("fail_models", "a list of model names");
    for (const Json& item : value) {
        if (!item.is_string()) return wrong("fail_models", "a list of model names");
        faults.fail_models.push_back(item.get<std::string>());
    }
    return {};
}

Status read_latency(Faults& faults, const Json& value) {
    if (!value.is_string()) return wrong("latency", R"(a duration with its unit, such as "200ms")");
    auto latency = parse_duration(value.get_ref<const std::string&>());
    if (!latency) return std::unexpected(std::move(latency.error()).within("'latency'"));
    faults.latency = *latency;
    return {};
}

Status read_key(Faults& faults, const std::string& key, const Json& value) {
    if (key == "fail") return read_fail(faults, value);
    if (key == "fail_models") return read_models(faults, value);
    if (key == "latency") return read_latency(faults, value);
    if (key == "fail_count" || key == "seed") {
        if (!value.is_number_unsigned()) return wrong(key, "a whole number, 0 or more");
        const auto number = value.get<std::uint64_t>();
        if (key == "seed")
            faults.seed = number;
        else
            faults.fail_count = number;
    } else if (key == "reset_rate") {
        if (!value.is_number()) return wrong(key, "a share from 0 to 1");
        faults.reset_rate = value.get<double>();
    } else if (key == "ambiguous") {
        if (!value.is_boolean()) return wrong(key, "true or false");
        faults.ambiguous = value.get<bool>();
    } else if (key == "retry_after") {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<unsigned>::max())
            return wrong(key, "a whole number of seconds, 0 or more");
        faults.retry_after = value.get<unsigned>();
    } else if (key == "fail_body") {
        if (!value.is_string()) return wrong(key, "a string");
        faults.fail_body = value.get<std::string>();
    } else {
        return fail(ErrorKind::data,
                    "'" + key +
                        "' is not a fault; take fail, fail_models, fail_count, fail_body, latency, "
                        "reset_rate, ambiguous, retry_after or seed");
    }
    return {};
}

}  // namespace

Status Faults::validate() const {
    double sum = 0;
    for (const FailShare& share : fail) {
        if (share.status < 300 || share.status > 599)
            return respand::fail(ErrorKind::usage, "status " + std::to_string(share.status) +
                                                       " of a failure must be from 300 to 599");
        if (!is_share(share.rate))
            return respand::fail(ErrorKind::usage, "the rate of status " + std::to_string(share.status) +
                                                       " must be from 0 to 1 (or 0% to 100%)");
        sum += share.rate;
    }
    if (sum > 1 + kRounding)
        return respand::fail(ErrorKind::usage,
                             "the rates of all failures add up to more than 1: give each a smaller share, "
                             "for instance 500:0.2 and 429:0.1");
    if (!is_share(reset_rate))
        return respand::fail(ErrorKind::usage, "the reset rate must be from 0 to 1 (or 0% to 100%)");
    if (latency < latency.zero() || latency > kMaxLatency)
        return respand::fail(ErrorKind::usage, "the latency must be from 0 to " +
                                                   format(std::chrono::microseconds(kMaxLatency)));
    return {};
}

Result<double> parse_rate(std::string_view text) {
    const bool percent = text.ends_with('%');
    auto rate = parse_number<double>(percent ? text.substr(0, text.size() - 1) : text);
    if (rate && percent) *rate /= 100;
    if (!rate || !is_share(*rate))
        return fail(ErrorKind::usage,
                    "rate '" + std::string(text) + "' must be from 0 to 1 or from 0% to 100%");
    return *rate;
}

Result<FailShare> parse_fail(std::string_view text) {
    const auto colon = text.find(':');
    const auto status = parse_number<int>(text.substr(0, colon));
    if (!status)
        return fail(ErrorKind::usage,
                    "failure '" + std::string(text) +
                        "' must read STATUS or STATUS:RATE, such as 503, 500:0.1 or 429:10%");
    FailShare share{*status, 1.0};
    if (colon != std::string_view::npos) {
        const auto rate = parse_rate(text.substr(colon + 1));
        if (!rate) return std::unexpected(rate.error());
        share.rate = *rate;
    }
    Faults one;
    one.fail.push_back(share);
    if (auto valid = one.validate(); !valid) return std::unexpected(valid.error());
    return share;
}

Result<Faults> parse_faults(std::string_view json) {
    const Json document = Json::parse(json, nullptr, false);
    if (!document.is_object())
        return fail(ErrorKind::data, R"(the body must be a JSON object, such as {"fail": ["500:0.1"]})");
    Faults faults;
    for (const auto& [key, value] : document.items()) {
        if (value.is_null()) continue;  // the way GET /faults shows what is off
        if (auto read = read_key(faults, key, value); !read) return std::unexpected(read.error());
    }
    if (auto valid = faults.validate(); !valid) return std::unexpected(valid.error());
    return faults;
}

std::string to_json(const Faults& faults) {
    Json fail_list = Json::array();
    for (const FailShare& share : faults.fail)
        fail_list.push_back(Json{{"status", share.status}, {"rate", share.rate}});
    Json out;
    out["fail"] = std::move(fail_list);
    out["fail_models"] = faults.fail_models;
    out["fail_count"] = faults.fail_count ? Json(*faults.fail_count) : Json();
    out["fail_body"] = faults.fail_body ? Json(*faults.fail_body) : Json();
    out["latency"] = format(faults.latency);
    out["reset_rate"] = faults.reset_rate;
    out["ambiguous"] = faults.ambiguous;
    out["retry_after"] = faults.retry_after ? Json(*faults.retry_after) : Json();
    out["seed"] = faults.seed;
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

FaultPlan::FaultPlan(Faults faults) : faults_(std::move(faults)), random_(faults_.seed) {}

FaultDecision FaultPlan::next() {
    // Both draws happen for every request, so that a change of one rate does not shift the order of the
    // other.
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    const double reset_draw = uniform(random_);
    double fail_draw = uniform(random_);
    FaultDecision decision;
    if (faults_.fail_count && failed_ >= *faults_.fail_count) return decision;
    decision.reset = reset_draw < faults_.reset_rate;
    if (!decision.reset) {
        for (const FailShare& share : faults_.fail) {
            if (fail_draw < share.rate) {
                decision.status = share.status;
                break;
            }
            fail_draw -= share.rate;
        }
    }
    if (decision.any()) ++failed_;
    return decision;
}

bool FaultPlan::refuses_model(std::string_view model) const {
    return std::ranges::find(faults_.fail_models, model) != faults_.fail_models.end();
}

}  // namespace respand::sandbox
