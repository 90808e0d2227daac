#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/account.h"
#include "ledger/policy.h"
#include "ledger/position.h"
#include "ledger/remittance.h"
#include "ledger/return.h"
#include "ledger/rules/rule.h"
#include "ledger/state_access.h"
#include "ledger/window.h"

/// Invariants of remittance.md 3.10, recomputed from records alone: none of this code calls a rule
/// or `posting`, so a mistake there cannot hide itself here. Each is one file. After every block
/// they see what it changed; over a whole state they see every record as new. The same sums serve
/// both, because a state is what has changed since there was nothing.
namespace remit::ledger {

/// A broken invariant: the node stops (not the chain).
struct Breach {
    std::string_view id;  // `I8`
    std::string text;
    Bytes key;  // of the record where it shows; empty when of none alone

    friend bool operator==(const Breach&, const Breach&) = default;
};
/// `I8: escrow of 2/1 is ... (record 10...)`.
std::string to_text(const Breach& breach);

/// A record before and after. Either may be missing, not both.
template <class T>
struct Change {
    Bytes key;
    std::optional<T> before;
    std::optional<T> after;
};

/// What an invariant may look up besides the changes. `before` is empty for a whole state.
struct Scope {
    StateReader before;
    StateReader after;
    std::optional<BlockContext> block;  // nothing: a whole state
};

/// (participant, asset): what most sums are kept by.
using Place = std::pair<ParticipantId, AssetId>;
std::string to_text(Place place);

class Invariant {
public:
    Invariant(std::string_view id, const Scope& scope) : scope_(scope), id_(id) {}
    virtual ~Invariant() = default;
    Invariant(const Invariant&) = delete;
    Invariant& operator=(const Invariant&) = delete;

    virtual void on_head(const Change<HeadRecord>& /*change*/) {}
    virtual void on_policy(const Change<Policy>& /*change*/) {}
    virtual void on_account(const Change<Account>& /*change*/) {}
    virtual void on_position(const Change<Position>& /*change*/) {}
    virtual void on_remittance(const Change<Remittance>& /*change*/) {}
    virtual void on_return(const Change<Return>& /*change*/) {}
    virtual void on_redemption(const Change<Redemption>& /*change*/) {}
    virtual void on_leg(const Change<Leg>& /*change*/) {}
    virtual void on_idempotency(const Change<IdempotencyRecord>& /*change*/) {}
    /// Claims, references and nonces: their bytes as they are.
    virtual void on_other(keys::Table /*table*/, const Change<Bytes>& /*change*/) {}

    /// The first breach, after all changes were seen.
    [[nodiscard]] std::optional<Breach> finish() {
        if (!breach_) {
            conclude();
        }
        return breach_;
    }

protected:
    virtual void conclude() {}
    /// Keeps the first.
    void report(ByteView key, std::string text) {
        if (!breach_) {
            breach_ = Breach{.id = id_, .text = std::move(text), .key = Bytes(key)};
        }
    }
    const Scope& scope_;

private:
    std::string_view id_;
    std::optional<Breach> breach_;
};

/// Makes one invariant for one run. `scope` must outlive it.
using MakeInvariant = std::unique_ptr<Invariant> (*)(const Scope& scope);

std::unique_ptr<Invariant> postings_sum_to_zero(const Scope& scope);        // I1
std::unique_ptr<Invariant> supply_is_backed(const Scope& scope);            // I2
std::unique_ptr<Invariant> customers_are_safeguarded(const Scope& scope);   // I3
std::unique_ptr<Invariant> signs_hold(const Scope& scope);                  // I4
std::unique_ptr<Invariant> outcomes_are_single(const Scope& scope);         // I5
std::unique_ptr<Invariant> amounts_are_as_quoted(const Scope& scope);       // I6
std::unique_ptr<Invariant> references_are_used_once(const Scope& scope);    // I7
std::unique_ptr<Invariant> escrow_matches_remittances(const Scope& scope);  // I8
std::unique_ptr<Invariant> returns_stay_within(const Scope& scope);         // I9
std::unique_ptr<Invariant> positions_match(const Scope& scope);             // I10
std::unique_ptr<Invariant> caps_hold(const Scope& scope);                   // I11
std::unique_ptr<Invariant> frozen_stay_whole(const Scope& scope);           // I12
std::unique_ptr<Invariant> time_rises(const Scope& scope);                  // I16
std::unique_ptr<Invariant> fees_match_remittances(const Scope& scope);      // I18

}  // namespace remit::ledger
