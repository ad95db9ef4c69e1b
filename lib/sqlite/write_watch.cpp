#include "sqlite/write_watch.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace respand::sqlite {

WriteWatch::WriteWatch(sqlite3_file& file, std::function<void(std::int64_t, std::int64_t)> written)
    : file_(file), written_(std::move(written)), methods_{*file.pMethods, file.pMethods, this} {
    static_assert(offsetof(Methods, table) == 0 && std::is_standard_layout_v<Methods>);
    methods_.table.xWrite = &WriteWatch::write;
    file_.pMethods = &methods_.table;
}

WriteWatch::~WriteWatch() { file_.pMethods = methods_.usual; }

int WriteWatch::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    const auto* const methods = reinterpret_cast<const Methods*>(file->pMethods);
    const int code = methods->usual->xWrite(file, bytes, size, offset);
    if (code == SQLITE_OK) methods->watch->written_(offset, size);
    return code;
}

}  // namespace respand::sqlite
