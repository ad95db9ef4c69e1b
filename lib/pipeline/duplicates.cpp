#include "pipeline/duplicates.hpp"

#include <charconv>
#include <string>

#include "pricing/sha256.hpp"

namespace respand::pipeline {

spool::RecordHash record_hash(const ingest::Origin& origin, std::string_view record_id) {
    std::string named(ingest::name(origin.listener));
    named += ' ';
    if (origin.uid != static_cast<uid_t>(-1)) named += std::to_string(origin.uid);
    named += '\0';
    named += record_id;
    const std::string digest = pricing::sha256_hex(named);
    spool::RecordHash hash{};
    for (std::size_t i = 0; i < hash.size(); ++i) {
        const char* digits = digest.data() + 2 * i;
        std::from_chars(digits, digits + 2, hash[i], 16);
    }
    return hash;
}

}  // namespace respand::pipeline
