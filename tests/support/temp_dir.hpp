// A directory that goes away with the test.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace respand::test {

/// Where files live in memory, for tests that make many and sync none; else where all temporary files go.
inline std::filesystem::path memory_directory() {
    constexpr const char* kShared = "/dev/shm";
    return ::access(kShared, W_OK | X_OK) == 0 ? kShared : std::filesystem::temp_directory_path();
}

class TempDir {
  public:
    explicit TempDir(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
        std::string name = (parent / "respand-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = name;
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    /// The directory itself.
    std::string path() const { return path_.string(); }
    /// A file in it.
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

}  // namespace respand::test
