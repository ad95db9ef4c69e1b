#include "spool/log_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace respand::spool {
namespace {

// https://www.sqlite.org/fileformat2.html#the_write_ahead_log. Numbers are big-endian; the magic number says
// that checksums are over little-endian words, which is how they are made on the machines that we run on.
constexpr std::uint32_t kMagic = 0x377f0682;
constexpr std::uint32_t kFormat = 3'007'000;
constexpr std::size_t kSummed = 24;     ///< bytes of the header under its checksum
constexpr std::size_t kSummedHead = 8;  ///< bytes of a frame's header under its checksum, with the page
constexpr std::size_t kSalts = 16;      ///< in the header
constexpr std::size_t kFrameSalts = 8;  ///< in a frame
constexpr std::size_t kFrameChecksum = 16;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

void put_number(std::string& bytes, std::size_t at, std::uint32_t number) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(number >> (24 - 8 * i) & 0xff);
}

std::uint64_t salts_at(std::string_view bytes, std::size_t at) {
    std::uint64_t salts = 0;
    std::memcpy(&salts, bytes.data() + at, sizeof salts);
    return salts;
}

std::uint32_t first_salt(std::uint64_t salts) {
    return number_at(std::string_view(reinterpret_cast<const char*>(&salts), sizeof salts), 0);
}

LogChecksum checksum_at(std::string_view bytes, std::size_t at) {
    return {number_at(bytes, at), number_at(bytes, at + 4)};
}

void turn(std::string& bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
}

bool is_set(std::string_view bytes, std::size_t bit) { return (bytes[bit / 8] >> (bit % 8) & 1) != 0; }

bool is_page_size(std::uint32_t size) { return size >= 512 && size <= 65'536 && std::has_single_bit(size); }

bool is_whole(std::string_view header) {
    return number_at(header, 0) == kMagic && number_at(header, 4) == kFormat &&
           is_page_size(number_at(header, 8)) &&
           extended({}, header.substr(0, kSummed)) == checksum_at(header, kSummed);
}

/// The headers that are whole and one bit away.
std::vector<std::string> with_one_bit_turned(std::string_view header) {
    std::vector<std::string> found;
    std::string turned(header);
    for (std::size_t bit = 0; bit < kLogHeader * 8; ++bit) {
        turn(turned, bit);
        if (is_whole(turned)) found.push_back(turned);
        turn(turned, bit);
    }
    return found;
}

LogChecksum sum_of(LogChecksum from, std::string_view frame) {
    return extended(extended(from, frame.substr(0, kSummedHead)), frame.substr(kFrameHeader));
}

/// Place in the frame of a bit of what is summed.
std::size_t place(std::size_t summed_bit) {
    return summed_bit < kSummedHead * 8 ? summed_bit : summed_bit + (kFrameHeader - kSummedHead) * 8;
}

/// Place in the frame of the bit in which two checksums differ. They lie big-endian.
std::size_t place(LogChecksum left, LogChecksum right) {
    const std::uint32_t first = left.first ^ right.first, second = left.second ^ right.second;
    const auto bit = static_cast<std::size_t>(std::countr_zero(first != 0 ? first : second));
    return (kFrameChecksum + (first != 0 ? 0 : 4) + 3 - bit / 8) * 8 + bit % 8;
}

}  // namespace

LogScan::LogScan(std::string_view header, std::uint32_t page_size, std::uint64_t most_pages)
    : most_pages_(most_pages) {
    header_.page_size = page_size;
    if (is_whole(header)) {
        take(header);
        return;
    }
    header_damaged_ = true;
    header_blank_ = std::all_of(header.begin(), header.end(), [](char c) { return c == '\0'; });
    headers_ = with_one_bit_turned(header);
    if (!headers_.empty()) header_.page_size = number_at(headers_.front(), 8);
}

void LogScan::take(std::string_view header) {
    salts_known_ = true;
    header_ = {number_at(header, 8), number_at(header, 12), salts_at(header, kSalts)};
    chain_ = checksum_at(header, kSummed);
}

