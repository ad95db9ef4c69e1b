// What a server wrote, made fit for a log line, a status screen and a dead letter. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace respand::upload {

/// One line of valid UTF-8 of at most `max_bytes` (and an ellipsis when cut): runs of white space and control
/// characters become one blank, bytes that are no UTF-8 become '?'.
std::string one_line(std::string_view text, std::size_t max_bytes);

}  // namespace respand::upload
