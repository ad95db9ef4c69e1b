#include "pricing/table_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace respand::pricing {
namespace {

namespace fs = std::filesystem;

/// A price file is read into memory as a whole; the largest known one has 1.4 MB.
constexpr std::size_t kMaxFileBytes = 64U << 20U;

std::unexpected<Error> fault_of(const std::string& path, const std::string& what, int error_number) {
    const bool denied = error_number == EACCES || error_number == EPERM;
    return fail(denied ? ErrorKind::no_permission : ErrorKind::no_input,
                path + ": " + what + ": " + std::strerror(error_number));
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<FileText> read_price_text(const std::string& path) {
    std::error_code fault;
    const fs::file_status status = fs::status(path, fault);
    if (fault) return fault_of(path, "the price file can't be read", fault.value());
    // Opening a FIFO would wait for a writer.
    if (!fs::is_regular_file(status)) {
        return fail(ErrorKind::no_input, path + ": the price file is no regular file");
    }
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
    if (file == nullptr) return fault_of(path, "the price file can't be opened", errno);
    FileText result{path, {}};
    std::array<char, 65'536> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        result.text.append(buffer.data(), count);
        if (result.text.size() > kMaxFileBytes) {
            return fail(ErrorKind::data, path + ": over " + std::to_string(kMaxFileBytes >> 20U) +
                                             " MiB; this is no price file");
        }
    }
    if (std::ferror(file.get()) != 0) return fault_of(path, "reading the price file failed", errno);
    return result;
}

Result<std::vector<std::string>> overlay_paths(const std::string& directory) {
    std::vector<std::string> paths;
    std::error_code fault;
    if (directory.empty() || fs::status(directory, fault).type() == fs::file_type::not_found) return paths;
    fs::directory_iterator entry(directory, fault);
    for (const fs::directory_iterator end; !fault && entry != end; entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(".json") && !name.starts_with('.')) paths.push_back(entry->path().string());
    }
    if (fault) return fault_of(directory, "the directory of price overlays can't be read", fault.value());
    std::ranges::sort(paths);
    return paths;
}

}  // namespace respand::pricing
