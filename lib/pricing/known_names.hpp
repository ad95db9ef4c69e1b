// Models that go by two names whatever a table says.
#pragma once
#include <array>
#include <span>
#include <string_view>

namespace respand::pricing {

/// Two spellings of one model of Replicate, without "replicate/", in lower case.
struct KnownNames {
    std::string_view gateway;    ///< as gateways and LiteLLM's table write it
    std::string_view replicate;  ///< as Replicate's own API does
};

/// Replicate keeps Meta's own names for these, which begin with the owner once more; the others drop that.
inline constexpr std::array<KnownNames, 5> kKnownNames = {{
    {"meta/llama-3-70b", "meta/meta-llama-3-70b"},
    {"meta/llama-3-70b-instruct", "meta/meta-llama-3-70b-instruct"},
    {"meta/llama-3-8b", "meta/meta-llama-3-8b"},
    {"meta/llama-3-8b-instruct", "meta/meta-llama-3-8b-instruct"},
    {"meta/llama-3.1-405b-instruct", "meta/meta-llama-3.1-405b-instruct"},
}};

}  // namespace respand::pricing
