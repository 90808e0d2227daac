#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/evidence.h"
#include "ledger/fx.h"
#include "ledger/governance.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"
#include "ledger/remittance.h"
#include "ledger/return.h"
#include "ledger/verb.h"

/// Operations as fixed-layout values: what ledger/wire makes of a signed body. Fields are those of
/// proto/remit/v1/operation.proto, whose comments say who may send what.
namespace remit::ledger {

struct OpenAccount {
    static constexpr Verb verb = Verb::open_account;
    AssetId asset{};
    CustomerTag tag{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.asset, self.tag);
    }
};

struct FundWallet {
    static constexpr Verb verb = Verb::fund_wallet;
    AssetId asset{};
    CustomerTag tag{};
    Minor amount = 0;
    Bytes fiat_reference{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.asset, self.tag, self.amount, self.fiat_reference);
    }
};

enum class DefundStep : std::uint8_t { unspecified, lock, final, cancel };
constexpr DefundStep last_of(DefundStep) {
    return DefundStep::cancel;
}

struct DefundWallet {
    static constexpr Verb verb = Verb::defund_wallet;
    DefundStep step = DefundStep::unspecified;
    PayoutId payout_id{};
    AssetId asset{};                   // LOCK only
    std::optional<CustomerTag> tag{};  // LOCK only; nothing: the operator's FEE account
    Minor amount = 0;                  // LOCK only
    Bytes rail_reference{};            // FINAL only

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.step, self.payout_id, self.asset, self.tag, self.amount, self.rail_reference);
    }
};

struct BankMark {
    static constexpr Verb verb = Verb::bank_mark;
    std::uint64_t mark_id = 0;
    AssetId source{};
    AssetId target{};
    Rate bid{};
    Rate ask{};
    BlockTime valid_from{};
    BlockTime valid_to{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.mark_id, self.source, self.target, self.bid, self.ask, self.valid_from,
             self.valid_to);
    }
};

struct Prepare {
    static constexpr Verb verb = Verb::prepare;
    Uetr uetr{};
    Bytes end_to_end_id{};
    AssetId source_asset{};
    CustomerTag payer_tag{};
    ParticipantId payee_operator{};
    AssetId target_asset{};
    CustomerTag payee_tag{};
    Minor source = 0;  // principal, without fees
    Minor target = 0;
    std::vector<Quote> quotes{};
    std::vector<Fee> fees{};
    Bytes purpose{};
    Hash travel_commit{};
    Screening screening{};
    BlockTime expires_at{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.end_to_end_id, self.source_asset, self.payer_tag, self.payee_operator,
             self.target_asset, self.payee_tag, self.source, self.target, self.quotes, self.fees,
             self.purpose, self.travel_commit, self.screening, self.expires_at);
    }
};

struct Accept {
    static constexpr Verb verb = Verb::accept;
    Uetr uetr{};
    Screening screening{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.screening);
    }
};

struct Reject {
    static constexpr Verb verb = Verb::reject;
    Uetr uetr{};
    Bytes reason{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.reason);
    }
};

struct ConfirmCredit {
    static constexpr Verb verb = Verb::confirm_credit;
    Uetr uetr{};
    Bytes credit_reference{};
    bool paid_out = false;

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.credit_reference, self.paid_out);
    }
};

struct FailCredit {
    static constexpr Verb verb = Verb::fail_credit;
    Uetr uetr{};
    Bytes reason{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.reason);
    }
};

struct ReturnPrepare {
    static constexpr Verb verb = Verb::return_prepare;
    ReturnId return_id{};
    Uetr uetr{};
    Minor source = 0;
    Minor target = 0;
    ReturnMode mode = ReturnMode::unspecified;
    Bytes reason{};
    bool operator_bears = false;
    BlockTime expires_at{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.return_id, self.uetr, self.source, self.target, self.mode, self.reason,
             self.operator_bears, self.expires_at);
    }
};

struct ReturnAccept {
    static constexpr Verb verb = Verb::return_accept;
    ReturnId return_id{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.return_id);
    }
};

/// FACT is always taken; RELEASE lowers a figure before the cash leaves.
enum class AttestationKind : std::uint8_t { unspecified, fact, release };
constexpr AttestationKind last_of(AttestationKind) {
    return AttestationKind::release;
}

