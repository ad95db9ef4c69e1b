// Hears of what SQLite writes to one of its files. Inside this room only.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <functional>

namespace respand::sqlite {

/// For as long as it lives, `written(offset, bytes)` is called after each write to `file` that succeeded, on
/// the thread that writes. The file must stay open meanwhile, and be used by one thread.
///
/// It takes the place of the file's table of methods: SQLite asks that table anew at every call, and the
/// table is all that a file shows of its kind, so this works above any VFS.
class WriteWatch {
  public:
    WriteWatch(sqlite3_file& file, std::function<void(std::int64_t, std::int64_t)> written);
    WriteWatch(const WriteWatch&) = delete;
    WriteWatch& operator=(const WriteWatch&) = delete;
    ~WriteWatch();

  private:
    /// First in it: the table that the file points to, which is how a call finds its way back.
    struct Methods {
        sqlite3_io_methods table;
        const sqlite3_io_methods* usual;
        const WriteWatch* watch;
    };
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset);

    sqlite3_file& file_;
    std::function<void(std::int64_t, std::int64_t)> written_;
    Methods methods_;
};

}  // namespace respand::sqlite
