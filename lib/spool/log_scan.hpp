// A write-ahead log as it lies on the disk: is it whole, did the power go, or is it damaged? Pure: bytes in,
// a report out. Inside this room only.
//
// SQLite reads a log up to the first frame whose checksum does not fit and forgets the rest: it can't tell
// damage from a transaction that the power cut short. Here both are told apart:
//
//  * Every commit is synced before the next transaction writes its first frame (synchronous=FULL), and each
//    frame's checksum goes on from the frame before. So a frame that goes on from a commit frame proves that
//    everything up to that commit was on the disk. A fault before such a pair is damage; behind the last pair
//    anything may be missing, and is left to SQLite.
//  * One wrong bit shows as such in the checksum, wherever it is, and no power cut looks like it. Mostly the
//    checksum also tells which one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spool/log_checksum.hpp"

namespace respand::spool {

inline constexpr std::size_t kLogHeader = 32;    ///< bytes
inline constexpr std::size_t kFrameHeader = 24;  ///< bytes, before the page

struct LogHeader {
    std::uint32_t page_size = 0;
    std::uint32_t sequence = 0;
    std::uint64_t salts = 0;  ///< as they lie in the file; frames of the same log have the same
};

struct FrameFault {
    enum class Kind : std::uint8_t {
        wrong_bit,  ///< known, and put right
        unplaced,   ///< one bit is wrong, several would explain it: kept as it is
        salts,      ///< the checksum fits, so it belongs to the log; its mark is put right
        damaged,    ///< kept as it is
        left_out,   ///< nobody knows which page it was
    };
    std::uint64_t frame = 0;  ///< from 0
    Kind kind = Kind::damaged;
    std::size_t bit = 0;  ///< of the frame, when it is one
};

struct LogReport {
    enum class State : std::uint8_t {
        sound,       ///< SQLite reads all of it that was ever promised
        damaged,     ///< SQLite would forget commits
        unreadable,  ///< neither header nor frames make sense, and something was there
    };
    State state = State::sound;
    LogHeader header;
    bool header_damaged = false;
    std::uint64_t frames = 0;        ///< up to the last commit
    std::vector<FrameFault> faults;  ///< in order, each before the last commit
    bool exact = true;               ///< after the repair every byte is as it was written
};

/// Sees the header and then each frame in order. Holds no frame.
class LogScan {
  public:
    /// \param header     the first kLogHeader bytes
    /// \param page_size  of the database, for a header that does not say
    /// \param most_pages a page number above is not believed
    LogScan(std::string_view header, std::uint32_t page_size, std::uint64_t most_pages);

    /// Header and page.
    std::size_t frame_size() const { return kFrameHeader + header_.page_size; }
    /// The next frame, of frame_size() bytes.
    void add(std::string_view frame);
    LogReport finish() const;

  private:
    struct Frame {
        std::uint32_t page = 0;
        std::uint32_t commit = 0;  ///< pages of the database after it; 0: more of the transaction follows
        std::uint64_t salts = 0;
        LogChecksum checksum;
    };
    enum class Verdict : std::uint8_t { good, mended, faulty };

    static Frame parse(std::string_view frame);
    void take(std::string_view header);
    bool find_salts(std::string_view frame, const Frame& parsed);
    Verdict judge(std::string_view frame, Frame& parsed);
    Verdict diagnose(std::string_view frame, Frame& parsed, LogChecksum sum);
    void choose_header(std::string_view frame, const Frame& parsed);
    Verdict fault(FrameFault::Kind kind, std::size_t bit = 0);
    void account_for(Verdict verdict, const Frame& frame);

    LogHeader header_;
    std::uint64_t most_pages_;
    bool header_damaged_ = false, header_blank_ = false, salts_known_ = false;
    std::vector<std::string> headers_;  ///< what it may have been, with one bit turned

    std::uint64_t index_ = 0;                 ///< of the frame that is looked at
    LogChecksum chain_;                       ///< of the frame before, as it was written
    std::optional<LogChecksum> other_;        ///< the same if the wrong bit was not in that checksum, but
    FrameFault other_fault_;                  ///< this one
    std::optional<std::uint64_t> ambiguous_;  ///< the last frame of which nobody knows which it was
    std::optional<Frame> first_, previous_;
    bool previous_is_ours_ = true;

    std::vector<FrameFault> faults_;
    bool transaction_faulty_ = false;  ///< since the last commit that stands
    bool awaits_proof_ = false;        ///< the frame before is a commit behind a fault
    std::uint64_t end_ = 0;            ///< frames up to the last commit that stands
    std::size_t standing_faults_ = 0;  ///< of faults_, those before it
};

/// Makes of the log that was scanned one that SQLite reads to its last commit.
class LogRewrite {
  public:
    explicit LogRewrite(const LogReport& report);
    /// The first bytes of the new log.
    std::string header() const;
    /// The next frame of the old log as the new one has it; empty when it is left out.
    std::string frame(std::string_view frame);

  private:
    const LogReport& report_;
    LogChecksum chain_;
    std::uint64_t index_ = 0;
    std::size_t next_fault_ = 0;
};

}  // namespace respand::spool
