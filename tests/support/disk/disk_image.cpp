#include "support/disk/disk_image.hpp"

#include <algorithm>
#include <map>

namespace respand::test {

void DiskImage::Change::apply(std::string& file) const {
    if (truncates) {
        file.resize(offset, '\0');
        return;
    }
    if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size(), '\0');
    std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(offset));
}

void DiskImage::write(std::uint64_t offset, std::string_view bytes) {
    unsynced_.push_back({offset, std::string(bytes), false});
}

void DiskImage::truncate(std::uint64_t size) { unsynced_.push_back({size, {}, true}); }

void DiskImage::sync() {
    for (const Change& change : unsynced_) change.apply(synced_);
    unsynced_.clear();
}

std::string DiskImage::after_power_loss(std::mt19937& random, Loss loss) const {
    std::string file = synced_;
    switch (loss) {
        case Loss::all:
            return file;
        case Loss::none:
            for (const Change& change : unsynced_) change.apply(file);
            return file;
        case Loss::whole_writes:
            for (const Change& change : unsynced_)
                if (random() % 2 == 0) change.apply(file);
            return file;
        case Loss::sectors:
            return torn(random);
    }
    return file;
}

/// Each sector stops following the changes at a moment of its own, and so does the file's size. A sector that
/// lies within the size and was never written holds whatever was on the disk there.
std::string DiskImage::torn(std::mt19937& random) const {
    const std::size_t count = unsynced_.size();
    auto moment = [&]() -> std::size_t {
        const auto draw = random() % 3;
        return draw == 0 ? 0 : draw == 1 ? count : random() % (count + 1);
    };
    std::string latest = synced_;   // the file as readers saw it, change by change
    std::string sectors = synced_;  // what each sector last took
    std::size_t size = synced_.size();
    std::map<std::size_t, std::size_t> stops;  // sector → the first change it did not see
    const std::size_t size_stops = moment();
    for (std::size_t i = 0; i < count; ++i) {
        const Change& change = unsynced_[i];
        const std::size_t before = latest.size();
        change.apply(latest);
        if (i < size_stops) size = latest.size();
        const std::size_t from = change.truncates ? std::min<std::size_t>(before, change.offset)
                                                  : static_cast<std::size_t>(change.offset);
        const std::size_t to = change.truncates
                                   ? std::max<std::size_t>(before, change.offset)
                                   : static_cast<std::size_t>(change.offset) + change.bytes.size();
        for (std::size_t sector = from / kSector; sector * kSector < to; ++sector) {
            const auto stop = stops.try_emplace(sector, moment()).first;
            if (i >= stop->second) continue;
            const std::size_t start = sector * kSector;
            if (sectors.size() < start + kSector) sectors.resize(start + kSector, '\0');
            std::ranges::fill_n(sectors.begin() + static_cast<std::ptrdiff_t>(start), kSector, '\0');
            if (start < latest.size())
                std::ranges::copy(latest.substr(start, kSector),
                                  sectors.begin() + static_cast<std::ptrdiff_t>(start));
        }
    }
    const std::size_t known = sectors.size();
    sectors.resize(size);
    for (std::size_t i = known; i < size; ++i) sectors[i] = static_cast<char>(random());
    return sectors;
}

}  // namespace respand::test
