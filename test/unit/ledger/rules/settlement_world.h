#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ledger/genesis.h"
#include "ledger/rules/close_window.h"
#include "ledger/state/memory_view.h"

namespace remit::ledger::test {

inline constexpr ParticipantId bank{1};
inline constexpr ParticipantId operator_a{2};
inline constexpr ParticipantId operator_t{3};
inline constexpr ParticipantId operator_g{4};
inline constexpr ParticipantId maker_1{5};
inline constexpr ParticipantId maker_2{6};
inline constexpr AssetId hkd{1};
inline constexpr AssetId php{2};

/// One remittance as its accept posts it: money from the payer's operator to the maker and from the
/// maker to the payee.
struct Crossing {
    ParticipantId payer;
    ParticipantId maker;
    ParticipantId payee;
    Money source;
    Money target;
};

/// The settlement example of the design (remittance.md 3.9): operators A, T and G, makers M1 and
/// M2, a clearing bank, HKD and PHP. Postings are made directly; settlement runs by its rules.
class SettlementWorld {
public:
    explicit SettlementWorld(const Policy& policy = {});

    /// Covers and on-ramps of the example; nothing sent yet.
    void fund();
    /// The four remittances of the example.
    void send_all();
    void send(const Crossing& crossing);
    void set_cover(ParticipantId participant, Money cover);
    void on_ramp(ParticipantId participant, Money money);
    /// The bank marks source -> target at bid = ask = `rate`, valid for a day.
    void mark(AssetId source, AssetId target, const std::string& rate);

    /// Next block, `ms` later, closing the window when its time has come.
    std::vector<LedgerEvent> next_block(std::int64_t ms = 1000);
    /// Next block past the first cut-off that is still to come.
    std::vector<LedgerEvent> pass_cut_off();
    void pass_deadline(WindowId window);

    /// Runs a rule as apply does: on an attempt that a refusal drops.
    template <class Rule, class Operation>
    RuleResult run(Rule rule, const Operation& operation, ParticipantId signer = bank) {
        Delta attempt = delta_.nested();
        LedgerState inner(attempt);
        const RuleResult result = rule(operation, context(signer), inner);
        if (result) {
            delta_.merge(std::move(attempt));
        }
        return result;
    }
    /// settle_confirm of the leg's whole amount, under an entry reference of its own.
    RuleResult confirm(WindowId window, ParticipantId participant, Money money,
                       SettleSource source);
    RuleResult fail_leg(WindowId window, ParticipantId participant, AssetId asset,
                        const std::string& line = {});
    RuleResult attest(bool cover, ParticipantId participant, Money balance, AttestationKind kind,
                      std::uint64_t as_of_height);

    [[nodiscard]] OperationContext context(ParticipantId signer) const;
    [[nodiscard]] Position position(ParticipantId participant, AssetId asset) const {
        return state_.position(participant, asset);
    }
    [[nodiscard]] Minor settlement(ParticipantId participant, AssetId asset) const;
    [[nodiscard]] Minor clearing(AssetId asset) const;
    [[nodiscard]] Minor sum_of_accounts(AssetId asset) const;
    [[nodiscard]] Minor supply(AssetId asset) const;
    [[nodiscard]] ParticipantStatus status(ParticipantId participant) const;
    [[nodiscard]] WindowState window_state(WindowId window) const;

    LedgerState& state() { return state_; }
    Delta& delta() { return delta_; }
    [[nodiscard]] const MemoryView& base() const { return base_; }
    [[nodiscard]] std::uint64_t height() const { return height_; }
    [[nodiscard]] BlockTime time() const { return time_; }
    /// Secret GOVERN key of a participant 1..4.
    [[nodiscard]] static SecretKey govern_key(ParticipantId participant);

private:
    MemoryView base_;
    Delta delta_{base_};
    LedgerState state_{delta_};
    std::uint64_t height_ = 1;
    BlockTime time_;
    unsigned entries_ = 0;
};

/// The error of a refusal; fails the test on a success.
LedgerError refusal(const RuleResult& result);

}  // namespace remit::ledger::test

namespace Catch {
template <>
struct StringMaker<remit::ledger::LedgerError> {
    static std::string convert(remit::ledger::LedgerError error) {
        return std::string(remit::ledger::name_of(error));
    }
};
}  // namespace Catch
