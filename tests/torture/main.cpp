// respand-torture: brings faults about, again and again, and shows what became of the records.
//
//   respand-torture [--list] [--seed N] [--scale X] [FAULT ...]
//
// Exit code: 0 when every promise held, 1 when one broke, 2 for wrong words, 77 when the only fault that was
// asked for can't be brought about on this machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "disk_full.hpp"
#include "fault.hpp"
#include "small_disk.hpp"
#include "support/temp_dir.hpp"

namespace {

using respand::torture::Fault;
using respand::torture::Outcome;
using respand::torture::Plan;

constexpr int kNotAvailable = 77;
constexpr std::size_t kShownFaults = 5;

struct Words {
    Plan plan;
    std::vector<std::string> faults;
    bool list = false;
    bool good = true;
};

Words parse(int argc, char** argv) {
    Words words;
    words.plan.seed = std::random_device{}() % 1'000'000;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--list")
            words.list = true;
        else if (word == "--seed" && i + 1 < argc)
            words.plan.seed = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--scale" && i + 1 < argc)
            words.plan.scale = std::strtod(argv[++i], nullptr);
        else if (word.starts_with("-"))
            words.good = false;
        else
            words.faults.push_back(word);
    }
    words.good = words.good && words.plan.scale > 0;
    return words;
}

bool wanted(const Fault& fault, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (name == fault.name()) return true;
    return names.empty();
}

void print(const Fault& fault, const Outcome& outcome, double seconds) {
    if (!outcome.available) {
        std::printf("%-19s not available here\n", fault.name().c_str());
    } else {
        std::printf("%-19s %7llu %10llu %7llu %11llu %10llu %8.1f  %s\n", fault.name().c_str(),
                    static_cast<unsigned long long>(outcome.runs),
                    static_cast<unsigned long long>(outcome.records),
                    static_cast<unsigned long long>(outcome.lost),
                    static_cast<unsigned long long>(outcome.duplicated),
                    static_cast<unsigned long long>(outcome.recovered), seconds,
                    outcome.broken.empty() ? "kept" : "BROKEN");
    }
    for (const std::string& note : outcome.notes) std::printf("    %s\n", note.c_str());
    for (std::size_t i = 0; i < outcome.broken.size() && i < kShownFaults; ++i)
        std::printf("  ! %s\n", outcome.broken[i].c_str());
    if (outcome.broken.size() > kShownFaults)
        std::printf("  ! and %zu more\n", outcome.broken.size() - kShownFaults);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    Words words = parse(argc, argv);
    if (!words.good) {
        std::fprintf(stderr, "usage: respand-torture [--list] [--seed N] [--scale X] [FAULT ...]\n");
        return 2;
    }
    const auto faults = respand::torture::all_faults();
    if (words.list) {
        for (const auto& fault : faults)
            std::printf("%-19s %s\n", fault->name().c_str(), fault->what().c_str());
        return 0;
    }
    words.plan.programs = std::filesystem::canonical("/proc/self/exe").parent_path();
    words.plan.source = RESPAND_SOURCE_DIR;
    std::printf("seed %llu, scale %g\n\n", static_cast<unsigned long long>(words.plan.seed),
                words.plan.scale);
    std::printf("%-19s %7s %10s %7s %11s %10s %8s  %s\n", "fault", "runs", "records", "lost", "duplicated",
                "recovered", "seconds", "promises");
    std::fflush(stdout);
    std::optional<respand::test::TempDir> disk;
    for (const auto& fault : faults)
        if (fault->needs_small_disk() && wanted(*fault, words.faults) && !disk) {
            disk.emplace();
            words.plan.no_small_disk =
                respand::torture::mount_small_disk(disk->path(), respand::torture::DiskFull::kDiskSize);
            if (words.plan.no_small_disk.empty()) words.plan.small_disk = disk->path();
        }
    bool broken = false;
    std::size_t ran = 0, available = 0;
    for (const auto& fault : faults) {
        if (!wanted(*fault, words.faults)) continue;
        const auto start = std::chrono::steady_clock::now();
        const Outcome outcome = fault->run(words.plan);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        print(*fault, outcome, took.count());
        ++ran;
        available += outcome.available ? 1U : 0U;
        broken = broken || !outcome.broken.empty() || outcome.lost > 0;
    }
    if (ran == 0) {
        std::fprintf(stderr, "no such fault; see --list\n");
        return 2;
    }
    if (broken)
        std::printf("\nA promise broke. The same again: --seed %llu\n",
                    static_cast<unsigned long long>(words.plan.seed));
    return broken ? 1 : available == 0 ? kNotAvailable : 0;
}
