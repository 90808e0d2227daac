#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/fx.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"
#include "ledger/verb.h"

namespace remit::ledger {

/// States of remittance.md 3.7. HELD and BLOCKED belong to verbs of a later version.
enum class RemittanceState : std::uint8_t {
    none,  // of no remittance: only in receipts
    prepared,
    refused,
    committed,
    rejected,
    expired,
    held,
    blocked,
    credited,
    credit_failed,
    return_pending,
    returned,
    partly_returned,
};
constexpr RemittanceState last_of(RemittanceState) {
    return RemittanceState::partly_returned;
}
/// `PREPARED`, ...; empty for none.
std::string_view name_of(RemittanceState state);
std::optional<RemittanceState> remittance_state_from(std::string_view name);
/// ISO 20022 payment status: ACSP, RJCT, ACSC, ACCC, PDNG, BLCK; empty for none.
std::string_view iso_status_of(RemittanceState state);

/// One step in the life of a remittance or return. `participant` 0 is the ledger itself.
struct TimelineStep {
    RemittanceState state = RemittanceState::none;
    Verb verb = Verb::none;
    std::uint64_t height = 0;
    BlockTime time{};
    ParticipantId participant{};
    PublicKey key{};

    friend bool operator==(const TimelineStep&, const TimelineStep&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.state, self.verb, self.height, self.time, self.participant, self.key);
    }
};

/// One maker's exchange within a remittance: takes `source`, gives `target`.
struct Exchange {
    ParticipantId maker{};
    Money source{};
    Money target{};
    Rate rate{};
    Uuid quote_id{};
    std::uint64_t mark_id = 0;
    std::uint64_t nonce = 0;
    std::uint32_t return_days = 0;
    std::uint32_t return_bps = 0;

    friend bool operator==(const Exchange&, const Exchange&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.maker, self.source, self.target, self.rate, self.quote_id, self.mark_id,
             self.nonce, self.return_days, self.return_bps);
    }
};

struct Screening {
    Hash list_hash{};
    std::uint32_t result = 0;  // 0 clear, 1 cleared after review

    friend bool operator==(const Screening&, const Screening&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.list_hash, self.result);
    }
};

/// A remittance for ever: what was asked, how far it came, who moved it when.
struct Remittance {
    Uetr uetr{};
    Hash body{};  // digest of the prepare operation: same id and same body is a retry
    RemittanceState state = RemittanceState::none;
    std::uint16_t refusal = 0;  // LedgerError number, REFUSED only
    ParticipantId refusal_about{};
    ParticipantId payer_operator{};
    CustomerTag payer_tag{};
    ParticipantId payee_operator{};
    CustomerTag payee_tag{};
    Money source{};  // principal, without fees
    Money target{};
    std::vector<Fee> fees{};
    std::vector<Exchange> exchanges{};  // empty when both sides are of one asset
    Bytes end_to_end_id{};
    Bytes purpose{};
    Hash travel_commit{};
    Screening payer_screening{};
    std::optional<Screening> payee_screening{};
    BlockTime expires_at{};
    Bytes reason{};     // of a rejection or failed credit
    WindowId window{};  // of its commit; 0 before
    BlockTime committed_at{};
    Bytes credit_reference{};
    bool paid_out = false;  // the payee had it in fiat with confirm_credit
    Minor returned_source = 0;
    Minor returned_target = 0;
    ReturnId pending_return{};                              // zero: none
    RemittanceState before_return = RemittanceState::none;  // where an expired return goes back
    std::vector<TimelineStep> timeline{};

    /// Principal and fees: what the payer's account is debited. A refused record may hold any
    /// numbers, so the sum is made without overflow traps.
    [[nodiscard]] Minor total_debit() const {
        auto out = static_cast<std::uint64_t>(source.minor);
        for (const Fee& fee : fees) {
            out += static_cast<std::uint64_t>(fee.amount);
        }
        return static_cast<Minor>(out);
    }
    /// PREPARED past its deadline reads as EXPIRED even before the sweep reached it.
    [[nodiscard]] RemittanceState state_at(BlockTime time) const {
        return state == RemittanceState::prepared && time >= expires_at ? RemittanceState::expired
                                                                        : state;
    }
    friend bool operator==(const Remittance&, const Remittance&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.uetr, self.body, self.state, self.refusal, self.refusal_about,
             self.payer_operator, self.payer_tag, self.payee_operator, self.payee_tag, self.source,
             self.target, self.fees, self.exchanges, self.end_to_end_id, self.purpose,
             self.travel_commit, self.payer_screening, self.payee_screening, self.expires_at,
             self.reason, self.window, self.committed_at, self.credit_reference, self.paid_out,
             self.returned_source, self.returned_target, self.pending_return, self.before_return,
             self.timeline);
    }
};

}  // namespace remit::ledger
