#pragma once

#include "ledger/base/result.h"
#include "ledger/block.h"
#include "ledger/errors.h"
#include "ledger/operation.h"
#include "ledger/posting.h"
#include "ledger/state_access.h"

/// The one shape of every rule:
///
///     RuleResult accept(const Accept& operation, const OperationContext& context,
///                       LedgerState& state);
///
/// A rule checks in the order of ledger.md 5, then posts. It writes into an attempt that apply
/// drops when it fails, so a refusal never leaves anything behind.
namespace remit::ledger {

/// The block a rule runs in.
struct BlockContext {
    ChainId chain_id{};
    std::uint64_t height = 0;
    BlockTime time{};
};

/// The operation's signer, already checked: a registered participant with a key of a purpose that
/// may sign the verb, and the role it needs.
struct OperationContext : BlockContext {
    ParticipantId signer{};
    PublicKey key{};
    TransactionId transaction{};
};

/// What goes into the receipt of a success.
struct Effect {
    RemittanceState state = RemittanceState::none;
    Money source{};
    Money target{};
};

/// Why a rule refused.
struct Refusal {
    LedgerError error;
    ParticipantId about{};      // when it is not the signer: whose cap, whose status
    bool keeps_record = false;  // prepare: the UETR is used up and the refusal is kept under it
    // NOLINTNEXTLINE(google-explicit-constructor): lets TRY pass a LedgerError on as it is
    Refusal(LedgerError refused, ParticipantId whom = {}) : error(refused), about(whom) {}
};

using RuleResult = Result<Effect, Refusal>;

/// A step of a timeline, taken by the signer.
TimelineStep step_of(RemittanceState state, Verb verb, const OperationContext& context);
/// A step the ledger takes by itself.
TimelineStep own_step(RemittanceState state, Verb verb, const BlockContext& block);

/// Printable ASCII, 1..size_max characters. Error: bad_reference.
Status<LedgerError> check_reference(ByteView text, std::size_t size_max);
/// Four characters of A-Z and 0-9.
bool is_four_letter_code(ByteView text);

/// The registry's record. Error: not_registered.
Result<Participant, LedgerError> registered(const StateReader& state, ParticipantId id);
/// ACTIVE or RESTRICTED: not suspended, not gone.
bool is_operating(const Participant& participant);
/// Error: currency_not_open.
Result<Asset, LedgerError> known_asset(const StateReader& state, AssetId id);
/// A CUSTOMER account that may be debited or credited now. Errors: wrong_account, account_closed,
/// account_frozen.
Status<LedgerError> check_debit_allowed(const StateReader& state, const AccountId& id);
Status<LedgerError> check_credit_allowed(const StateReader& state, const AccountId& id);

/// A posting that brings escrowed money back where it came from: to SUSPENSE of the same owner when
/// the account named is a customer's that is closed or frozen for credit. Errors: as `post`.
Status<LedgerError> post_home(LedgerState& state, const Posting& posting);

}  // namespace remit::ledger
