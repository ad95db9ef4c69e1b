// Records from a file or standard input, as people have them: one object, or one a line (NDJSON).
#pragma once
#include <fstream>
#include <functional>
#include <string>

#include "base/result.hpp"

namespace respand::ctl {

/// Takes one record. `place`: "line 7" or "the input", for messages. An error ends the reading.
using TakeRecord = std::function<Status(std::string text, const std::string& place)>;

class RecordInput {
  public:
    /// "-" is standard input. `no_input` when the file can't be opened.
    static Result<RecordInput> open(const std::string& file);
    /// One record a line when the first line is JSON by itself, or when the whole is not; else the whole is
    /// one record. Blank lines are skipped. Nothing is checked.
    Status for_each(const TakeRecord& take);

  private:
    std::ifstream file_;
    bool standard_ = false;
};

}  // namespace respand::ctl