/// Of several headers the one that the first frame goes on from.
void LogScan::choose_header(std::string_view frame, const Frame& parsed) {
    for (const std::string& header : headers_)
        if (salts_at(header, kSalts) == parsed.salts &&
            sum_of(checksum_at(header, kSummed), frame) == parsed.checksum)
            return take(header);
    if (headers_.size() == 1) take(headers_.front());
}

LogScan::Frame LogScan::parse(std::string_view frame) {
    return {number_at(frame, 0), number_at(frame, 4), salts_at(frame, kFrameSalts),
            checksum_at(frame, kFrameChecksum)};
}

/// Without a header: two frames that go on from each other are of the log.
bool LogScan::find_salts(std::string_view frame, const Frame& parsed) {
    const bool pair = previous_ && previous_->salts == parsed.salts &&
                      sum_of(previous_->checksum, frame) == parsed.checksum;
    if (!first_) first_ = parsed;
    // A younger log has begun over the one that these two belong to (each adds one to the first salt).
    const bool stale = pair && first_salt(first_->salts) == first_salt(parsed.salts) + 1;
    if (!pair || stale) {
        previous_ = parsed;
        return false;
    }
    salts_known_ = true;
    header_.salts = parsed.salts;
    chain_ = previous_->checksum;
    transaction_faulty_ = true;
    const std::uint64_t here = index_;
    for (index_ = 0; index_ < here; ++index_)
        (void)fault(index_ + 1 == here ? FrameFault::Kind::damaged : FrameFault::Kind::left_out);
    return true;
}

LogScan::Verdict LogScan::fault(FrameFault::Kind kind, std::size_t bit) {
    faults_.push_back({index_, kind, bit});
    const bool one_bit = kind == FrameFault::Kind::wrong_bit || kind == FrameFault::Kind::unplaced;
    return one_bit ? Verdict::mended : Verdict::faulty;
}

LogScan::Verdict LogScan::judge(std::string_view frame, Frame& parsed) {
    const std::uint64_t salts_off = parsed.salts ^ header_.salts;
    const auto other = std::exchange(other_, std::nullopt);
    const LogChecksum before = std::exchange(chain_, parsed.checksum);
    if (std::popcount(salts_off) > 1 && !previous_is_ours_)  // the rest of an older log: not worth a sum
        return fault(FrameFault::Kind::left_out);
    const LogChecksum sum = sum_of(before, frame);
    bool fits = sum == parsed.checksum;
    if (!fits && other && sum_of(*other, frame) == parsed.checksum) {
        faults_.back() = other_fault_;
        fits = true;
    }
    if (fits) ambiguous_.reset();
    if (!fits) return salts_off == 0 ? diagnose(frame, parsed, sum) : fault(FrameFault::Kind::left_out);
    if (salts_off == 0) return Verdict::good;
    if (std::popcount(salts_off) > 1) return fault(FrameFault::Kind::salts);
    return fault(FrameFault::Kind::wrong_bit,
                 kFrameSalts * 8 + static_cast<std::size_t>(std::countr_zero(salts_off)));
}

LogScan::Verdict LogScan::diagnose(std::string_view frame, Frame& parsed, LogChecksum sum) {
    using Kind = FrameFault::Kind;
    std::vector<std::size_t> bits;
    for (const WrongBit& wrong : wrong_bits(sum, parsed.checksum, frame.size() - kFrameHeader + kSummedHead))
        if (is_set(frame, place(wrong.bit)) != wrong.should_be) bits.push_back(place(wrong.bit));
    const FrameFault one_bit{index_, bits.size() == 1 ? Kind::wrong_bit : Kind::unplaced,
                             bits.empty() ? 0 : bits.front()};
    if (distance(sum, parsed.checksum) == 1) {
        chain_ = sum;
        if (!bits.empty()) {
            other_ = parsed.checksum;
            other_fault_ = one_bit;
            ambiguous_ = index_;
        }
        return fault(Kind::wrong_bit, place(sum, parsed.checksum));
    }
    if (bits.empty())
        return fault(parsed.page == 0 || parsed.page > most_pages_ ? Kind::left_out : Kind::damaged);
    if (one_bit.kind == Kind::wrong_bit && one_bit.bit < kSummedHead * 8) {
        std::string head(frame.substr(0, kFrameHeader));
        turn(head, one_bit.bit);
        parsed = parse(head);
    }
    return fault(one_bit.kind, one_bit.bit);
}

