// A maker's quote as gateways exchange it, and its canonical bytes, which are signed.
#include "ledger/wire/quote.h"

#include "ledger/wire/strict.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

void as_protobuf(ByteView bytes) {
    v1::Quote message;
    if (!wire::parse_strict(bytes, message)) {
        return;
    }
    const auto quote = wire::from_proto(message);
    if (!quote) {
        return;
    }
    const auto again = wire::from_proto(wire::to_proto(*quote));
    require(again && *again == *quote, "a quote that was read is written and read");
    require(!has_valid_signature(*quote, remit::hash(domain::genesis, "fuzz")),
            "nothing was ever signed for this chain");
}

void as_record(ByteView bytes) {
    const auto quote = decode<Quote>(bytes);
    if (!quote) {
        return;
    }
    require(encode(*quote) == bytes, "a quote's record has one encoding");
    // What a record holds may be nonsense to the wire; it must still be refused, not crash.
    const auto back = wire::from_proto(wire::to_proto(*quote));
    require(!back || *back == *quote, "the wire keeps a quote");
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::Input input(data, size);
    if (input.flag()) {
        remit::fuzz::as_record(input.rest());
    } else {
        remit::fuzz::as_protobuf(input.rest());
    }
    return 0;
}
