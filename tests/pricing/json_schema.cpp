#include "json_schema.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

namespace respand::pricing::test {
namespace {

using nlohmann::json;

bool is_of_type(const json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer();
    throw std::logic_error("type " + type);
}

bool fits(const std::string& text, const std::string& pattern) {
    static std::map<std::string, std::regex> compiled;
    const auto [found, unused] = compiled.try_emplace(pattern, pattern);
    return std::regex_search(text, found->second);
}

bool limit(const std::string& name, const json& rule, const json& value) {
    if (name == "minimum") return !value.is_number() || value >= rule;
    if (name == "maximum") return !value.is_number() || value <= rule;
    if (name == "minLength") return !value.is_string() || value.get<std::string>().size() >= rule;
    if (name == "maxLength") return !value.is_string() || value.get<std::string>().size() <= rule;
    if (name == "minItems") return !value.is_array() || value.size() >= rule;
    if (name == "maxItems") return !value.is_array() || value.size() <= rule;
    if (name == "pattern")
        return !value.is_string() || fits(value.get<std::string>(), rule.get<std::string>());
    if (name == "uniqueItems") {
        if (!value.is_array() || rule == false) return true;
        return std::set<json>(value.begin(), value.end()).size() == value.size();
    }
    throw std::logic_error("keyword " + name);
}

bool has_all(const json& object, const json& names) {
    return std::ranges::all_of(names,
                               [&](const json& name) { return object.contains(name.get<std::string>()); });
}

}  // namespace

const json& JsonSchema::resolved(const std::string& reference) const {
    return root_.at(json::json_pointer(reference.substr(1)));
}

bool JsonSchema::accepts(const json& schema, const json& value) const {
    return std::ranges::all_of(schema.items(),
                               [&](const auto& item) { return keyword(item.key(), schema, value); });
}

bool JsonSchema::keyword(const std::string& name, const json& schema, const json& value) const {
    const json& rule = schema.at(name);
    if (name == "$schema" || name == "$defs" || name == "title" || name == "description") return true;
    if (name == "$ref") return accepts(resolved(rule.get<std::string>()), value);
    if (name == "type") return is_of_type(value, rule.get<std::string>());
    if (name == "const") return value == rule;
    if (name == "enum") return std::ranges::count(rule, value) == 1;
    if (name == "anyOf" || name == "oneOf" || name == "not") return combination(name, rule, value);
    if (name == "items") {
        return !value.is_array() ||
               std::ranges::all_of(value, [&](const json& element) { return accepts(rule, element); });
    }
    if (name == "required" || name == "properties" || name == "propertyNames" ||
        name == "additionalProperties" || name == "dependentRequired") {
        return !value.is_object() || object_keyword(name, schema, value);
    }
    return limit(name, rule, value);
}

bool JsonSchema::object_keyword(const std::string& name, const json& schema, const json& value) const {
    const json& rule = schema.at(name);
    if (name == "required") return has_all(value, rule);
    const json known = schema.value("properties", json::object());
    return std::ranges::all_of(value.items(), [&](const auto& member) {
        const std::string& key = member.key();
        if (name == "properties") return !rule.contains(key) || accepts(rule.at(key), member.value());
        if (name == "propertyNames") return accepts(rule, key);
        if (name == "dependentRequired") return !rule.contains(key) || has_all(value, rule.at(key));
        if (known.contains(key)) return true;  // not an additional one
        return rule.is_boolean() ? rule.get<bool>() : accepts(rule, member.value());
    });
}

bool JsonSchema::combination(const std::string& name, const json& rule, const json& value) const {
    if (name == "not") return !accepts(rule, value);
    const auto fitting =
        std::ranges::count_if(rule, [&](const json& schema) { return accepts(schema, value); });
    return name == "oneOf" ? fitting == 1 : fitting > 0;
}

}  // namespace respand::pricing::test
