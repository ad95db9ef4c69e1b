#include "respanctl/record_input.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

namespace respand::ctl {
namespace {

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

/// One record a line, from where `in` stands; `number` lines came before.
Status for_each_line(std::istream& in, std::uint64_t number, const TakeRecord& take) {
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (is_blank(line)) continue;
        if (auto taken = take(line, "line " + std::to_string(number)); !taken) return taken;
    }
    return {};
}

Status for_each_in(std::istream& in, const TakeRecord& take) {
    std::string first;
    std::uint64_t blank = 0;
    while (std::getline(in, first) && is_blank(first)) ++blank;
    if (is_blank(first)) return {};
    if (nlohmann::json::accept(first)) {
        if (auto taken = take(first, "line " + std::to_string(blank + 1)); !taken) return taken;
        return for_each_line(in, blank + 1, take);
    }
    const std::string whole = first + "\n" + std::string(std::istreambuf_iterator<char>(in), {});
    if (nlohmann::json::accept(whole)) return take(whole, "the input");
    std::istringstream lines(whole);
    return for_each_line(lines, blank, take);
}

}  // namespace

Result<RecordInput> RecordInput::open(const std::string& file) {
    RecordInput input;
    input.standard_ = file == "-";
    if (input.standard_) return input;
    input.file_.open(file, std::ios::binary);
    if (!input.file_) return fail(ErrorKind::no_input, file + ": " + std::generic_category().message(errno));
    return input;
}

Status RecordInput::for_each(const TakeRecord& take) {
    return for_each_in(standard_ ? std::cin : file_, take);
}

}  // namespace respand::ctl
