// Records that were refused for good → rows of dead letters.
#pragma once
#include <deque>
#include <vector>

#include "pipeline/record_names.hpp"
#include "spool/changes.hpp"
#include "upload/batch_source.hpp"

namespace respand::pipeline {

/// Adds a row for each record of the settlement. The rows point into the settlement's chunk and answer, and
/// into `names`, to which what the records are called is added: all must stay where they are.
void park(const upload::Settlement& settlement, std::deque<RecordNames>& names,
          std::vector<spool::Parked>& rows);

}  // namespace respand::pipeline
