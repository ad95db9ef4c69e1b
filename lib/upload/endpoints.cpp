#include "upload/endpoints.hpp"

namespace respand::upload {

void Endpoints::reset(Mode mode) {
    mode_ = mode;
    states_ = {};
}

bool Endpoints::allowed(Endpoint endpoint) const {
    return mode_ == Mode::automatic || (mode_ == Mode::bulk) == (endpoint == Endpoint::bulk);
}

bool Endpoints::usable(Endpoint endpoint, SteadyTime now) const {
    const State& state = states_[index(endpoint)];
    return allowed(endpoint) && (!state.missing_until || now >= *state.missing_until);
}

bool Endpoints::missing(Endpoint endpoint, SteadyTime now) {
    if (!usable(other(endpoint), now)) {
        states_ = {};  // Neither is there: both are probed until one is.
        return false;
    }
    states_[index(endpoint)].missing_until = now + kLookAgain;
    return true;
}

std::optional<Endpoint> Endpoints::passed(Endpoint endpoint) {
    states_[index(endpoint)] = {};
    State& counterpart = states_[index(other(endpoint))];
    if (!counterpart.missing_until || counterpart.said) return {};
    counterpart.said = true;
    return other(endpoint);
}

std::optional<Endpoint> Endpoints::lacking() const {
    for (const Endpoint endpoint : {Endpoint::create, Endpoint::bulk})
        if (states_[index(endpoint)].missing_until) return endpoint;
    return {};
}

}  // namespace respand::upload
