#include "upload/batch_ids.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "upload/text.hpp"

namespace respand::upload {
namespace {

using nlohmann::json;

/// Keeps nothing of a record but the one text at its top level.
class IdReader : public json::json_sax_t {
  public:
    std::string id;

    bool null() override { return other(); }
    bool boolean(bool) override { return other(); }
    bool number_integer(number_integer_t) override { return other(); }
    bool number_unsigned(number_unsigned_t) override { return other(); }
    bool number_float(number_float_t, const string_t&) override { return other(); }
    bool binary(binary_t&) override { return other(); }
    bool string(string_t& value) override {
        if (depth_ == 1 && wanted_) id = value;
        return other();
    }
    bool start_object(std::size_t) override { return ++depth_, other(); }
    bool key(string_t& name) override {
        wanted_ = depth_ == 1 && name == "custom_identifier";
        return true;
    }
    bool end_object() override { return --depth_, true; }
    bool start_array(std::size_t) override { return ++depth_, other(); }
    bool end_array() override { return --depth_, true; }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

  private:
    bool other() {
        wanted_ = false;
        return true;
    }
    int depth_ = 0;
    bool wanted_ = false;
};

std::string identifier(std::string_view record) {
    IdReader reader;
    json::sax_parse(record, &reader);
    std::string id = one_line(reader.id, kMaxIdBytes);
    std::replace(id.begin(), id.end(), ' ', '_');
    return id;
}

}  // namespace

std::vector<std::string> identifier_lines(const Batch& batch) {
    std::vector<std::string> lines;
    std::size_t on_line = kIdsPerLine;
    for (const Slice& slice : batch.slices) {
        std::size_t at = slice.offset;
        for (std::uint32_t i = slice.first; i < slice.first + slice.count; ++i) {
            const std::size_t length = slice.chunk->lengths[i];
            const std::string id = identifier(std::string_view(slice.chunk->body).substr(at, length));
            at += length + 1;
            if (id.empty()) continue;
            if (on_line == kIdsPerLine) {
                lines.emplace_back();
                on_line = 0;
            }
            if (on_line++ > 0) lines.back() += ' ';
            lines.back() += id;
        }
    }
    return lines;
}

}  // namespace respand::upload