/// Common fields of both attestations.
struct AttestationClaim {
    ParticipantId participant{};
    AssetId asset{};
    AttestationKind kind = AttestationKind::unspecified;
    Minor balance = 0;
    std::uint64_t as_of_height = 0;
    Bytes statement_reference{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.asset, self.kind, self.balance, self.as_of_height,
             self.statement_reference);
    }
};

struct AttestCover : AttestationClaim {
    static constexpr Verb verb = Verb::attest_cover;
};

struct AttestReserve : AttestationClaim {
    static constexpr Verb verb = Verb::attest_reserve;
};

/// One booked entry of the bank's own account.
struct BankEntry {
    Bytes account{};
    Bytes booking_date{};  // YYYY-MM-DD
    Bytes entry_reference{};
    Minor amount = 0;

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.account, self.booking_date, self.entry_reference, self.amount);
    }
};

enum class SettleSource : std::uint8_t { unspecified, reserve, own, cover };
constexpr SettleSource last_of(SettleSource) {
    return SettleSource::cover;
}

struct SettleConfirm {
    static constexpr Verb verb = Verb::settle_confirm;
    WindowId window{};
    ParticipantId participant{};
    AssetId asset{};
    std::vector<BankEntry> entries{};
    SettleSource source = SettleSource::unspecified;

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.participant, self.asset, self.entries, self.source);
    }
};

struct SettleFail {
    static constexpr Verb verb = Verb::settle_fail;
    WindowId window{};
    ParticipantId participant{};
    AssetId asset{};
    Bytes bank_line_reference{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.participant, self.asset, self.bank_line_reference);
    }
};

struct SetParticipant : Action<ParticipantChange> {
    static constexpr Verb verb = Verb::set_participant;
};
struct SetPolicy : Action<Policy> {
    static constexpr Verb verb = Verb::set_policy;
};
struct SetCalendar : Action<Calendar> {
    static constexpr Verb verb = Verb::set_calendar;
};

struct SetValidators : Action<EpochPlan> {
    static constexpr Verb verb = Verb::set_validators;
};

/// The key it speaks of is the envelope's.
struct Ready {
    static constexpr Verb verb = Verb::ready;
    std::uint64_t as_of_height = 0;  // executed by the node
    std::uint16_t version_min = 0;
    std::uint16_t version_max = 0;

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.as_of_height, self.version_min, self.version_max);
    }
};

struct ReportEvidence {
    static constexpr Verb verb = Verb::report_evidence;
    VotePair votes{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.votes);
    }
};

/// In the order of their numbers.
using Operation =
    std::variant<OpenAccount, FundWallet, DefundWallet, BankMark, Prepare, Accept, Reject,
                 ConfirmCredit, FailCredit, ReturnPrepare, ReturnAccept, AttestCover, AttestReserve,
                 SettleConfirm, SettleFail, SetParticipant, SetPolicy, SetCalendar, SetValidators,
                 Ready, ReportEvidence>;

Verb verb_of(const Operation& operation);
/// UETR, return id or payout id as bytes; empty for other verbs.
Bytes reference_of(const Operation& operation);
/// Identity of an operation's content: what "same body" means for a reference kept for ever.
template <class Op>
Hash digest_of(const Op& operation) {
    Writer writer{};
    writer.u8(static_cast<std::uint8_t>(Op::verb));
    write(writer, operation);
    return hash(domain::client, writer.view());
}

enum class Mode : std::uint8_t { unspecified, each, all };

/// Whether somebody already verified the envelope's signature with `remit::verify`.
enum class SignatureVerdict : std::uint8_t { unchecked, good, bad };

/// One envelope, decoded.
struct Transaction {
    TransactionId id{};  // hash(domain::client, chain id | body)
    ParticipantId participant{};
    ClientKey client_key{};
    BlockTime valid_until{};
    Mode mode = Mode::each;
    std::vector<Operation> operations{};
    PublicKey key{};
    Signature signature{};
    SignatureVerdict verdict = SignatureVerdict::unchecked;
    std::uint32_t envelope_bytes = 0;  // key, signature and body as they lie in a batch
    Bytes body{};                      // as signed; needed only while the verdict is unchecked
};

/// hash(domain::client, chain id | body).
TransactionId transaction_id(const ChainId& chain_id, ByteView body);

}  // namespace remit::ledger
