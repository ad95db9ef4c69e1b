// The checkers themselves: what they must find, and what they must leave alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coroutine_rule.hpp"
#include "include_rule.hpp"

namespace respand::rules {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CodeOnly, BlanksCommentsAndLiteralsAndKeepsThePlaces) {
    EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
    EXPECT_EQ(code_only("a /* b\nc */ d"), "a     \n     d");
    EXPECT_EQ(code_only(R"(f("x // y", 'z', "\"");)"), R"(f(        ,    ,     );)");
    EXPECT_EQ(code_only("R\"a(x\ny)\" )a\" z"), "     \n        z");
    EXPECT_EQ(code_only("n = 1'000'000; // c"), "n = 1'000'000;     ");
    EXPECT_EQ(code_only("#include \"spool/chunk.hpp\"\n"), "#include \"spool/chunk.hpp\"\n");
    EXPECT_EQ(code_only("\"never closed\nnext"), "             \nnext");
}

TEST(CoroutineRule, LeavesTheAllowedFormsAlone) {
    for (const char* good : {
             "co_await f();",
             "co_await timer;",
             "{ co_await f(a, g(b)); }",
             "auto x = co_await f();",
             "const auto [error, n] = co_await socket.async_receive(buffer, "
             "asio::as_tuple(asio::use_awaitable));",
             "Result<int> x = co_await f();",
             "x = co_await f();",
             "self->x_[i] = co_await f();",
             "std::ignore = co_await f();",
             "co_return co_await f();",
             "if (a && b) co_await f();",
             "if (a) x = co_await f(); else co_await g();",
             "for (auto& x : list) co_await f(x);",
             "while (a ? b : c) co_await f();",
             "switch (a) { case base::Kind::b: co_await f(); break; default: co_await g(); }",
             "co_spawn(io, [this]() -> awaitable<void> { co_await f(); }, detached);",
             "auto x = co_await f(list[i], call()[2]);",
             "auto x = co_await f<int>(a->b);",
             "auto x = co_await f(a - b, *c, !d);",
             "// if (co_await f())",
             "log(\"if (co_await f())\");",
             "int co_awaited = 1;",
         })
        EXPECT_THAT(check_coroutines({"lib/x/x.cpp", good}), IsEmpty()) << good;
}

TEST(CoroutineRule, FindsTheFormsThatAreMiscompiled) {
    for (const char* bad : {
             "if (co_await f()) return;",
             "if (auto x = co_await f(); x) g();",
             "while (co_await f()) {}",
             "switch (co_await f()) {}",
             "for (auto x : co_await f()) g(x);",
             "auto x = a && co_await f();",
             "auto x = co_await f() && b;",
             "auto x = co_await (f() || g());",
             "auto x = a ? co_await f() : co_await g();",
             "co_await f(a ? b : c);",
             "co_await f([x] { return x; });",
             "co_await f([&](int y) { return y; }, z);",
             "co_await f([] { return 1; });",
             "co_await f(Point{1, 2});",
             "co_await f({1, 2});",
             "auto x{co_await f()};",
             "g(co_await f());",
             "co_await f(co_await g());",
             "auto x = (co_await f()).value();",
             "auto x = !co_await f();",
             "auto x = co_await f() + 1;",
             "auto x = 1 + co_await f();",
             "x += co_await f();",
             "bool b = c == co_await f();",
             "return co_await f();",
             "Point p = Point{co_await f(), 2};",
             "co_await f(), g();",
         })
        EXPECT_FALSE(check_coroutines({"lib/x/x.cpp", bad}).empty()) << bad;
}

TEST(CoroutineRule, NamesTheLine) {
    const auto breaches = check_coroutines({"lib/x/x.cpp", "\n\nif (co_await f()) {}\n"});
    ASSERT_THAT(breaches, SizeIs(1));
    EXPECT_EQ(breaches[0].where, "lib/x/x.cpp:3");
    EXPECT_THAT(breaches[0].what, HasSubstr("condition"));
}

TEST(IncludeRule, LeavesTheAllowedIncludesAlone) {
    const auto good = [](const char* path, const char* line) {
        EXPECT_THAT(check_includes({path, line}), IsEmpty()) << path << " " << line;
    };
    good("lib/spool/spool.cpp",
         "#include \"sqlite/connection.hpp\"\n#include <vector>\n#include <sys/stat.h>\n");
    good("lib/sqlite/connection.hpp", "#include <sqlite3.h>");
    good("lib/config/config.hpp", "#include \"upload/upload_settings.hpp\"");
    good("lib/config/reader.cpp", "#include <toml++/toml.h>");
    good("lib/upload/http_transport.cpp", "#include <boost/beast/http.hpp>");
    good("lib/record/parse.cpp", "#include <simdjson.h>");
    good("lib/control/screen.cpp", "#include <spdlog/fmt/fmt.h>");
    good("lib/base/a.hpp", "// #include \"upload/uploader.hpp\"");
}

TEST(IncludeRule, FindsAHeaderThatCarriesAPrivateLibraryIntoAnotherRoom) {
    const SourceFile header{"lib/record/reader.hpp", "#include <simdjson.h>\n"};
    const SourceFile own{"lib/record/parse.cpp", "#include \"record/reader.hpp\"\n"};
    const SourceFile other{"lib/pricing/cost.cpp", "#include <vector>\n#include \"record/reader.hpp\"\n"};
    EXPECT_THAT(check_private_headers({header, own}), IsEmpty());
    const auto breaches = check_private_headers({header, own, other});
    ASSERT_THAT(breaches, SizeIs(1));
    EXPECT_EQ(breaches[0].where, "lib/pricing/cost.cpp:2");
}

TEST(IncludeRule, FindsWhatTheTableForbids) {
    const auto bad = [](const char* path, const char* line) {
        EXPECT_THAT(check_includes({path, line}), SizeIs(1)) << path << " " << line;
    };
    bad("lib/base/a.hpp", "#include \"spool/spool.hpp\"");
    bad("lib/ingest/a.cpp", "#include \"record/record.hpp\"");
    bad("lib/spool/a.cpp", "#include <sqlite3.h>");
    bad("lib/spool/a.cpp", "#include \"upload/uploader.hpp\"");
    bad("lib/config/a.cpp", "#include \"upload/uploader.hpp\"");
    bad("lib/config/config.hpp", "#include <toml++/toml.h>");
    bad("lib/record/a.hpp", "#include <nlohmann/json.hpp>");
    bad("lib/pricing/a.cpp", "#include <simdjson.h>");
    bad("lib/upload/classify.cpp", "#include <boost/beast/http.hpp>");
    bad("lib/upload/http_transport.hpp", "#include <boost/beast/http.hpp>");
    bad("lib/pricing/a.cpp", "#include <boost/asio.hpp>");
    bad("lib/pricing/a.cpp", "#include <curl/curl.h>");
    bad("lib/spool/a.cpp", "#include \"chunk.hpp\"");
    bad("lib/spool/a.cpp", "  #include <spdlog/spdlog.h>");
    bad("lib/attic/a.cpp", "#include <vector>");
}

}  // namespace
}  // namespace respand::rules
