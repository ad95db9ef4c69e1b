// Reading the files a price table is made of.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace respand::pricing {

struct FileText {
    std::string path;
    std::string text;
};

/// A regular file, whole. Blocks on the disk.
Result<FileText> read_price_text(const std::string& path);

/// The paths of the overlays (*.json, but not hidden ones) in name order. A directory that isn't there, or an
/// empty name of it, is as good as an empty directory.
Result<std::vector<std::string>> overlay_paths(const std::string& directory);

}  // namespace respand::pricing
