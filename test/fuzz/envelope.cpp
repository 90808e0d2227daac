// What clients sign: an item of a batch has one encoding and its body one reading.
#include "ledger/wire/envelope.h"
#include <algorithm>

#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

bool same_operation(const Operation& left, const Operation& right) {
    const auto digest = [](const auto& operation) { return digest_of(operation); };
    return left.index() == right.index() && std::visit(digest, left) == std::visit(digest, right);
}

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
    // There is no canonical Protobuf (docs/adr/0004): what counts is that the reading is one.
    const auto again = wire::encode_body(*decoded);
    const auto reread = wire::decode({signed_body.key_id, signed_body.signature, again}, chain_id);
    require(reread && wire::encode_body(*reread) == again, "a body that was read is written once");
    require(reread->operations.size() == decoded->operations.size() &&
                std::equal(decoded->operations.begin(), decoded->operations.end(),
                           reread->operations.begin(), same_operation),
            "a body that was written reads the same");
    require(decoded->id == transaction_id(chain_id, signed_body.body), "an id is of the body");
    require(!decoded->operations.empty(), "a transaction has operations");
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
