#include "ledger/state_access.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/governance.h"
#include "test/sim/clients.h"
#include "test/sim/oracle.h"
#include "test/support/ledger/network.h"

namespace remit::sim {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {
constexpr Minor payout_minor = 1'000;
constexpr std::int64_t retry_ms = 500;
constexpr std::int64_t action_life_ms = 600'000;

DefundWallet step_of_payout(DefundStep step, const PayoutId& payout) {
    DefundWallet out;
    out.step = step;
    out.payout_id = payout;
    return out;
}
}  // namespace

/// A gateway that lost its journal asks for every deposit once more, in a new envelope. The money
/// oracle knows what was ever paid in.
void Clients::fund_again(const Side& side, const std::vector<Operation>& money) {
    request({side.name}, money, [](const Receipts&) {});
}

/// A customer takes money out; later its operator wants the payout undone though it was paid.
void Clients::redeem(const Side& side) {
    const auto payout = uuid_v4_from(random_.draw<Uuid>());
    auto lock = step_of_payout(DefundStep::lock, payout);
    lock.asset = side.asset;
    lock.tag = side.wallets.front();
    lock.amount = payout_minor;
    request({side.name}, {Operation(lock)}, [this, &side, payout](const Receipts& locked) {
        if (locked.front().ok()) {
            pay_out(side, payout);
        }
    });
}

void Clients::pay_out(const Side& side, const PayoutId& payout) {
    auto final = step_of_payout(DefundStep::final, payout);
    final.rail_reference = "OUT-" + payout.hex();
    request({side.name}, {Operation(final)}, [this, &side, payout](const Receipts& paid) {
        if (!paid.front().ok()) {
            throw Breach(
                "M7", "a locked payout cannot be ended: code " + std::to_string(paid.front().code));
        }
        refund_paid(side, payout);
    });
}

void Clients::refund_paid(const Side& side, const PayoutId& payout) {
    request({side.name}, {Operation(step_of_payout(DefundStep::cancel, payout))},
            [](const Receipts& cancelled) {
                if (cancelled.front().ok()) {
                    throw Breach("M7", "a payout was paid and given back");
                }
            });
}

void Clients::return_too_much() {
    if (!credited_) {
        return;
    }
    constexpr Minor times = 2;
    ReturnPrepare operation;
    operation.return_id = uuid_v4_from(random_.draw<Uuid>());
    operation.uetr = credited_->uetr;
    operation.source = times * credited_->source;
    operation.target = times * credited_->target;
    operation.mode = ReturnMode::same_rate;
    operation.reason = "AC04";
    operation.expires_at = BlockTime{wall_ms() + world_.profile.escrow_ms};
    const auto& payee = credited_->payee_operator == a_.id ? a_ : g_;
    request({payee.name}, {Operation(operation)}, [](const Receipts& receipts) {
        if (receipts.front().ok()) {
            throw Breach("M10", "a return of more than the remittance brought was accepted");
        }
    });
}

/// One organisation alone wants another policy.
void Clients::govern_alone() {
    auto* node = any_node(true);
    if (node == nullptr) {
        world_.scheduler.after(retry_ms, [this] { govern_alone(); });
        return;
    }
    const auto latest = node->reads().latest();
    auto proposed = ledger::wire::propose(StateReader(*latest->view).policy(),
                                          {.nonce = random_.draw<Uuid>(),
                                           .valid_until = {wall_ms() + action_life_ms},
                                           .as_of_height = latest->height});
    proposed.approvals.push_back(ledger::wire::approve(
        proposed.bytes, chain_id_, test::Network::key("A", KeyPurpose::govern)));
    request({"A", KeyPurpose::govern}, {Operation(std::move(proposed))},
            [](const Receipts& receipts) {
                if (receipts.front().ok()) {
                    throw Breach("M16", "one organisation alone has changed the policy");
                }
            });
}

}  // namespace remit::sim
