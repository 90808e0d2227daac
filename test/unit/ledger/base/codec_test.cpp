#include "ledger/base/codec.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/base/uuid.h"

using namespace remit;  // NOLINT(google-build-using-namespace)

TEST_CASE("codec: integers are big-endian and fixed width", "[base][codec]") {
    Writer writer;
    writer.u8(1).u16(2).u32(3).u64(4).i64(-1).boolean(true).bytes("ab");
    CHECK(to_hex(writer.view()) ==
          "01"
          "0002"
          "00000003"
          "0000000000000004"
          "ffffffffffffffff"
          "01"
          "000000026162");
}

TEST_CASE("codec: a reader gives back what was written and knows its end", "[base][codec]") {
    Writer writer;
    writer.u16(65535).i64(-42).boolean(false).bytes("xyz");
    Reader reader(writer.view());
    CHECK(reader.u16() == 65535);
    CHECK(reader.i64() == -42);
    CHECK_FALSE(reader.boolean());
    CHECK(reader.bytes(3) == "xyz");
    CHECK(reader.done());
}

TEST_CASE("codec: short input, long strings and other booleans stick as errors", "[base][codec]") {
    Reader truncated(ByteView("\x00\x01", 2));
    CHECK(truncated.u32() == 0);
    CHECK_FALSE(truncated.ok());
    Reader oversized(ByteView("\x00\x00\x00\x05hello", 9));
    CHECK(oversized.bytes(4).empty());
    CHECK_FALSE(oversized.ok());
    Reader odd(ByteView("\x02", 1));
    odd.boolean();
    CHECK_FALSE(odd.ok());
    Reader trailing(ByteView("\x01\x02", 2));
    trailing.u8();
    CHECK(trailing.ok());
    CHECK_FALSE(trailing.done());
}

TEST_CASE("hash: the domain separates equal bytes", "[base][hash]") {
    CHECK(hash(domain::vote, "abc") != hash(domain::ack, "abc"));
    CHECK(hash(domain::vote, {"ab", "c"}) == hash(domain::vote, "abc"));
    CHECK(domain::vote.tag().size() == 16);
}

TEST_CASE("keys: a signature holds for its message and key alone", "[base][keys]") {
    KeySeed seed;
    seed.data[0] = 7;
    const SecretKey key(seed);
    const auto message = signed_bytes(domain::client, {"chain", "body"});
    const auto signature = key.sign(message);
    CHECK(verify(key.public_key(), message, signature));
    CHECK_FALSE(
        verify(key.public_key(), signed_bytes(domain::quote, {"chain", "body"}), signature));
    auto broken = signature;
    broken.data[10] ^= 1;
    CHECK_FALSE(verify(key.public_key(), message, broken));
    CHECK(is_acceptable(key.public_key()));
    CHECK_FALSE(is_acceptable(PublicKey{}));
}

TEST_CASE("keys: small-order keys, S + L and a changed R are refused", "[base][keys]") {
    const SecretKey key(KeySeed{});
    const auto signature = key.sign("message");
    REQUIRE(verify(key.public_key(), "message", signature));
    // S + L verifies in libraries that do not demand S < L; L in little-endian.
    constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                        0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                        0,    0,    0,    0,    0,    0,    0,    0,
                                        0,    0,    0,    0,    0,    0,    0,    0x10};
    auto malleable = signature;
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += malleable.data[32 + i] + order[i];
        malleable.data[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    REQUIRE(carry == 0);
    CHECK_FALSE(verify(key.public_key(), "message", malleable));
    auto moved = signature;
    moved.data[31] ^= 0x80;
    CHECK_FALSE(verify(key.public_key(), "message", moved));
    // The identity, a point of order two, one of order eight, and y = p + 1: not canonical.
    PublicKey identity{};
    identity.data[0] = 1;
    PublicKey order_two{};
    order_two.data.fill(0xff);
    order_two.data[0] = 0xec;
    order_two.data[31] = 0x7f;
    PublicKey order_eight{};
    const auto eight = from_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    REQUIRE((eight && eight->size() == order_eight.data.size()));
    std::copy(eight->begin(), eight->end(), order_eight.data.begin());
    auto not_canonical = order_two;
    not_canonical.data[0] = 0xee;
    for (const auto& bad : {identity, order_two, order_eight, not_canonical}) {
        CHECK_FALSE(is_acceptable(bad));
        CHECK_FALSE(verify(bad, "message", signature));
    }
}

TEST_CASE("uuid: only the canonical lower-case text is read", "[base][uuid]") {
    const auto* const text = "2f1c9d3e-5b0e-4d55-9a57-3f1c2d9e0b41";
    const auto id = uuid_from_text(text);
    REQUIRE(id.has_value());
    CHECK(to_text(*id) == text);
    CHECK(is_uuid_v4(*id));
    CHECK_FALSE(uuid_from_text("2F1C9D3E-5B0E-4D55-9A57-3F1C2D9E0B41").has_value());
    CHECK_FALSE(uuid_from_text("2f1c9d3e5b0e4d559a573f1c2d9e0b41").has_value());
    CHECK(is_uuid_v4(uuid_v4_from(Uuid{})));
}

TEST_CASE("time: block time prints as UTC", "[base][time]") {
    CHECK(to_text(BlockTime{0}) == "1970-01-01 00:00:00.000 UTC");
    CHECK(to_text(BlockTime{1735660799123}) == "2024-12-31 15:59:59.123 UTC");
}
