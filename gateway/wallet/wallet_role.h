#pragma once

#include <functional>
#include <optional>

#include "gateway/connectors/quote_source.h"
#include "gateway/connectors/rail.h"
#include "gateway/engine.h"
#include "gateway/pay_in.h"
#include "gateway/registry.h"
#include "gateway/wallet/rules.h"
#include "gateway/wallet/wallet_book.h"

namespace remit::gateway {

struct WalletOptions {
    std::uint32_t participant = 0;
    std::int64_t expires_in_ms = 30'000;
    std::int64_t return_expires_in_ms = 30'000;
    Bytes screening_hash;  // 32 bytes, of the screening list in use
};

/// What a wallet gateway's engine works with besides the ledger. All outlive it.
struct WalletParts {
    Ledger& ledger;
    Rail& rail;
    QuoteSource& quotes;
    WalletBook& wallets;
    const Registry& registry;
    const node::Clock& clock;
};

/// A wallet operator: pays, is paid, takes in and pays out fiat, pays in its own debt.
class WalletRole final : public Role {
public:
    /// How the role sees its own sagas; bound to the engine after both exist.
    using FindSaga = std::function<std::optional<Saga>(v1::SagaKind, ByteView)>;

    WalletRole(const WalletParts& parts, const WalletOptions& options)
        : parts_(parts), options_(options) {}
    void bind(FindSaga find) { find_ = std::move(find); }

    [[nodiscard]] const SagaRules& rules_of(v1::SagaKind kind) const override;
    void ask(std::vector<Saga>& sagas, StepContext& context) override;
    bool study(BlockFacts& facts) override;
    void on_block(const BlockFacts& facts, Change& change) override;
    void on_write(const Saga& saga, node::KvBatch& batch) override;

private:
    void ask_rail_account(Saga& saga, StepContext& context);
    void ask_quotes(std::vector<Saga*>& sagas, StepContext& context);
    void take_quote(Saga& saga, const v1::QuoteAnswer& answer, StepContext& context) const;
    void ask_ledger(Saga& saga, StepContext& context);
    void fill_return(Saga& saga, const remit::v1::Remittance& remittance, StepContext& context);

    void on_receipt(const remit::v1::Receipt& receipt, const BlockFacts& facts, Change& change);
    void on_prepared(const remit::v1::Receipt& receipt, const remit::v1::Remittance& remittance,
                     Change& change);
    void on_return_ended(ByteView return_id, bool done, Change& change);
    void on_expired(ByteView reference, Change& change);
    [[nodiscard]] bool needs_study(const remit::v1::Receipt& receipt) const;

    WalletParts parts_;
    WalletOptions options_;
    FindSaga find_;
    OpenWalletRules open_wallet_;
    OnRampRules on_ramp_;
    OffRampRules off_ramp_;
    SendRules send_;
    ReceiveRules receive_;
    GiveBackRules give_back_;
    TakeBackRules take_back_;
    PayInRules pay_in_;
};

}  // namespace remit::gateway
