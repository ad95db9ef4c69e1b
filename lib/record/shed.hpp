// A record without its content: what is kept when the queue is nearly full.
#pragma once
#include <string>
#include <string_view>

namespace respand {

/// True for the top-level members that hold what was said and not what it cost: prompts, completions, whole
/// requests and answers, tools and their schemas. Everything else (ids, model, usage, cost, times, status,
/// metadata) stays.
bool is_content_name(std::string_view name);

/// The text without its content. `text` is one valid JSON object. A record without content comes back as it
/// is.
std::string without_content(std::string_view text);

}  // namespace respand
