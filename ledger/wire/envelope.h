#pragma once

#include "ledger/base/bytes.h"
#include "ledger/base/keys.h"
#include "ledger/base/result.h"
#include "ledger/errors.h"
#include "ledger/ids.h"
#include "remit/v1/operation.pb.h"

namespace remit::ledger::wire {

/// A body as a client signed it: the bytes, whose key, and the signature over them.
struct SignedBody {
    PublicKey key_id;
    Signature signature;
    Bytes body;  // one serialized remit.v1.Body

    friend bool operator==(const SignedBody&, const SignedBody&) = default;
};

/// Bytes of an item in front of the body.
inline constexpr std::size_t item_head_size = PublicKey::size + Signature::size;

/// Signs `body` for the chain.
SignedBody sign(Bytes body, const SecretKey& key, const ChainId& chain_id);

/// The signature fits key, chain and body. Says nothing about who the key belongs to.
bool has_valid_signature(const SignedBody& signed_body, const ChainId& chain_id);

/// What a consensus batch carries for one envelope: key_id (32) | signature (64) | body.
Bytes item_of(const SignedBody& signed_body);

/// Errors: bad_encoding when shorter than its fixed head or without a body.
Result<SignedBody, LedgerError> signed_body_from_item(ByteView item);

v1::Envelope to_proto(const SignedBody& signed_body);

/// Errors: unknown_field; bad_encoding for a key or signature of another size, or no body.
Result<SignedBody, LedgerError> from_proto(const v1::Envelope& envelope);

}  // namespace remit::ledger::wire
