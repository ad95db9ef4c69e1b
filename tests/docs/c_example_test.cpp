// The README's C program, as somebody would copy it: compiled, run, and its record received.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "base/fd.hpp"
#include "markdown.hpp"
#include "record/record_parser.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace respand::docs {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

UniqueFd datagram_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
}

TEST(CExample, CompilesWithoutAWarningAndSendsARecord) {
    const auto programs = code_blocks(readme(), "c");
    ASSERT_THAT(programs, SizeIs(1));
    const test::TempDir dir;
    test::write_file(dir.file("send.c"), programs.front());
    const auto compiled =
        test::run({"/bin/sh", "-c",
                   "cc -std=c11 -Wall -Wextra -Werror -o " + dir.file("send") + " " + dir.file("send.c")},
                  dir.file("compiler"));
    ASSERT_EQ(compiled.code, 0) << compiled.output;
    EXPECT_THAT(compiled.output, IsEmpty());

    const UniqueFd receiver = datagram_socket(dir.file("socket"));
    const auto sent = test::run({dir.file("send"), dir.file("socket")}, dir.file("output"));
    ASSERT_EQ(sent.code, 0) << sent.output;
    std::array<char, 4096> text{};
    const ssize_t size = ::recv(receiver.get(), text.data(), text.size() - kRecordPadding, 0);
    ASSERT_GT(size, 0);
    RecordParser parser;
    EXPECT_TRUE(parser.parse({text.data(), static_cast<std::size_t>(size)}));
}

}  // namespace
}  // namespace respand::docs
