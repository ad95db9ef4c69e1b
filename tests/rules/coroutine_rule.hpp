// The coroutine rule: forms of co_await that GCC 12 compiles wrongly without a word are not written.
#pragma once
#include <vector>

#include "source_text.hpp"

namespace respand::rules {

/// Every co_await that does not stand alone or is not the whole right side of an initialisation, assignment
/// or co_return; that stands in a condition, an argument or braces; or whose statement holds ?:, && or ||,
/// braces or a lambda.
std::vector<Breach> check_coroutines(const SourceFile& file);

}  // namespace respand::rules
