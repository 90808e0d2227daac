#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "ledger/errors.h"
#include "ledger/genesis.h"
#include "ledger/rules/rule.h"
#include "ledger/state/memory_view.h"

/// A network of two operators, a bank and two makers for the tests of the rules of remittances. Its
/// state is that of a genesis; rules run on it one at a time, as apply would.
namespace remit::ledger::payments {

inline constexpr ParticipantId alipay{1};  // HKD customers
inline constexpr ParticipantId gcash{2};   // PHP customers
inline constexpr ParticipantId bank{3};
inline constexpr ParticipantId maker{4};
inline constexpr ParticipantId second_maker{5};
inline constexpr AssetId hkd{1};
inline constexpr AssetId php{2};
inline constexpr AssetId usd{3};

/// Caps: alipay 18,000.00 HKD, the maker 135,000.00 PHP. No calendar.
Genesis example_genesis();
SecretKey key_of(ParticipantId participant, KeyPurpose purpose);
CustomerTag tag(char name);
Uetr uetr(unsigned number);

class World {
public:
    World();

    /// Runs a rule on an attempt that a refusal drops.
    template <class Rule, class Operation>
    RuleResult run(Rule rule, const Operation& operation, ParticipantId signer) {
        Delta attempt = delta_.nested();
        LedgerState inner(attempt);
        RuleResult result = rule(operation, context(signer), inner);
        if (result) {
            delta_.merge(std::move(attempt));
        }
        check_books();
        return result;
    }
    /// The error of a rule that must refuse and must leave nothing behind.
    template <class Rule, class Operation>
    LedgerError refusal(Rule rule, const Operation& operation, ParticipantId signer) {
        const auto before = delta_.write_set();
        const RuleResult result = run(rule, operation, signer);
        REQUIRE_FALSE(result.has_value());
        CHECK(delta_.write_set() == before);
        return result.error().error;
    }

    /// Opens the customer's account if needed and funds it.
    void fund(ParticipantId participant, AssetId asset, char customer, Minor amount);
    /// HKD -> PHP at 7.4735, SEND fixed, issued now for 60 s, with fees; the maker signs it.
    Quote quote(Minor source);
    /// Alice (HKD at alipay) to Bob (PHP at gcash) on a fresh quote, 30 s to accept, fees 12.00 to
    /// alipay and 0.50 to the bank.
    Prepare prepare_op(unsigned number, Minor source = 100'000);
    /// Prepared and accepted.
    void committed(unsigned number, Minor source = 100'000);
    void sign(Quote& quote, ParticipantId by = maker) const;

    void wait(std::int64_t ms) {
        time_.ms += ms;
        ++height_;
    }
    /// A block of its own in which the sweep runs.
    std::vector<LedgerEvent> sweep();

    [[nodiscard]] OperationContext context(ParticipantId signer) const;
    [[nodiscard]] BlockTime time() const { return time_; }
    [[nodiscard]] const ChainId& chain_id() const { return chain_id_; }
    LedgerState& state() { return state_; }
    Delta& delta() { return delta_; }

    [[nodiscard]] Minor customer(ParticipantId participant, AssetId asset, char name) const {
        return state_.balance(customer_account(participant, asset, tag(name)));
    }
    [[nodiscard]] Minor own(ParticipantId participant, AssetId asset, AccountKind kind) const {
        return state_.balance(own_account(participant, asset, kind));
    }
    [[nodiscard]] Position position(ParticipantId participant, AssetId asset) const {
        return state_.position(participant, asset);
    }
    void change_policy(const std::function<void(Policy&)>& change);
    void change_position(ParticipantId participant, AssetId asset,
                         const std::function<void(Position&)>& change);
    void set_status(ParticipantId participant, ParticipantStatus status);
    void change_account(const AccountId& id, const std::function<void(Account&)>& change);

private:
    /// Accounts sum to zero per asset, and every position is the sum of its accounts.
    void check_books() const;

    MemoryView base_;
    Delta delta_{base_};
    LedgerState state_{delta_};
    ChainId chain_id_;
    BlockTime time_;
    std::uint64_t height_ = 1;
    std::uint64_t nonce_ = 0;
};

}  // namespace remit::ledger::payments

namespace Catch {
template <>
struct StringMaker<remit::ledger::LedgerError> {
    static std::string convert(remit::ledger::LedgerError error) {
        return std::string(remit::ledger::name_of(error));
    }
};
}  // namespace Catch
