#include "ingest/receive_batch.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace respand::ingest {
namespace {

constexpr std::size_t kPage = 4096;  ///< granule of the layout; larger real pages only round more
/// Slots that all began on a page boundary would share the same few sets of the first-level cache: each
/// begins 17 cache lines further into its first page than the one before.
constexpr std::size_t kStagger = std::size_t{17} * 64;
constexpr std::size_t kMinSlots = 4;

std::size_t whole_pages(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

}  // namespace

void ReceiveBatch::Unmap::operator()(char* start) const { ::munmap(start, size); }

Result<std::unique_ptr<ReceiveBatch>> ReceiveBatch::allocate(std::size_t largest) {
    const std::size_t stride = whole_pages(kPage + largest + kPadding);
    const std::size_t slots = std::clamp(kMaxTotal / stride, kMinSlots, kMaxSlots);
    const std::size_t total = slots * stride;
    void* const start =
        ::mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return fail(ErrorKind::temporary, "no room for receive buffers of " + approximate(ByteCount{total}) +
                                              ": " + std::generic_category().message(errno));
    // Huge pages would turn the first byte of every slot into 2 MiB. Refused where the kernel has none: fine.
    ::madvise(start, total, MADV_NOHUGEPAGE);
    return std::unique_ptr<ReceiveBatch>(
        new ReceiveBatch(Memory(static_cast<char*>(start), Unmap{total}), slots, stride, largest));
}

ReceiveBatch::ReceiveBatch(Memory memory, std::size_t slots, std::size_t stride, std::size_t largest)
    : memory_(std::move(memory)),
      stride_(stride),
      largest_(largest),
      parts_(slots),
      controls_(slots),
      messages_(slots),
      touched_(slots, 0) {
    for (std::size_t i = 0; i < slots; ++i) {
        parts_[i] = {slot(i), largest_};
        messages_[i] = {};
        messages_[i].msg_hdr.msg_iov = &parts_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
        messages_[i].msg_hdr.msg_control = controls_[i].bytes;
    }
}

ReceiveBatch::~ReceiveBatch() {
    while (holds_any()) take();  // closes the descriptors that came along
}

char* ReceiveBatch::slot(std::size_t index) const {
    return memory_.get() + index * stride_ + index * kStagger % kPage;
}

int ReceiveBatch::receive(int fd) {
    for (mmsghdr& message : messages_) message.msg_hdr.msg_controllen = kControlBytes;
    int received = 0;
    do {
        received = ::recvmmsg(fd, messages_.data(), static_cast<unsigned>(messages_.size()),
                              MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
    } while (received < 0 && errno == EINTR);
    next_ = 0;
    received_ = received < 0 ? 0 : static_cast<std::size_t>(received);
    return received < 0 ? -errno : received;
}

Datagram ReceiveBatch::take() {
    const std::size_t index = next_++;
    msghdr& message = messages_[index].msg_hdr;
    const std::size_t length = std::min<std::size_t>(messages_[index].msg_len, largest_);
    if (length > kKept) any_large_ = true;
    touched_[index] = std::max(touched_[index], length);
    return {{slot(index), length}, (message.msg_flags & MSG_TRUNC) != 0, take_ancillary(message)};
}

void ReceiveBatch::release_large() {
    if (!any_large_) return;
    any_large_ = false;
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        if (touched_[i] <= kKept) continue;
        const std::size_t from = whole_pages(i * kStagger % kPage + kKept);
        const std::size_t to = whole_pages(i * kStagger % kPage + touched_[i] + kPadding);
        ::madvise(memory_.get() + i * stride_ + from, to - from, MADV_DONTNEED);
        touched_[i] = 0;
    }
}

}  // namespace respand::ingest
