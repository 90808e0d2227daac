#include "node/signer/protocol.h"

#include <catch2/catch.hpp>

#include "test/support/signer/statements.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)

namespace {

/// The body of one whole frame.
Bytes body_of(const Bytes& frame) {
    FrameReader frames;
    frames.add(frame);
    const auto body = frames.next();
    REQUIRE(body);
    REQUIRE_FALSE(frames.next());
    return *body;
}

}  // namespace

TEST_CASE("signer protocol: requests and replies come back as they were sent", "[signer]") {
    const test::Statements says;
    Hello hello{.chain_id = says.chain.chain_id, .newest_votes = {}};
    while (hello.newest_votes.size() < Hello::votes_max) {
        hello.newest_votes.push_back(says.is_signed(says.notarize(7)));
    }
    for (const Request& request :
         {Request(hello), Request(SignRequest{says.nullify(3)}), Request(StatusRequest{})}) {
        CHECK(request_from(body_of(frame_of(request))) == request);
    }
    const SignerStatus status{.key = says.key().public_key(),
                              .locked = true,
                              .floor = {1, 2},
                              .highest = {3, 4},
                              .boot_counter = 5,
                              .votes = 6};
    for (const Reply& reply :
         {Reply(status), Reply(Signed{says.key().sign("x")}), Reply(Refused{Refusal::malformed}),
          Reply(Refused{Refusal::key_failed})}) {
        CHECK(reply_from(body_of(frame_of(reply))) == reply);
    }
}

TEST_CASE("signer protocol: a body cut short, too long or unknown is none", "[signer]") {
    const test::Statements says;
    const auto body = body_of(frame_of(Request(SignRequest{says.notarize(1)})));
    for (std::size_t size = 0; size < body.size(); ++size) {
        CHECK_FALSE(request_from(ByteView(body).substr(0, size)));
    }
    CHECK_FALSE(request_from(body + "x"));
    CHECK_FALSE(request_from(Bytes(1, '\0')));
    CHECK_FALSE(request_from(Bytes(1, '\x04')));
    CHECK_FALSE(reply_from(Bytes("\x03\x00\x00", 3)));  // a refusal without a meaning
    CHECK_FALSE(reply_from(Bytes("\x03\x04\x5a", 3)));
    CHECK_FALSE(request_from(body_of(frame_of(Request(SignRequest{Bytes(600, 'x')})))));
}

TEST_CASE("signer protocol: frames are cut out of whatever pieces come", "[signer]") {
    const test::Statements says;
    const auto frame = frame_of(Request(SignRequest{says.notarize(1)}));
    FrameReader frames;
    int whole = 0;
    for (const char byte : frame + frame + frame) {
        frames.add(Bytes(1, byte));
        whole += frames.next() ? 1 : 0;
    }
    CHECK(whole == 3);
    for (const auto& length : {Bytes(4, '\0'), Bytes("\x00\x00\x10\x01", 4), Bytes(4, '\xff')}) {
        FrameReader broken;
        broken.add(length);
        CHECK_FALSE(broken.next());
        CHECK(broken.broken());
    }
}
