#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "gateway/channels.h"
#include "gateway/connectors/quote_source.h"
#include "gateway/engine.h"
#include "gateway/registry.h"
#include "gateway/wallet/requests.h"
#include "gateway/wallet/wallet_book.h"
#include "gateway/wallet/wallet_role.h"
#include "remit/gateway/v1/wallet.grpc.pb.h"

namespace remit::gateway {

/// The wallet gateway's API. Every call that moves money writes its intent before it answers; the
/// engine does the rest, whether the caller waits or not.
class WalletServer final : public v1::WalletService::Service {
public:
    struct Parts {
        Engine& engine;
        Ledger& ledger;
        Rail& rail;
        OperatorDirectory& directory;
        WalletBook& wallets;
        const Registry& registry;
        node::Random& random;
        const node::Clock& clock;
        const Identity& identity;
        WalletOptions options;
        std::string name;
    };
    explicit WalletServer(Parts parts) : parts_(std::move(parts)) {}
    /// Ends the streams under way.
    void stop() { stopped_ = true; }

    using Context = grpc::ServerContext;
    grpc::Status OpenWallet(Context*, const v1::OpenWalletRequest*,
                            v1::OpenWalletResponse*) override;
    grpc::Status GetWallet(Context*, const v1::GetWalletRequest*, v1::GetWalletResponse*) override;
    grpc::Status ListWallets(Context*, const v1::ListWalletsRequest*,
                             v1::ListWalletsResponse*) override;
    grpc::Status ResolveWallet(Context*, const v1::ResolveWalletRequest*,
                               v1::ResolveWalletResponse*) override;
    grpc::Status SetWallet(Context*, const v1::SetWalletRequest*, v1::SetWalletResponse*) override;
    grpc::Status OnRamp(Context*, const v1::OnRampRequest*, v1::OnRampResponse*) override;
    grpc::Status OffRamp(Context*, const v1::OffRampRequest*, v1::OffRampResponse*) override;
    grpc::Status SendRemittance(Context*, const v1::SendRemittanceRequest*,
                                v1::SendRemittanceResponse*) override;
    grpc::Status SendRemittances(Context*, const v1::SendRemittancesRequest*,
                                 v1::SendRemittancesResponse*) override;
    grpc::Status GetSend(Context*, const v1::GetSendRequest*, v1::SendRemittanceResponse*) override;
    grpc::Status ReturnRemittance(Context*, const v1::ReturnRemittanceRequest*,
                                  v1::ReturnRemittanceResponse*) override;
    grpc::Status GetRemittance(Context*, const v1::GetRemittanceRequest*,
                               v1::GetRemittanceResponse*) override;
    grpc::Status WatchRemittance(Context*, const v1::WatchRemittanceRequest*,
                                 grpc::ServerWriter<v1::WatchRemittanceResponse>*) override;
    grpc::Status GetGatewayStatus(Context*, const v1::GetGatewayStatusRequest*,
                                  v1::GetGatewayStatusResponse*) override;
    grpc::Status Reconcile(Context*, const v1::ReconcileRequest*, v1::ReconcileResponse*) override;

private:
    /// The money and the wallets are the operator's: other members' certificates open this port
    /// for ResolveWallet only.
    [[nodiscard]] Turn only_own(const Context& context) const;
    Parsed<v1::Wallet> open_wallet_named(const std::string& name, const std::string& currency);
    Parsed<Bytes> payee_tag_of(const v1::SendRemittanceRequest& request);
    Parsed<Saga> saga_of(const v1::SendRemittanceRequest& request);
    /// A wallet that pays out must not spend tokens whose fiat is on its way to the customer: what
    /// it may debit is its balance less all that is under way. `wanted` by tag, wallets that pay
    /// out only. Call with `spend_mutex_` held.
    Status<RequestError> check_spendable(const std::map<Bytes, std::int64_t>& wanted);
    /// New intents become durable; those known already must ask for the same.
    Status<RequestError> start_sends(std::vector<Saga> sagas);
    Saga wait_for(v1::SagaKind kind, const Bytes& id, std::uint32_t wait_ms,
                  const std::function<bool(const Saga&)>& enough);

    Parts parts_;
    std::atomic<bool> stopped_{false};
    std::mutex open_mutex_;
    std::mutex spend_mutex_;
    std::mutex resolved_mutex_;
    std::map<std::string, Bytes> resolved_;
};

grpc::Status status_of(const RequestError& error);

}  // namespace remit::gateway
