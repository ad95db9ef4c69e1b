// As much of JSON Schema (draft 2020-12) as conf/pricing.schema.json uses. A keyword that is not known
// throws, so that no part of a schema is passed over.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace respand::pricing::test {

class JsonSchema {
  public:
    explicit JsonSchema(nlohmann::json schema) : root_(std::move(schema)) {}

    bool accepts(const nlohmann::json& value) const { return accepts(root_, value); }

  private:
    using Json = nlohmann::json;

    bool accepts(const Json& schema, const Json& value) const;
    bool keyword(const std::string& name, const Json& schema, const Json& value) const;
    bool object_keyword(const std::string& name, const Json& schema, const Json& value) const;
    bool combination(const std::string& name, const Json& rule, const Json& value) const;
    const Json& resolved(const std::string& reference) const;

    Json root_;
};

}  // namespace respand::pricing::test
