// Batch + verdict → what is settled and what is sent again. Pure; conserves every record.
#pragma once
#include <vector>

#include "upload/batch.hpp"
#include "upload/classify.hpp"

namespace respand::upload {

struct Outcome {
    std::vector<Settlement> settlements;
    std::vector<Batch> again;  ///< to be sent again, in this order, before anything else
};

/// For the verdicts that blame records or nobody (delivered, partly_refused, record_fault). Every record of
/// `batch` is either in one settlement or in one batch of `again`.
///
/// Record fault: rows that the server named are dead and the rest is sent again as one batch; named nobody:
/// two halves, and a record that is alone is dead. Each round makes batches smaller, so it ends.
Outcome settle(const Batch& batch, const Verdict& verdict);

}  // namespace respand::upload
