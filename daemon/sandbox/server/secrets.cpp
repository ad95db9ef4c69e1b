#include "sandbox/server/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "sandbox/server/json_text.hpp"

namespace respand::sandbox {
namespace {

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

/// Walks one document and, for strings that hold JSON, the documents inside. Flat, however deep the nesting.
class Finder {
  public:
    Finder(std::string prefix, int nesting, std::vector<std::string>& found)
        : prefix_(std::move(prefix)), nesting_(nesting), found_(found) {}

    /// `text` is valid JSON.
    void walk(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = token_length(text.substr(at));
            take(text.substr(at, length));
            at += length;
        }
    }

  private:
    struct Frame {
        bool object = false;
        bool key_next = false;
        std::string key;            // of the member under way; empty in an array
        bool secret = false;        // that key must not be here
        bool load_balance = false;  // below load_balance_group or load_balance_models
        bool reported = false;      // lies inside a secret that was named already
    };

    static std::size_t token_length(std::string_view text) {
        if (text.front() == '"') {
            std::size_t end = 1;
            while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            return std::min(end + 1, text.size());
        }
        constexpr std::string_view kAlone = "{}[],: \t\r\n";
        if (kAlone.find(text.front()) != std::string_view::npos) return 1;
        return std::min(text.find_first_of(kAlone), text.size());
    }

    void take(std::string_view token) {
        switch (token.front()) {
            case '{':
            case '[':
                return open(token.front() == '{');
            case '}':
            case ']':
                return stack_.pop_back();
            case ',':
                stack_.back().key_next = stack_.back().object;
                return;
            case '"':
                return !stack_.empty() && stack_.back().key_next ? take_key(string_of(token))
                                                                 : take_string(token);
            case ':':
            case ' ':
            case '\t':
            case '\r':
            case '\n':
                return;
            default:
                if (!is_null(token)) take_value();
        }
    }

    void take_key(std::string name) {
        Frame& frame = stack_.back();
        frame.key_next = false;
        frame.key = std::move(name);
        frame.secret = is_secret(lower(frame.key));
    }

    void take_string(std::string_view token) {
        if (token.size() > 2) take_value();
        if (stack_.empty() || stack_.back().secret || stack_.back().reported) return;
        // Most strings are no documents, which their first character tells without decoding them.
        if (token.size() > 2 && std::string_view("{[\\ ").find(token[1]) != std::string_view::npos)
            look_inside(string_of(token));
    }

    /// Something that is neither null nor an empty string.
    void take_value() {
        if (!stack_.empty() && stack_.back().secret && !stack_.back().reported) report();
    }

    void open(bool object) {
        Frame frame;
        frame.object = frame.key_next = object;
        if (!stack_.empty()) {
            const Frame& outer = stack_.back();
            const std::string name = lower(outer.key);
            frame.load_balance =
                outer.load_balance || name == "load_balance_group" || name == "load_balance_models";
            frame.reported = outer.reported || outer.secret;
        }
        take_value();
        stack_.push_back(std::move(frame));
    }

    /// Of the member of the innermost object with this name, in lower case.
    bool is_secret(std::string_view name) const {
        if (std::ranges::find(kSecretKeys, name) != kSecretKeys.end() || name.ends_with("_api_key"))
            return true;
        if (name == "credentials" && stack_.back().load_balance) return true;
        return nesting_ == 0 && stack_.size() == 2 && stack_.front().key == "customer_params" &&
               std::ranges::find(kCustomerKeys, name) == kCustomerKeys.end();
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
        Finder(path(), nesting_ + 1, found_).walk(inner);
    }

    std::string prefix_;
    int nesting_;
    std::vector<std::string>& found_;
    std::vector<Frame> stack_;
};

}  // namespace

std::vector<std::string> find_secrets(std::string_view log) {
    std::vector<std::string> found;
    Finder("", 0, found).walk(log);
    return found;
}

}  // namespace respand::sandbox
