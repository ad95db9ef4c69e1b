#include "record/compose.hpp"

#include "record/metadata.hpp"

namespace respand {

void append_record(std::string& out, std::string_view text, const AddedFields& added) {
    if (added.metadata.empty())
        out.append(text.substr(0, text.size() - 1));
    else
        append_with_metadata(out, text, added.metadata);
    if (!added.timestamp.empty()) out.append(R"(,"timestamp":")").append(added.timestamp).push_back('"');
    if (!added.custom_identifier.empty())
        out.append(R"(,"custom_identifier":")").append(added.custom_identifier).push_back('"');
    if (!added.cost.empty()) out.append(R"(,"cost":)").append(added.cost);
    out.push_back('}');
}

}  // namespace respand
