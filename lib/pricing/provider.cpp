#include "pricing/provider.hpp"

#include <algorithm>
#include <array>

namespace respand::pricing {
namespace {

/// Canonical names follow LiteLLM's table, the widest list in use. An owner on Replicate or Hugging Face
/// ("meta", "mistralai", "deepseek-ai") is no provider and must not stand here: models of one owner are sold
/// by many.
constexpr std::array<std::string_view, 20> kWellKnown = {
    "anthropic",  "azure",        "azure_ai",  "bedrock",     "cerebras",  "cohere",   "deepinfra",
    "deepseek",   "fireworks_ai", "gemini",    "groq",        "mistral",   "moonshot", "openai",
    "openrouter", "perplexity",   "replicate", "together_ai", "vertex_ai", "xai"};

struct Spelling {
    std::string_view spelling, canonical;
};

constexpr std::array<Spelling, 29> kSpellings = {{
    {"amazon_bedrock", "bedrock"},
    {"aws_bedrock", "bedrock"},
    {"azure-openai", "azure"},
    {"azure_openai", "azure"},
    {"azure_text", "azure"},
    {"azureopenai", "azure"},
    {"bedrock_converse", "bedrock"},
    {"cohere_chat", "cohere"},
    {"fireworks", "fireworks_ai"},
    {"fireworks-ai", "fireworks_ai"},
    {"fireworks_ai-embedding-models", "fireworks_ai"},
    {"google", "gemini"},
    {"google-ai-studio", "gemini"},
    {"google_ai", "gemini"},
    {"google_ai_studio", "gemini"},
    {"google_gemini", "gemini"},
    {"google_vertex", "vertex_ai"},
    {"google_vertex_ai", "vertex_ai"},
    {"grok", "xai"},
    {"moonshotai", "moonshot"},
    {"replicate.com", "replicate"},
    {"text-completion-codestral", "codestral"},
    {"text-completion-inception", "inception"},
    {"text-completion-openai", "openai"},
    {"together", "together_ai"},
    {"togetherai", "together_ai"},
    {"vertex", "vertex_ai"},
    {"vertexai", "vertex_ai"},
    {"x-ai", "xai"},
}};

static_assert(std::ranges::is_sorted(kWellKnown));
static_assert(std::ranges::is_sorted(kSpellings, {}, &Spelling::spelling));

}  // namespace

std::string_view canonical_provider(std::string_view provider) {
    if (provider.starts_with("vertex_ai-")) return provider.substr(0, std::string_view("vertex_ai").size());
    const auto* found = std::ranges::lower_bound(kSpellings, provider, {}, &Spelling::spelling);
    return found != kSpellings.end() && found->spelling == provider ? found->canonical : provider;
}

bool is_well_known_provider(std::string_view canonical) {
    return std::ranges::binary_search(kWellKnown, canonical);
}

}  // namespace respand::pricing
