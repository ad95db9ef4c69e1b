#include "record/compose.hpp"

namespace respand {

void append_record(std::string& out, std::string_view text, const AddedFields& added) {
    out.append(text.substr(0, text.size() - 1));
    if (!added.timestamp.empty()) out.append(R"(,"timestamp":")").append(added.timestamp).push_back('"');
    if (!added.custom_identifier.empty())
        out.append(R"(,"custom_identifier":")").append(added.custom_identifier).push_back('"');
    if (!added.cost.empty()) out.append(R"(,"cost":)").append(added.cost);
    out.push_back('}');
}

}  // namespace respand
