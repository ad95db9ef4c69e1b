#include "ingest/memfd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace respand::ingest {
namespace {

constexpr int kDemandedSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

std::size_t whole_pages(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

std::unexpected<MemfdFault> bad(std::string reason) {
    return std::unexpected(MemfdFault{Fault::bad_memfd, std::move(reason)});
}

std::string missing_seals(int seals) {
    std::string names;
    const auto add = [&](int seal, const char* seal_name) {
        if ((seals & seal) != 0) return;
        if (!names.empty()) names += ", ";
        names += seal_name;
    };
    add(F_SEAL_SHRINK, "F_SEAL_SHRINK");
    add(F_SEAL_GROW, "F_SEAL_GROW");
    add(F_SEAL_WRITE, "F_SEAL_WRITE");
    add(F_SEAL_SEAL, "F_SEAL_SEAL");
    return names;
}

}  // namespace

std::expected<MappedMemfd, MemfdFault> MappedMemfd::map(int fd, std::size_t max_bytes) {
    // Seals first: only behind them is the size final.
    const int seals = ::fcntl(fd, F_GET_SEALS);
    if (seals < 0) return bad("it is not a memfd that can be sealed (memfd_create with MFD_ALLOW_SEALING)");
    if ((seals & kDemandedSeals) != kDemandedSeals)
        return bad("it is not sealed: missing " + missing_seals(seals));
    struct stat info{};
    if (::fstat(fd, &info) != 0) return bad("fstat: " + std::generic_category().message(errno));
    if (!S_ISREG(info.st_mode)) return bad("it is not a regular file");

    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0) return std::unexpected(MemfdFault{Fault::empty_datagram, "it is empty"});
    if (size > max_bytes)
        return std::unexpected(MemfdFault{
            Fault::memfd_too_large,
            "it has " + std::to_string(size) + " bytes, the limit is " + std::to_string(max_bytes)});

    // A page behind the end of a file must not be touched, so the padding needs a page of its own when the
    // file ends close to one: reserve the whole length, then lay the file over its beginning.
    const std::size_t mapped = whole_pages(size + kPadding);
    void* const start = ::mmap(nullptr, mapped, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return bad("mmap: " + std::generic_category().message(errno));
    MappedMemfd memfd(start, size, mapped);
    // A descriptor without the right to read fails here.
    if (::mmap(start, whole_pages(size), PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0) ==
        MAP_FAILED)
        return bad("it can't be mapped for reading: " + std::generic_category().message(errno));
    return memfd;
}

MappedMemfd::MappedMemfd(MappedMemfd&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(other.size_), mapped_(other.mapped_) {}

MappedMemfd::~MappedMemfd() {
    if (start_ != nullptr) ::munmap(start_, mapped_);
}

}  // namespace respand::ingest
