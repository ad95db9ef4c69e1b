#include "source_text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace respand::rules {
namespace {

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// One pass over the text; each step blanks one comment or literal, or passes over one character.
class Blanker {
  public:
    explicit Blanker(std::string_view text) : text_(text), out_(text) {}

    std::string run() {
        while (at_ < text_.size()) step();
        return std::move(out_);
    }

  private:
    bool here(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    void step() {
        if (here("//")) return blank_until(text_.find('\n', at_));
        if (here("/*")) return blank_until(after("*/", at_ + 2));
        const bool in_word = at_ > 0 && is_identifier(text_[at_ - 1]);
        if (here("R\"") && !(in_word && text_[at_ - 1] != 'L' && text_[at_ - 1] != '8')) return raw_string();
        if (here("\"")) return include_line() ? pass_line() : quoted('"');
        if (here("'") && !(in_word && at_ + 1 < text_.size() && is_identifier(text_[at_ + 1])))  // not 1'000
            return quoted('\'');
        ++at_;
    }

    void raw_string() {
        const std::size_t open = text_.find('(', at_);
        if (open == std::string_view::npos) return blank_until(open);
        const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
        blank_until(after(close, open));
    }

    void quoted(char mark) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != mark && text_[end] != '\n')
            end += text_[end] == '\\' ? 2 : 1;
        blank_until(end + 1);
    }

    bool include_line() const {
        const std::size_t start = text_.rfind('\n', at_) + 1;  // npos + 1 is the first byte
        return text_.substr(start).starts_with("#include");
    }
    void pass_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    std::size_t after(std::string_view what, std::size_t from) const {
        const std::size_t found = text_.find(what, from);
        return found == std::string_view::npos ? found : found + what.size();
    }

    void blank_until(std::size_t end) {
        for (end = std::min(end, text_.size()); at_ < end; ++at_)
            if (out_[at_] != '\n') out_[at_] = ' ';
    }

    std::string_view text_;
    std::string out_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<SourceFile> sources(const std::string& folder) {
    namespace fs = std::filesystem;
    const fs::path root = RESPAND_SOURCE_DIR;
    std::vector<SourceFile> files;
    if (!fs::exists(root / folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension().string();
        if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        files.push_back({fs::relative(entry.path(), root).string(), text.str()});
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::string code_only(std::string_view text) { return Blanker(text).run(); }

std::size_t line_number(std::string_view text, std::size_t at) {
    return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
}

std::vector<std::string> lines(std::string_view text) {
    std::vector<std::string> all;
    std::stringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

}  // namespace respand::rules
