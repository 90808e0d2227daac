#pragma once

#include "ledger/base/result.h"
#include "ledger/fx.h"
#include "ledger/wire/field_check.h"
#include "remit/v1/types.pb.h"

/// Quotes between a maker's gateway, the wallet's gateway and a prepare. Signing is
/// `ledger::sign_quote` over the canonical bytes, never over these Protobuf bytes.
namespace remit::ledger::wire {

v1::Quote to_proto(const Quote& quote);

/// Shape only: signature, life and amounts are judged by `prepare`.
/// Errors: unknown_field, bad_encoding, too_large, amount_too_large, bad_rate.
Result<Quote, LedgerError> from_proto(const v1::Quote& quote);

v1::Rate to_proto(const Rate& rate);
v1::Fee to_proto(const Fee& fee);

/// Parts shared with the operations' decoder; errors stay in `check`.
Quote read_quote(const v1::Quote& quote, FieldCheck& check);
std::vector<Fee> read_fees(const google::protobuf::RepeatedPtrField<v1::Fee>& fees,
                           FieldCheck& check);

}  // namespace remit::ledger::wire
