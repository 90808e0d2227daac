#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>

#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

bool has_strace() {
    return std::system("strace -V >/dev/null 2>&1") == 0;
}

/// What the trace shows of one thread that writes the journal.
struct ThreadTrace {
    bool unsynced_vote = false;
    int votes = 0;  // writes with at least one
    int syncs = 0;
    int sends = 0;
    int sends_before_sync = 0;
};

/// A record's frame has a head of 21 bytes; its payload begins with the record type, 1 for a vote
/// (docs/reference/journal.md). Other records may wait for the next sync.
constexpr const char* vote_record = R"(iov_len=21}, {iov_base="\x01)";

std::map<std::string, ThreadTrace> read_trace(const std::string& file) {
    const std::regex line_shape(R"(^(\d+) +(\w+)\((\d+<[^>]*>)?)");
    std::map<std::string, ThreadTrace> out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::smatch parts;
        if (!std::regex_search(line, parts, line_shape)) {
            continue;
        }
        auto& thread = out[parts[1]];
        const std::string call = parts[2];
        const bool journal = std::string(parts[3]).find("/journal/segment") != std::string::npos;
        if (call == "pwritev" && journal && line.find(vote_record) != std::string::npos) {
            thread.unsynced_vote = true;
            ++thread.votes;
        } else if (call == "fdatasync" && journal) {
            thread.unsynced_vote = false;
            ++thread.syncs;
        } else if (call == "sendmsg") {
            ++thread.sends;
            thread.sends_before_sync += thread.unsynced_vote ? 1 : 0;
        }
    }
    return out;
}

}  // namespace

TEST_CASE("journal: a traced node syncs what it wrote before it sends", "[integration]") {
    if (!has_strace()) {
        WARN("strace is not installed: skipped");
        return;
    }
    Devnet devnet;
    const auto trace = devnet.folder_of(0) + "/trace";
    devnet.start(0, {},
                 {"strace", "-f", "-y", "-x", "-v", "-s", "64", "-o", trace, "-e",
                  "trace=pwritev,fdatasync,sendmsg"});
    for (std::size_t i = 1; i < devnet.size(); ++i) {
        devnet.start(i);
    }
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        REQUIRE(eventually([&] { return http_get(devnet.ops_port(i), "/readyz").status == 200; }));
    }
    const MemberClient client(devnet, 1);
    for (int i = 0; i < 10; ++i) {
        client.must_open();
    }
    REQUIRE(eventually([&] { return metric(devnet.ops_port(0), "remit_block_height") >= 10; }));
    devnet.process(0).kill();  // the tracer, which takes the node with it
    int voters = 0;
    for (const auto& [thread, seen] : read_trace(trace)) {
        if (seen.votes == 0) {
            continue;
        }
        CAPTURE(thread, seen.votes, seen.syncs, seen.sends);
        ++voters;
        REQUIRE(seen.votes >= 10);
        // The kill may have come between the last write and its sync.
        REQUIRE(seen.syncs + (seen.unsynced_vote ? 1 : 0) >= seen.votes);
        REQUIRE(seen.sends > seen.votes);
        REQUIRE(seen.sends_before_sync == 0);
    }
    REQUIRE(voters == 1);  // the reactor, and no other thread, votes
}

TEST_CASE("journal: a vote waits for its sync however long that takes", "[integration]") {
    if (!has_strace()) {
        WARN("strace is not installed: skipped");
        return;
    }
    // With one node down the quorum needs all three others, so the slow disk of one of them is in
    // the way of every block.
    Devnet devnet;
    devnet.start(0, {},
                 {"strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                  "inject=fdatasync:delay_enter=400000"});
    devnet.start(1);
    devnet.start(2);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(1), "/readyz").status == 200; }));
    const MemberClient client(devnet, 1);
    client.must_open();
    const auto begin = std::chrono::steady_clock::now();
    client.must_open();
    REQUIRE(std::chrono::steady_clock::now() - begin >= 400ms);
}

TEST_CASE("journal: a failed sync ends the node with status 70, the others go on",
          "[integration]") {
    if (!has_strace()) {
        WARN("strace is not installed: skipped");
        return;
    }
    Devnet devnet;
    devnet.start(0, {},
                 {"strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                  "inject=fdatasync:error=EIO:when=12+"});
    for (std::size_t i = 1; i < devnet.size(); ++i) {
        devnet.start(i);
    }
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(1), "/readyz").status == 200; }));
    const MemberClient client(devnet, 1);
    for (int i = 0; i < 20; ++i) {
        client.must_open();
    }
    REQUIRE(devnet.process(0).wait(20s) == 70);
    client.must_open();
}

}  // namespace remit::test
