// All lanes: a transport and an uploader each, and who stands in for whom.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pipeline/fallbacks.hpp"
#include "pipeline/lane_settings.hpp"
#include "pipeline/status.hpp"
#include "pipeline/upload_source.hpp"
#include "upload/beast_transport.hpp"
#include "upload/uploader.hpp"

namespace respand::pipeline {

/// One lane as it is configured.
struct LanePlan {
    LaneSettings route;  ///< name and fallback count here
    spool::LaneId id = spool::kDefaultLane;
    upload::UploadSettings upload;
    std::shared_ptr<upload::Destination> destination;  ///< of `upload`; good for one apply()
};

/// Lanes share nothing but the I/O thread and the source: one's trouble delays no other. I/O thread only.
class Delivery {
  public:
    Delivery(boost::asio::io_context& io, const Clock& clock, UploadSource& source)
        : io_(io), clock_(clock), source_(source) {}

    /// The lanes from now on, the default first. Those that stay try again at once; those that are gone end
    /// their requests, and what they hold stays in the spool.
    void apply(const std::vector<LanePlan>& plans);
    void start();
    /// No new request anywhere; calls `done` when all have ended, at the latest after `grace`.
    void stop(std::chrono::microseconds grace, std::function<void()> done);

    /// Looks whether somebody must stand in for a lane, or need no longer. Once a second.
    void tick();

    /// All lanes, or the one of that name, try again at once; the state after that. Errors: no_input.
    Result<upload::LaneState> retry(const std::optional<std::string>& name);
    /// Until resume() or the end of the process. Nobody stands in for a lane that is paused.
    Result<upload::LaneState> pause(const std::string& name);
    Result<upload::LaneState> resume(const std::string& name);

    /// As Status::lanes; `names`: of the lanes in the spool.
    std::vector<LaneReport> report(const spool::Totals& totals,
                                   const std::map<spool::LaneId, std::string>& names) const;
    /// Calls back with name and status of each lane, the default one first.
    template <class Take>
    void each(Take take) const {
        for (const auto& lane : lanes_) take(lane->name, lane->uploader->status());
    }
    std::size_t size() const { return lanes_.size(); }

  private:
    struct Lane {
        std::string name;
        spool::LaneId id;
        std::string base_url, mode;
        std::unique_ptr<upload::HttpTransport> transport;
        std::unique_ptr<upload::Uploader> uploader;
    };
    std::unique_ptr<Lane> make(const LanePlan& plan);
    Lane* find(const std::string& name);
    Result<Lane*> named(const std::string& name);
    void end(Lane& lane, std::chrono::microseconds grace);
    const std::string& name_of(spool::LaneId id) const;

    boost::asio::io_context& io_;
    const Clock& clock_;
    UploadSource& source_;
    std::vector<std::unique_ptr<Lane>> lanes_;    ///< as configured, the default first
    std::vector<std::unique_ptr<Lane>> leaving_;  ///< their last requests are under way
    Fallbacks fallbacks_;
    std::map<spool::LaneId, spool::LaneId> given_;  ///< who stands in for whom
    bool started_ = false;
    std::size_t ending_ = 0;  ///< lanes whose last requests are under way
    std::function<void()> stopped_;
};

}  // namespace respand::pipeline
