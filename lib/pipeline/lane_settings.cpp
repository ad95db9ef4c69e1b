#include "pipeline/lane_settings.hpp"

#include <algorithm>

namespace respand::pipeline {
namespace {

template <class T>
void make_set(std::vector<T>& list) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= LaneSettings::kMaxName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

}  // namespace

LaneMatch LaneMatch::normalised() const {
    LaneMatch out = *this;
    make_set(out.models);
    make_set(out.customers);
    make_set(out.uids);
    return out;
}

Status LaneSettings::validate() const {
    if (!is_name(name))
        return fail(ErrorKind::config,
                    "name must have 1 to " + std::to_string(kMaxName) +
                        " of the characters a-z, 0-9, '_' and '-', as in name = \"team-a\"");
    if (name == kDefaultLaneName)
        return fail(ErrorKind::config,
                    "name \"default\" is the lane of [upload]; its keys stand there, take another name here");
    for (const std::string& model : match.models)
        if (model.empty() || model.find('*') < model.size() - 1)
            return fail(ErrorKind::config,
                        "models holds \"" + model +
                            "\"; write a model's whole name, or its start and one '*' behind it");
    for (const std::string& customer : match.customers)
        if (customer.empty())
            return fail(ErrorKind::config,
                        "customers holds \"\"; records without a customer can't be matched by it");
    if (fallback == name) return fail(ErrorKind::config, "fallback is the lane itself; name another one");
    return {};
}

}  // namespace respand::pipeline
