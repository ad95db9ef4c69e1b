// Keeps retries from swamping fresh records. Pure.
#pragma once
#include <algorithm>

namespace respand::upload {

/// While fresh records wait, at most one request in kFreshPerRetry + 1 is a retry, after a first kBurst. With
/// nothing fresh to send, or no room to keep more, a lane retries whatever the budget says: it never gives
/// up.
class RetryBudget {
  public:
    static constexpr int kFreshPerRetry = 5;
    static constexpr int kBurst = 10;

    bool allows() const { return credit_ >= kFreshPerRetry; }
    void sent(bool retry) {
        credit_ = std::clamp(credit_ + (retry ? -kFreshPerRetry : 1), 0, kBurst * kFreshPerRetry);
    }

  private:
    int credit_ = kBurst * kFreshPerRetry;  ///< a fresh request brings one, a retry costs kFreshPerRetry
};

}  // namespace respand::upload
