#include "io_errors.hpp"

#include <optional>

#include "failing_calls.hpp"
#include "spool_model.hpp"
#include "support/temp_dir.hpp"

namespace respand::torture {
namespace {

using spool::Spool;
using test::DiskFault;
using test::FaultDisk;

/// A spool at work on a disk that fails now and then.
class Run {
  public:
    explicit Run(std::uint64_t seed) : random_(static_cast<std::mt19937::result_type>(seed)), model_(seed) {}

    std::optional<std::string> work() {
        if (auto broken = reopen()) return broken;
        for (int step = 0; step < kSteps; ++step) {
            if (auto broken = random_() % 5 == 0 ? look_after() : commit()) return broken;
            if (random_() % 10 == 0)
                if (auto broken = reopen()) return broken;
        }
        if (random_() % 2 == 0) {  // and what was committed is on the disk for good
            disk_.cut_at(disk_.changes() + 1, FaultDisk::When::before);
            (void)spool_->checkpoint();
            spool_.reset();
            disk_.power_cycle(random_);
        }
        return reopen();
    }

    std::uint64_t records() const { return books_.received - books_.rejected; }
    std::uint64_t lost() const { return lost_; }
    std::uint64_t failed_calls() const { return disk_.failed(); }

  private:
    static constexpr int kSteps = 12;

    void break_something() {
        kind_ = kFailingCalls.at(random_() % kFailingCalls.size());
        const bool for_long = random_() % 3 == 0;
        disk_.inject({kind_.call, kind_.code, random_() % 6, for_long ? DiskFault::kForever : 1});
    }
    std::string told(const std::string& what) const { return std::string(kind_.name) + ": " + what; }

    std::optional<std::string> compare() {
        const auto found = model_.read(*spool_);
        if (!found) return told(found.error().message);
        if (*found == books_) return std::nullopt;
        lost_ = missing(books_, *found);
        return told("committed: " + describe(books_) + "; found: " + describe(*found));
    }

    std::optional<std::string> commit() {
        auto step = model_.draw(*spool_, books_);
        if (!step) return told("can't be read: " + step.error().message);
        break_something();
        auto status = spool_->commit(step->changes);
        if (!status && random_() % 2 == 0) status = spool_->commit(step->changes);  // perhaps still broken
        disk_.heal();
        if (!status) {
            const auto pending = spool_->totals().pending;
            if (pending != books_.pending.size()) return told("a failed commit left its mark in memory");
            if (auto broken = compare()) return "after a failed commit: " + *broken;
            status = spool_->commit(step->changes);
        }
        if (!status) return told("the fault is gone, and the commit fails: " + status.error().message);
        books_ = std::move(step->after);
        return compare();
    }

    std::optional<std::string> look_after() {
        break_something();
        switch (random_() % 3) {
            case 0:
                (void)spool_->checkpoint();
                break;
            case 1:
                (void)spool::checkpoint_beside(spool_->log_pass());
                break;
            default:
                (void)spool_->shrink(ByteCount{1});
                break;
        }
        disk_.heal();
        return compare();
    }

    /// Closes and opens, with something broken meanwhile; the second try must do.
    std::optional<std::string> reopen() {
        break_something();
        spool_.reset();
        auto opened = Spool::open({path(), 4_GiB});
        disk_.heal();
        if (!opened) opened = Spool::open({path(), 4_GiB});
        if (!opened) return told("can't be opened: " + opened.error().message);
        spool_ = std::move(*opened);
        return compare();
    }

    std::string path() const { return dir_.file("spool.db"); }

    test::TempDir dir_;
    FaultDisk disk_;
    std::mt19937 random_;
    SpoolModel model_;
    std::unique_ptr<Spool> spool_;
    FailingCall kind_ = kFailingCalls.front();
    Books books_;
    std::uint64_t lost_ = 0;
};

}  // namespace

Outcome IoErrors::run(const Plan& plan) {
    Outcome outcome;
    std::uint64_t failed = 0;
    for (const std::uint64_t wanted = plan.runs(kUsualRuns); outcome.runs < wanted; ++outcome.runs) {
        const std::uint64_t seed = plan.seed + outcome.runs;
        Run run(seed);
        const auto broken = run.work();
        outcome.records += run.records();
        outcome.lost += run.lost();
        failed += run.failed_calls();
        if (!broken)
            ++outcome.recovered;
        else
            outcome.fail("workload " + std::to_string(seed) + ", " + *broken);
    }
    outcome.notes.push_back(std::to_string(failed) + " calls failed");
    return outcome;
}

}  // namespace respand::torture
