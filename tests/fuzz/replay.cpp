// Runs a fuzz target over the files of a directory, and over simple changes of each: cut off, and with one
// byte changed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

constexpr int kChangesPerFile = 400;

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 64;
    }
    std::size_t files = 0;
    std::mt19937 random(1);
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string input{std::istreambuf_iterator<char>(in), {}};
        run(input);
        for (int i = 0; i < kChangesPerFile && !input.empty(); ++i) {
            std::string changed = input;
            changed[random() % changed.size()] = static_cast<char>("\"\\{}[],:0e-\n \xff"[random() % 14]);
            run(changed);
            run(input.substr(0, random() % input.size()));
        }
        ++files;
    }
    std::printf("%zu files replayed\n", files);
    return files > 0 ? 0 : 1;
}
