#include "sandbox/server/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "sandbox/server/json_text.hpp"

namespace respand::sandbox {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 12> kSecretKeys{"customer_credentials",
                                                       "credential_override",
                                                       "api_key",
                                                       "apikey",
                                                       "aws_access_key_id",
                                                       "aws_secret_access_key",
                                                       "vertex_ai_credentials",
                                                       "private_key",
                                                       "authorization",
                                                       "x-data-respan-params",
                                                       "x-data-keywordsai-params",
                                                       "posthog_integration"};

/// All that may stand in `customer_params`: what else does there changes the platform's budgets and limits.
constexpr std::array<std::string_view, 4> kCustomerKeys{"customer_identifier", "name", "email", "metadata"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return out;
}

/// Walks one document and, for strings that hold JSON, the documents inside.
class Finder final : public nlohmann::json_sax<Json> {
  public:
    Finder(std::string prefix, int nesting, std::vector<std::string>& found)
        : prefix_(std::move(prefix)), nesting_(nesting), found_(found) {}

    bool null() override { return value(false); }
    bool boolean(bool) override { return value(true); }
    bool number_integer(number_integer_t) override { return value(true); }
    bool number_unsigned(number_unsigned_t) override { return value(true); }
    bool number_float(number_float_t, const string_t&) override { return value(true); }
    bool binary(binary_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

    bool string(string_t& text) override {
        const bool reported = is_secret();
        value(!text.empty());
        if (!reported) look_inside(text);
        return true;
    }
    bool key(string_t& name) override {
        if (!stack_.empty()) stack_.back().key = name;
        return true;
    }
    bool start_object(std::size_t) override { return open(); }
    bool start_array(std::size_t) override { return open(); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

  private:
    struct Frame {
        std::string key;            // of the member under way; empty in an array
        bool load_balance = false;  // below load_balance_group or load_balance_models
        bool reported = false;      // lies inside a secret that was named already
    };

    bool open() {
        Frame frame;
        if (!stack_.empty()) {
            const std::string name = lower(stack_.back().key);
            frame.load_balance =
                stack_.back().load_balance || name == "load_balance_group" || name == "load_balance_models";
            frame.reported = stack_.back().reported || is_secret();
        }
        value(true);
        stack_.push_back(std::move(frame));
        return true;
    }
    bool close() {
        stack_.pop_back();
        return true;
    }

    bool is_secret() const {
        if (stack_.empty() || stack_.back().key.empty()) return false;
        const std::string name = lower(stack_.back().key);
        if (std::ranges::find(kSecretKeys, name) != kSecretKeys.end() || name.ends_with("_api_key"))
            return true;
        if (name == "credentials" && stack_.back().load_balance) return true;
        return stack_.size() == 2 && stack_.front().key == "customer_params" && nesting_ == 0 &&
               std::ranges::find(kCustomerKeys, name) == kCustomerKeys.end();
    }

    bool value(bool present) {
        if (present && is_secret() && !stack_.back().reported) report();
        return true;
    }

    void report() {
        if (found_.size() > kMaxSecretsNamed) return;
        found_.push_back(found_.size() == kMaxSecretsNamed ? "…" : path());
    }

    std::string path() const {
        std::string out = prefix_;
        for (const Frame& frame : stack_) {
            if (frame.key.empty()) {
                out += "[]";
            } else {
                if (!out.empty()) out += '.';
                out += frame.key;
            }
        }
        return out;
    }

    void look_inside(std::string_view text) {
        const std::string_view inner = trimmed(text);
        if (nesting_ >= kMaxNestedDocuments || (!is_object(inner) && !is_array(inner))) return;
        if (json_fault(inner)) return;  // half a document names keys that nobody sent
        Finder nested(path(), nesting_ + 1, found_);
        Json::sax_parse(inner.begin(), inner.end(), &nested);
    }

    std::string prefix_;
    int nesting_;
    std::vector<std::string>& found_;
    std::vector<Frame> stack_;
};

}  // namespace

std::vector<std::string> find_secrets(std::string_view log) {
    std::vector<std::string> found;
    Finder finder("", 0, found);
    Json::sax_parse(log.begin(), log.end(), &finder);
    return found;
}

}  // namespace respand::sandbox
