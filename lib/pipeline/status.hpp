// How the daemon is doing, as one value.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "ingest/listener_group.hpp"
#include "spool/spool.hpp"
#include "upload/uploader.hpp"

namespace respand::pipeline {

struct LaneReport {
    std::string name;
    spool::LaneId id = spool::kDefaultLane;
    std::string destination;  ///< base URL
    std::string mode;
    bool gone = false;        ///< not in the configuration: nobody sends its records
    std::string sent_by;      ///< the lane that stands in for it; empty: itself
    spool::LaneTotals spool;  ///< as of the last commit
    upload::LaneStatus status;
};

struct Status {
    std::string version;
    std::int64_t pid = 0;
    WallTime now{}, started{};

    std::vector<ingest::ListenerAddress> listeners;
    ingest::ListenerCounters listener_counters;

    spool::Totals spool;  ///< as of the last commit
    std::string spool_path;
    ByteCount spool_limit{}, spool_wal{};
    bool spool_full = false;
    std::string spool_stuck;  ///< why the spool can't be written; empty: it can
    double received_per_second = 0, delivered_per_second = 0;

    /// The default lane first, then those of the configuration in its order, then those that are gone from it
    /// and still hold something.
    std::vector<LaneReport> lanes;

    std::string price_table_id, price_table_version;
    std::size_t price_table_models = 0;
    std::size_t price_table_warnings = 0;  ///< when it was loaded
    WallTime price_table_loaded{};
    std::string price_fault;   ///< why it is not the table of the configuration; empty: it is
    std::string reload_fault;  ///< why the last reload was refused; empty: it was not
};

}  // namespace respand::pipeline
