#pragma once

#include <vector>

#include "ledger/operation.h"
#include "ledger/wire/envelope.h"
#include "remit/v1/operation.pb.h"

namespace remit::test {

inline const ledger::ChainId sample_chain = hash(domain::genesis, "sample");

/// A key that depends on the label alone.
SecretKey sample_key(std::string_view label);
Uuid sample_uuid(std::uint8_t number);

/// One well-formed operation of every verb, every field set.
std::vector<ledger::Operation> every_operation();

/// A transaction with the operation in it.
ledger::Transaction sample_transaction(ledger::Operation operation);

/// The body of a sample transaction with one operation, as Protobuf for a test to spoil.
v1::Body sample_body(const ledger::Operation& operation);

/// What decode says of a body: nothing when it reads.
std::optional<ledger::LedgerError> refusal_of(const v1::Body& body);
std::optional<ledger::LedgerError> refusal_of(const Bytes& body);

}  // namespace remit::test
