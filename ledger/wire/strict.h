#pragma once

#include "ledger/base/bytes.h"
#include "ledger/base/result.h"
#include "ledger/errors.h"

namespace google::protobuf {
class Message;
}

namespace remit::ledger::wire {

/// Parses one serialized message and nothing more.
///
/// Errors: unknown_field when any message inside carries a field this release does not know, at
/// any depth; bad_encoding for everything else: no Protobuf, trailing bytes, text that is not
/// UTF-8, a field given twice, a number written longer than need be, a default written out.
/// The last three are refused so that a body has one reading, whoever reads it.
Status<LedgerError> parse_strict(ByteView bytes, google::protobuf::Message& message);

/// For messages somebody else parsed (gRPC). Error: unknown_field, at any depth.
Status<LedgerError> refuse_unknown_fields(const google::protobuf::Message& message);

}  // namespace remit::ledger::wire