void LogScan::add(std::string_view frame) {
    Frame parsed = parse(frame);
    if (index_ == 0 && !salts_known_) choose_header(frame, parsed);
    if (salts_known_ || find_salts(frame, parsed)) {
        const Verdict verdict = judge(frame, parsed);
        previous_is_ours_ = verdict != Verdict::faulty || parsed.salts == header_.salts;
        account_for(verdict, parsed);
    }
    ++index_;
}

void LogScan::account_for(Verdict verdict, const Frame& frame) {
    const bool ours = verdict != Verdict::faulty;
    if (ours && awaits_proof_) {  // it goes on from that commit, so that commit was synced
        end_ = index_;
        standing_faults_ = faults_.size() - (verdict == Verdict::mended ? 1 : 0);
        transaction_faulty_ = false;
    }
    awaits_proof_ = false;
    if (!ours) transaction_faulty_ = true;
    if (!ours || frame.commit == 0) return;
    if (transaction_faulty_) {
        awaits_proof_ = true;
        return;
    }
    end_ = index_ + 1;
    standing_faults_ = faults_.size();
}

LogReport LogScan::finish() const {
    LogReport report;
    report.header = header_;
    report.header_damaged = header_damaged_;
    report.frames = end_;
    report.faults.assign(faults_.begin(), faults_.begin() + static_cast<std::ptrdiff_t>(standing_faults_));
    using Kind = FrameFault::Kind;
    report.exact = std::none_of(report.faults.begin(), report.faults.end(), [](const FrameFault& fault) {
        return fault.kind != Kind::wrong_bit && fault.kind != Kind::salts;
    });
    // With no frame that goes on from it nobody knows whether the page or the checksum has the wrong bit.
    if (ambiguous_ && *ambiguous_ + 1 == end_) report.exact = false;
    if (end_ > 0 && (header_damaged_ || !report.faults.empty()))
        report.state = LogReport::State::damaged;
    else if (!salts_known_ && !header_blank_ && index_ > 0)
        report.state = LogReport::State::unreadable;
    return report;
}

LogRewrite::LogRewrite(const LogReport& report) : report_(report) {
    chain_ = extended({}, std::string_view(header()).substr(0, kSummed));
}

std::string LogRewrite::header() const {
    std::string bytes(kLogHeader, '\0');
    put_number(bytes, 0, kMagic);
    put_number(bytes, 4, kFormat);
    put_number(bytes, 8, report_.header.page_size);
    put_number(bytes, 12, report_.header.sequence);
    std::memcpy(bytes.data() + kSalts, &report_.header.salts, sizeof report_.header.salts);
    const LogChecksum sum = extended({}, std::string_view(bytes).substr(0, kSummed));
    put_number(bytes, kSummed, sum.first);
    put_number(bytes, kSummed + 4, sum.second);
    return bytes;
}

std::string LogRewrite::frame(std::string_view frame) {
    std::string bytes(frame);
    const std::uint64_t here = index_++;
    if (next_fault_ < report_.faults.size() && report_.faults[next_fault_].frame == here) {
        const FrameFault& fault = report_.faults[next_fault_++];
        if (fault.kind == FrameFault::Kind::left_out) return {};
        if (fault.kind == FrameFault::Kind::wrong_bit) turn(bytes, fault.bit);
    }
    std::memcpy(bytes.data() + kFrameSalts, &report_.header.salts, sizeof report_.header.salts);
    chain_ = sum_of(chain_, bytes);
    put_number(bytes, kFrameChecksum, chain_.first);
    put_number(bytes, kFrameChecksum + 4, chain_.second);
    return bytes;
}

}  // namespace respand::spool
