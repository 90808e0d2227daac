#include "ledger/wire/envelope.h"

#include <utility>

#include "ledger/wire/strict.h"

namespace remit::ledger::wire {

SignedBody sign(Bytes body, const SecretKey& key, const ChainId& chain_id) {
    const auto signature = key.sign(signed_bytes(domain::client, {chain_id.view(), body}));
    return {.key_id = key.public_key(), .signature = signature, .body = std::move(body)};
}

bool has_valid_signature(const SignedBody& signed_body, const ChainId& chain_id) {
    const auto message = signed_bytes(domain::client, {chain_id.view(), signed_body.body});
    return verify(signed_body.key_id, message, signed_body.signature);
}

Bytes item_of(const SignedBody& signed_body) {
    Bytes item;
    item.reserve(item_head_size + signed_body.body.size());
    item.append(signed_body.key_id.view());
    item.append(signed_body.signature.view());
    item.append(signed_body.body);
    return item;
}

Result<SignedBody, LedgerError> signed_body_from_item(ByteView item) {
    if (item.size() <= item_head_size) {
        return fail(LedgerError::bad_encoding);
    }
    const auto key = PublicKey::from(item.substr(0, PublicKey::size));
    const auto signature = Signature::from(item.substr(PublicKey::size, Signature::size));
    return SignedBody{
        .key_id = *key, .signature = *signature, .body = Bytes(item.substr(item_head_size))};
}

v1::Envelope to_proto(const SignedBody& signed_body) {
    v1::Envelope out;
    out.set_body(signed_body.body);
    out.set_key_id(signed_body.key_id.bytes());
    out.set_signature(signed_body.signature.bytes());
    return out;
}

Result<SignedBody, LedgerError> from_proto(const v1::Envelope& envelope) {
    TRY(refuse_unknown_fields(envelope));
    const auto key = PublicKey::from(envelope.key_id());
    const auto signature = Signature::from(envelope.signature());
    if (!key || !signature || envelope.body().empty()) {
        return fail(LedgerError::bad_encoding);
    }
    return SignedBody{.key_id = *key, .signature = *signature, .body = envelope.body()};
}

}  // namespace remit::ledger::wire
