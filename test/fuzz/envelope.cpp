// What clients sign: an item of a batch has one reading, and that reading has one encoding.
#include "ledger/wire/envelope.h"
#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

void decodes_once(const wire::SignedBody& signed_body, const ChainId& chain_id) {
    const auto decoded = wire::decode(signed_body, chain_id);
    const auto item = wire::decode_item(wire::item_of(signed_body), chain_id);
    require(decoded.has_value() == std::holds_alternative<Transaction>(item),
            "an item and its envelope have one reading");
    if (!decoded) {
        require(std::get<Undecodable>(item).error == decoded.error(),
                "an item is refused for its envelope's reason");
        return;
    }
    require(wire::encode_body(*decoded) == signed_body.body, "a body has one encoding");
    require(decoded->id == transaction_id(chain_id, signed_body.body), "an id is of the body");
    require(!decoded->operations.empty(), "a transaction has operations");
    for (const auto& operation : decoded->operations) {
        const auto back = wire::from_proto(wire::to_proto(operation));
        require(back.has_value(), "an operation that was read can be written and read");
    }
}

void run(ByteView bytes) {
    const auto chain_id = remit::hash(domain::genesis, "fuzz");
    const auto signed_body = wire::signed_body_from_item(bytes);
    if (!signed_body) {
        require(std::holds_alternative<Undecodable>(wire::decode_item(bytes, chain_id)),
                "a short item leaves a receipt");
        return;
    }
    require(wire::item_of(*signed_body) == bytes, "an item has one encoding");
    const auto envelope = wire::from_proto(wire::to_proto(*signed_body));
    require(envelope && *envelope == *signed_body, "the public form keeps an envelope");
    require(!wire::has_valid_signature(*signed_body, chain_id),
            "nothing was ever signed for this chain");
    decodes_once(*signed_body, chain_id);
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run(remit::fuzz::view_of(data, size));
    return 0;
}
