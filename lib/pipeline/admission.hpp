// Whether more records may come in, and in what shape. Pure.
#pragma once
#include <cstdint>

#include "base/units.hpp"
#include "ingest/sink.hpp"
#include "spool/spool_settings.hpp"

namespace respand::pipeline {

/// How full the queue is, by its limit and by what the disk has left.
enum class Fullness : std::uint8_t {
    roomy,
    near,  ///< over kNear: content is shed where the policy says so, senders that can be pushed back wait
    full,  ///< at the limit, or the disk is low
};

/// What happens to a record that arrived.
enum class Admit : std::uint8_t {
    whole,
    without_content,  ///< prompts and completions are cut out
    drop,             ///< counted, not kept
};

/// The limit's state machine. It has hysteresis: full again only after a twentieth of the limit became free,
/// so that a queue at its limit does not open and close with every record.
class Admission {
  public:
    /// Parts of the limit, in 64ths: near from 58 (nine tenths) on; roomy again below 56.
    static constexpr std::uint64_t kNear = 58, kNearEnds = 56, kParts = 64;
    /// What was full takes records again when this part of the limit has become free.
    static constexpr std::uint64_t kResumeDivisor = 20;

    Admission(spool::FullPolicy policy, ByteCount max_size) : policy_(policy), max_(max_size) {}

    /// `live`: bytes that wait, on disk and on the way there. True when the answer of fullness() changed.
    bool update(ByteCount live, bool disk_is_low);

    Fullness fullness() const { return fullness_; }
    bool disk_is_low() const { return disk_is_low_; }
    spool::FullPolicy policy() const { return policy_; }
    ByteCount limit() const { return max_; }

    /// What becomes of a record that is here already.
    Admit admit() const;
    /// Whether a listener should go on reading. UDP can't push back, so what can is made to wait earlier, in
    /// favour of UDP, while `udp_listens`.
    bool reads(ingest::ListenerKind listener, bool udp_listens) const;
    /// Bytes that the oldest records have to make room for, under FullPolicy::drop_oldest; 0: none.
    ByteCount to_free(ByteCount live) const;

  private:
    spool::FullPolicy policy_;
    ByteCount max_;
    Fullness fullness_ = Fullness::roomy;
    bool disk_is_low_ = false;
};

}  // namespace respand::pipeline
