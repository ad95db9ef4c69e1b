#include "pipeline/unknown_models.hpp"

#include "pipeline/model_label.hpp"

namespace respand::pipeline {

void UnknownModels::seen(std::string_view model, std::string_view provider, SteadyTime now) {
    const std::string_view start = model.substr(0, kMaxModelLabel + 1);
    if (named_.size() >= kMaxNames || named_.contains(start) || !limiter_.allow(now)) return;
    named_.emplace(start);
    spdlog::info(
        "no price for model '{}'{}: its records go out without cost; add it, or an alias of it, to the price "
        "overlays and reload{}",
        model_label(model), provider.empty() ? "" : " of provider '" + model_label(provider) + "'",
        limiter_.suffix());
    if (named_.size() == kMaxNames)
        spdlog::warn(
            "{} models without a price were named; further ones are not until prices are reloaded: "
            "respanctl price coverage lists them",
            kMaxNames);
}

}  // namespace respand::pipeline
