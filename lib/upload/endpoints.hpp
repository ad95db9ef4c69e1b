// Which of the API's two calls can be used. Pure.
#pragma once
#include <array>
#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "upload/endpoint.hpp"
#include "upload/upload_settings.hpp"

namespace respand::upload {

/// A server may lack one call (a gateway that knows only `/create/`, say): it answers 404 or 405. Where the
/// mode leaves a choice the other call takes over; the missing one is looked at again from time to time.
class Endpoints {
  public:
    /// How long a call that was missing is not tried.
    static constexpr std::chrono::hours kLookAgain{1};

    explicit Endpoints(Mode mode) : mode_(mode) {}
    /// Forgets what was missing: a reload may have changed the server.
    void reset(Mode mode);

    bool usable(Endpoint endpoint, SteadyTime now) const;
    /// The server answered that there is no such call. False: there is no other one to turn to, which is an
    /// operator fault (most likely base_url is wrong).
    bool missing(Endpoint endpoint, SteadyTime now);
    /// A request to `endpoint` went through. Returns the call that is thereby proven to be missing alone,
    /// once.
    std::optional<Endpoint> passed(Endpoint endpoint);
    /// The call that the server is known to lack.
    std::optional<Endpoint> lacking() const;

  private:
    struct State {
        std::optional<SteadyTime> missing_until;
        bool said = false;
    };
    bool allowed(Endpoint endpoint) const;

    Mode mode_;
    std::array<State, kEndpoints> states_;
};

}  // namespace respand::upload
