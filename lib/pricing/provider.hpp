// Names of providers. Records, tables and people spell the same provider in several ways.
#pragma once
#include <string_view>

namespace respand::pricing {

/// One spelling for each provider: "google" → "gemini", "azure_openai" → "azure", "bedrock_converse" →
/// "bedrock", "vertex_ai-anthropic_models" → "vertex_ai". Expects lower case; a name that is not known comes
/// back as it is. The result lives as long as `provider`.
std::string_view canonical_provider(std::string_view provider);

/// True for the canonical name of a provider that is known without any table.
bool is_well_known_provider(std::string_view canonical);

}  // namespace respand::pricing
