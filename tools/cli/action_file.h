#pragma once

#include <string>

#include "ledger/ids.h"
#include "remit/v1/operation.pb.h"
#include "tools/cli/failure.h"

/// Governance actions on their way from one organisation to the next: a file holds one
/// `remit.v1.Operation` as protobuf JSON, the action's bytes and the approvals so far.
namespace remit::cli {

/// What every action needs besides its content.
struct ActionFrame {
    std::int64_t valid_until_ms = 0;
    std::uint64_t as_of_height = 0;
};

/// The operation without approvals. `content` says participant, policy, calendar or validators;
/// nonce, end and height are filled in. Exit 2 when it says none.
Result<v1::Operation, Failure> make_action(v1::GovernanceAction content, const ActionFrame& frame);

Result<v1::Operation, Failure> read_action(const std::string& path);
/// A file that is not there yet. Exit 2 otherwise.
Status<Failure> write_new_action(const std::string& path, const v1::Operation& action);
/// The file in place of the one that was read, whole or not at all.
Status<Failure> replace_action(const std::string& path, const v1::Operation& action);

/// The bytes that organisations sign, and what they say; exit 7 when they are no action.
Result<Bytes, Failure> signed_part(const v1::Operation& action);
Result<v1::GovernanceAction, Failure> content_of(const v1::Operation& action);
/// Null when the operation is no action.
google::protobuf::RepeatedPtrField<v1::Approval>* approvals_of(v1::Operation& action);

}  // namespace remit::cli
