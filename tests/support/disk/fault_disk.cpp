#include "support/disk/fault_disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/disk/fault_vfs.hpp"

namespace respand::test {
namespace {

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

FaultDisk::FaultDisk() : vfs_(std::make_unique<sqlite3_vfs>()), real_(sqlite3_vfs_find(nullptr)) {
    FaultVfs::fill(*vfs_, *this, *real_);
    sqlite3_vfs_register(vfs_.get(), 1);
}

FaultDisk::~FaultDisk() {
    sqlite3_vfs_register(real_, 1);
    sqlite3_vfs_unregister(vfs_.get());
}

std::uint64_t FaultDisk::changes() const {
    const Lock lock(mutex_);
    return changes_;
}

std::vector<std::uint64_t> FaultDisk::syncs() const {
    const Lock lock(mutex_);
    return syncs_;
}

void FaultDisk::cut_at(std::uint64_t change, When when) {
    const Lock lock(mutex_);
    cut_at_ = change;
    when_ = when;
}

bool FaultDisk::is_cut() const {
    const Lock lock(mutex_);
    return cut_;
}

void FaultDisk::inject(DiskFault fault) {
    const Lock lock(mutex_);
    fault_ = fault;
    faulty_ = true;
}

void FaultDisk::heal() {
    const Lock lock(mutex_);
    faulty_ = false;
    capacity_ = std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t FaultDisk::failed() const {
    const Lock lock(mutex_);
    return failed_;
}

void FaultDisk::set_capacity(std::uint64_t bytes) {
    const Lock lock(mutex_);
    capacity_ = bytes;
}

std::uint64_t FaultDisk::used() const {
    const Lock lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& [path, file] : nodes_) sum += file->size;
    return sum;
}

int FaultDisk::check(DiskCall call) {
    if (cut_) return SQLITE_IOERR;
    if (!faulty_ || fault_.call != call) return SQLITE_OK;
    if (fault_.skip > 0) {
        --fault_.skip;
        return SQLITE_OK;
    }
    if (fault_.times != DiskFault::kForever && --fault_.times == 0) faulty_ = false;
    ++failed_;
    return fault_.code;
}

bool FaultDisk::power_for_change(bool is_sync) {
    if (cut_) return false;
    ++changes_;
    if (is_sync) syncs_.push_back(changes_);
    cut_ = changes_ == cut_at_ && when_ == When::before;
    return !cut_;
}

void FaultDisk::cut_after_change() { cut_ = changes_ == cut_at_ && when_ == When::after; }

std::shared_ptr<FaultDisk::Node> FaultDisk::node(const std::string& path, bool existed) {
    auto& found = nodes_[path];
    if (found) return found;
    found = std::make_shared<Node>();
    if (existed) {
        std::string content = content_of(path);
        found->size = content.size();
        found->image = DiskImage(std::move(content));
        found->name_synced = true;
    }
    return found;
}

void FaultDisk::removed(const std::string& path, bool synced) {
    if (const auto found = nodes_.find(path); found != nodes_.end()) {
        if (found->second->name_synced) ghosts_[path] = found->second;
        nodes_.erase(found);
    }
    if (synced) sync_directory();
}

void FaultDisk::sync_directory() {
    ghosts_.clear();
    for (auto& [path, file] : nodes_) file->name_synced = true;
}

bool FaultDisk::has_room(const Node& node, std::uint64_t end) const {
    if (end <= node.size) return true;
    std::uint64_t sum = end - node.size;
    for (const auto& [path, file] : nodes_) sum += file->size;
    return sum <= capacity_;
}

void FaultDisk::power_cycle(std::mt19937& random) {
    const Lock lock(mutex_);
    namespace fs = std::filesystem;
    for (auto& [path, file] : ghosts_) {  // a removal, or a replacement, that did not get to the disk
        const auto found = nodes_.find(path);
        if (found == nodes_.end() || !found->second->name_synced)
            if (random() % 2 == 0) nodes_[path] = file;
    }
    ghosts_.clear();
    for (auto at = nodes_.begin(); at != nodes_.end();) {
        auto& [path, file] = *at;
        fs::remove(path + "-shm");
        if (!file->name_synced && random() % 2 == 0) {
            fs::remove(path);
            at = nodes_.erase(at);
            continue;
        }
        std::string content = file->image.after_power_loss(random, static_cast<Loss>(random() % kLosses));
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
        file->size = content.size();
        file->image = DiskImage(std::move(content));
        file->name_synced = true;
        ++at;
    }
    changes_ = cut_at_ = 0;
    cut_ = false;
    syncs_.clear();
}

}  // namespace respand::test
