#include "ledger/wire/decode.h"

#include <google/protobuf/arena.h>

#include <utility>

#include "ledger/wire/field_check.h"
#include "ledger/wire/strict.h"

namespace remit::ledger::wire {

namespace {

Result<Transaction, LedgerError> read_body(const v1::Body& body) {
    if (body.operations_size() > operations_max) {
        return fail(LedgerError::too_large);
    }
    FieldCheck check;
    Transaction out;
    out.participant = check.participant(body.participant_id());
    out.client_key = check.id<ClientKey>(body.client_key());
    out.valid_until = check.time(body.valid_until_ms());
    check.require(body.mode() == v1::MODE_EACH || body.mode() == v1::MODE_ALL);
    out.mode = body.mode() == v1::MODE_ALL ? Mode::all : Mode::each;
    check.require(body.operations_size() > 0);
    if (check.error()) {
        return fail(*check.error());
    }
    out.operations.reserve(static_cast<std::size_t>(body.operations_size()));
    for (const v1::Operation& operation : body.operations()) {
        TRY_ASSIGN(auto decoded, from_proto(operation));
        out.operations.push_back(std::move(decoded));
    }
    return out;
}

}  // namespace

Result<Transaction, LedgerError> decode(const SignedBody& signed_body, const ChainId& chain_id) {
    if (signed_body.body.size() > body_bytes_max) {
        return fail(LedgerError::too_large);
    }
    google::protobuf::Arena arena;  // thousands of small messages, freed at once
    auto& body = *google::protobuf::Arena::CreateMessage<v1::Body>(&arena);
    TRY(parse_strict(signed_body.body, body));
    TRY_ASSIGN(auto out, read_body(body));
    out.id = transaction_id(chain_id, signed_body.body);
    out.key = signed_body.key_id;
    out.signature = signed_body.signature;
    out.body = signed_body.body;
    out.envelope_bytes = static_cast<std::uint32_t>(item_head_size + signed_body.body.size());
    return out;
}

BlockItem decode_item(ByteView item, const ChainId& chain_id) {
    auto signed_body = signed_body_from_item(item);
    if (!signed_body) {
        return Undecodable{.id = transaction_id(chain_id, item), .error = signed_body.error()};
    }
    auto decoded = decode(*signed_body, chain_id);
    if (!decoded) {
        return Undecodable{.id = transaction_id(chain_id, signed_body->body),
                           .error = decoded.error()};
    }
    return std::move(*decoded);
}

}  // namespace remit::ledger::wire
