#include "test/sim/governor.h"

#include "ledger/state_access.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/governance.h"
#include "test/sim/genesis.h"
#include "test/sim/oracle.h"
#include "test/support/ledger/words.h"

namespace remit::sim {

namespace {
const std::vector<std::string> organisations{"A", "G", "bank"};
}  // namespace

Governor::Governor(SharedWorld world, std::vector<std::unique_ptr<SimulatedNode>>& nodes)
    : world_(world),
      nodes_(nodes),
      random_(world.seed, "governor"),
      versions_(world.seed, "planned versions"),
      params_(world.seed, "planned parameters") {}

void Governor::begin(std::int64_t every_ms) {
    every_ms_ = every_ms;
    world_.scheduler.after(every_ms, [this] { plan(); });
}

/// All machines or all but one; the first one with either of its keys.
std::vector<ledger::EpochValidator> Governor::draw_set() {
    auto left_out =
        random_.chance(600'000) ? random_.below(nodes_.size()) : std::uint64_t{nodes_.size()};
    if (restless_ && random_.chance(500'000)) {
        left_out = *restless_;
    }
    const auto& founders = world_.chain.genesis.validators;
    std::vector<ledger::EpochValidator> out;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (i == left_out) {
            continue;
        }
        const bool rotated = i == 0 && random_.chance(500'000);
        out.push_back({.participant = founders[i < founders.size() ? i : 0].participant,
                       .name = validator_name(i),
                       .validate_key = (rotated ? rotated_key() : validate_key(i)).public_key(),
                       .transport_pin = test::hash_of(validator_name(i) + " certificate"),
                       .address = {}});
    }
    return out;
}

/// Some of them, between half of genesis's value and all of it: what the oracles bound by genesis
/// stays within.
std::vector<ParamChange> Governor::draw_params() {
    std::vector<ParamChange> out;
    const auto& first = world_.chain.params;
    for (const auto& each : governed_params()) {
        const auto whole = first.*(each.field);
        const auto least = each.param == GovernedParam::block_bytes_max
                               ? first.batch_bytes_max
                               : std::max(whole / 2, each.least);
        if (least <= whole && params_.chance(250'000)) {
            out.push_back({each.param, static_cast<std::uint32_t>(params_.between(least, whole))});
        }
    }
    return out;
}

void Governor::plan() {
    if (resting_) {
        return;
    }
    world_.scheduler.after(random_.between(every_ms_ / 2, 2 * every_ms_), [this] { plan(); });
    constexpr std::uint64_t mostly = 700'000;
    plan_with(world_.profile.upgrade_every_ms > 0 && versions_.chance(mostly));
}

void Governor::plan_with(bool next_version) {
    for (const auto& node : nodes_) {
        if (!node->up() || !node->honest() || node->reads().final_height() == 0) {
            continue;
        }
        const auto latest = node->reads().latest();
        const ledger::StateReader state(*latest->view);
        const auto now = state.epoch();
        const std::uint16_t version = now ? now->protocol_version : 1;
        const bool next = next_version && version < newest_version;
        const ledger::EpochPlan plan{
            .validators = draw_set(),
            .epoch_blocks = world_.profile.epoch_blocks,
            .protocol_version = static_cast<std::uint16_t>(version + (next ? 1 : 0)),
            .params = {draw_params()}};
        auto action = ledger::wire::propose(plan, {.nonce = random_.draw<Uuid>(),
                                                   .valid_until = {latest->time_ms + 600'000},
                                                   .as_of_height = latest->height});
        for (const auto& name : organisations) {
            action.approvals.push_back(ledger::wire::approve(
                action.bytes, world_.chain.id, test::Network::key(name, KeyPurpose::govern)));
        }
        ledger::Transaction transaction;
        transaction.participant = test::Network().id_of("A");
        transaction.client_key = uuid_v4_from(random_.draw<Uuid>());
        transaction.valid_until = {latest->time_ms + 60'000};
        transaction.operations = {std::move(action)};
        const auto body = ledger::wire::sign_transaction(
            transaction, test::Network::key("A", KeyPurpose::govern), world_.chain.id);
        ++plans_;
        node->submit(ledger::wire::item_of(body), 0, [](const node::SubmitAnswer&) {});
        return;
    }
}

}  // namespace remit::sim
