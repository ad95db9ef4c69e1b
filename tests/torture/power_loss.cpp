// The power goes at a sync, or in the middle of a write; what was not synced is gone, torn or reordered.
#include "power_loss.hpp"

#include <algorithm>
#include <optional>

#include "spool_model.hpp"
#include "support/disk/fault_disk.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

using spool::Spool;
using test::FaultDisk;

/// Where the power goes in one run.
struct Cut {
    std::uint64_t change = 0;  ///< 0: never
    FaultDisk::When when = FaultDisk::When::before;
};

/// A workload on a fresh spool until the power goes, or to its end.
class Run {
  public:
    Run(std::uint64_t seed, Upkeep upkeep) : model_(seed), upkeep_(upkeep) {}

    void work(Cut cut) {
        if (upkeep_.from_version_1) {
            if (!model_.write_version_1(path(), books_)) return;
            before_ = disk_.changes();
        }
        if (cut.change != 0) disk_.cut_at(before_ + cut.change, cut.when);
        if (!open()) return;
        for (int i = 0; i < (upkeep_.from_version_1 ? 2 : kSteps) && !disk_.is_cut(); ++i) {
            if (model_.pick(100) < upkeep_.dead_percent && !empty_dead_letters()) return;
            if (model_.pick(100) < upkeep_.percent) look_after();
            if (!spool_ && !open()) return;
            if (!commit()) return;
        }
        spool_.reset();  // the last connection closes: SQLite empties the log and removes it
    }

    /// Power is back. Nothing when all is as promised, else the sentence about what is not.
    std::optional<std::string> recover(std::mt19937& random, bool cut_again) {
        spool_.reset();
        disk_.power_cycle(random);
        if (cut_again) {
            disk_.cut_at(1 + random() % 12,
                         random() % 2 == 0 ? FaultDisk::When::before : FaultDisk::When::after);
            (void)open();
            spool_.reset();
            disk_.power_cycle(random);
        }
        auto opened = Spool::open({path(), 4_GiB});
        if (!opened) return "can't be opened: " + opened.error().message;
        spool_ = std::move(*opened);
        if (!spool_->log_kept_as().empty() || spool_->rescued())
            return "what the power cut short was taken for damage";
        const auto found = model_.read(*spool_);
        if (!found) return found.error().message;
        lost_ = missing(books_, *found);
        if (in_doubt_ && *found == *in_doubt_) lost_ = 0;
        if (*found == books_ || (in_doubt_ && *found == *in_doubt_)) {
            books_ = *found;
            in_doubt_.reset();
            return goes_on();
        }
        return "committed: " + describe(books_) + "; found: " + describe(*found);
    }

    FaultDisk& disk() { return disk_; }
    /// Changes to the disk before the work began that the power may interrupt.
    std::uint64_t before() const { return before_; }
    std::uint64_t records() const { return books_.received - books_.rejected; }
    std::uint64_t lost() const { return lost_; }

  private:
    static constexpr int kSteps = 18;
    std::string path() const { return dir_.file("spool.db"); }

    bool open() {
        auto opened = Spool::open({path(), 4_GiB});
        if (!opened) return false;
        spool_ = std::move(*opened);
        return true;
    }

    bool commit() {
        auto step = model_.draw(*spool_, books_);
        if (!step) return false;
        if (spool_->commit(step->changes)) {
            books_ = std::move(step->after);
            return true;
        }
        in_doubt_ = std::move(step->after);
        return false;
    }

    bool empty_dead_letters() {
        Books after = books_;
        const bool again = model_.pick(2) == 0;
        if (again) after.pending.insert(after.dead.begin(), after.dead.end());
        after.dead.clear();
        const auto done = again ? spool_->requeue({}, "torture") : spool_->discard({}, "torture");
        (done ? books_ : in_doubt_.emplace()) = std::move(after);
        return static_cast<bool>(done);
    }

    void look_after() {
        switch (model_.pick(4)) {
            case 0:
                (void)spool_->checkpoint();
                break;
            case 1:
                (void)spool::checkpoint_beside(spool_->log_pass());
                break;
            case 2:
                (void)spool_->shrink(ByteCount{1});
                break;
            default:
                spool_.reset();
                break;
        }
    }

    /// A spool that was recovered takes more.
    std::optional<std::string> goes_on() {
        for (int i = 0; i < 2; ++i)
            if (!commit()) return "takes no more records after the recovery";
        const auto found = model_.read(*spool_);
        if (!found) return found.error().message;
        if (*found != books_)
            return "after the recovery: " + describe(books_) + "; found: " + describe(*found);
        return std::nullopt;
    }

    test::TempDir dir_;
    FaultDisk disk_;
    SpoolModel model_;
    Upkeep upkeep_;
    std::unique_ptr<Spool> spool_;
    Books books_;
    std::optional<Books> in_doubt_;
    std::uint64_t lost_ = 0, before_ = 0;
};

/// Every sync, before and after, then as many moments drawn at random.
std::vector<Cut> cuts_for(std::uint64_t seed, Upkeep upkeep, std::mt19937& random) {
    Run rehearsal(seed, upkeep);
    rehearsal.work({});
    std::vector<Cut> cuts;
    for (std::uint64_t sync : rehearsal.disk().syncs()) {
        if (sync <= rehearsal.before()) continue;
        sync -= rehearsal.before();
        cuts.push_back({sync, FaultDisk::When::before});
        cuts.push_back({sync, FaultDisk::When::after});
    }
    const std::uint64_t changes = rehearsal.disk().changes() - rehearsal.before();
    for (std::size_t i = cuts.size(); i > 0; --i)
        cuts.push_back(
            {1 + random() % changes, i % 2 == 0 ? FaultDisk::When::before : FaultDisk::When::after});
    return cuts;
}

}  // namespace

Outcome PowerLoss::run(const Plan& plan) {
    Outcome outcome;
    const std::uint64_t wanted = plan.runs(kUsualRuns);
    std::mt19937 random(plan.seed);
    for (std::uint64_t workload = plan.seed; outcome.runs < wanted; ++workload) {
        std::vector<Cut> cuts = cuts_for(workload, upkeep_, random);
        if (cuts.size() > wanted - outcome.runs) {  // not all: then some of everything
            std::ranges::shuffle(cuts, random);
            cuts.resize(wanted - outcome.runs);
        }
        for (const Cut cut : cuts) {
            ++outcome.runs;
            Run run(workload, upkeep_);
            run.work(cut);
            const auto broken = run.recover(random, cuts_recovery_ && random() % 2 == 0);
            outcome.records += run.records();
            outcome.lost += run.lost();
            if (!broken)
                ++outcome.recovered;
            else
                outcome.fail("workload " + std::to_string(workload) + ", power gone " +
                             (cut.when == FaultDisk::When::before ? "before" : "after") + " change " +
                             std::to_string(cut.change) + ": " + *broken);
        }
    }
    return outcome;
}

}  // namespace respand::torture
