#include "backlog.hpp"
#include "commit_latency.hpp"
#include "disk_full.hpp"
#include "each_call.hpp"
#include "fault.hpp"
#include "io_errors.hpp"
#include "kill.hpp"
#include "power_loss.hpp"

namespace respand::torture {

std::vector<std::unique_ptr<Fault>> all_faults() {
    std::vector<std::unique_ptr<Fault>> faults;
    faults.push_back(std::make_unique<PowerLoss>(
        "power-commit", "the power goes while records are committed, settled and parked", Upkeep{}));
    faults.push_back(std::make_unique<PowerLoss>(
        "power-checkpoint", "the power goes around check-points, shrinking, closing and opening",
        Upkeep{60, 0, false}));
    faults.push_back(std::make_unique<PowerLoss>(
        "power-dead-letters", "the power goes while dead letters are sent again and thrown away",
        Upkeep{0, 60, false}));
    faults.push_back(std::make_unique<PowerLoss>(
        "power-migration", "the power goes while a file of the first schema is brought up to date",
        Upkeep{0, 0, true}, true));
    faults.push_back(std::make_unique<PowerLoss>("power-twice",
                                                 "the power goes, and again while the spool is being opened",
                                                 Upkeep{20, 10, false}, true));
    faults.push_back(std::make_unique<IoErrors>());
    faults.push_back(std::make_unique<EachCall>());
    faults.push_back(std::make_unique<DiskFull>());
    faults.push_back(std::make_unique<Kill>());
    faults.push_back(std::make_unique<Backlog>());
    faults.push_back(std::make_unique<CommitLatency>());
    return faults;
}

}  // namespace respand::torture
