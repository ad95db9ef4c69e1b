#include "record/shed.hpp"

#include <algorithm>
#include <array>

#include "record/json_text.hpp"

namespace respand {
namespace {

/// The server's names (current and former) of fields that hold text of any length.
constexpr std::array<std::string_view, 18> kContent = {"completion_message",
                                                       "completion_messages",
                                                       "full_request",
                                                       "full_response",
                                                       "input",
                                                       "logs",
                                                       "messages",
                                                       "output",
                                                       "prompt",
                                                       "prompt_messages",
                                                       "prompts",
                                                       "request_body",
                                                       "response",
                                                       "response_body",
                                                       "tool_calls",
                                                       "tools",
                                                       "traces",
                                                       "variables"};
static_assert(std::ranges::is_sorted(kContent));

}  // namespace

bool is_content_name(std::string_view name) { return std::ranges::binary_search(kContent, name); }

std::string without_content(std::string_view text) {
    return without_members(text, 0, [](const MemberSpan& member) {
        return std::ranges::any_of(kContent, [&](std::string_view name) { return has_key(member, name); });
    });
}

}  // namespace respand
