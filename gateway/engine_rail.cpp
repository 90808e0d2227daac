// The engine's side towards the rails. The saga's step, written before, is the intent; its transfer
// id is the same however often it is sent. A lost answer is asked about first.
#include <algorithm>

#include "gateway/crash_points.h"
#include "gateway/engine.h"
#include "ledger/base/uuid.h"

namespace remit::gateway {

namespace {

constexpr std::size_t transfers_per_call = 64;
constexpr std::size_t rail_calls_max = 2;
constexpr std::size_t asks_max = 2;
constexpr std::size_t sagas_per_ask = 256;

struct PurposePoints {
    CrashPoint before;
    CrashPoint after;
};

PurposePoints points_of(v1::SagaStep step) {
    if (step == v1::SAGA_STEP_COLLECT) {
        return {CrashPoint::rail_collect_before, CrashPoint::rail_collect_after};
    }
    if (step == v1::SAGA_STEP_INSTRUCT || step == v1::SAGA_STEP_DRAW) {
        return {CrashPoint::rail_clearing_before, CrashPoint::rail_clearing_after};
    }
    return {CrashPoint::rail_payout_before, CrashPoint::rail_payout_after};
}

v1::Break reused_id_break(const Saga& saga, const v1::Transfer& transfer, std::int64_t now_ms) {
    v1::Break item;
    item.set_break_id("id_reused/" + transfer.transfer_id());
    item.set_break_class(v1::BREAK_CLASS_ID_REUSED);
    item.set_owner("gateway operations");
    item.set_subject(transfer.transfer_id());
    item.set_currency(transfer.currency());
    item.set_amount_minor(transfer.amount_minor());
    item.set_opened_at_ms(now_ms);
    item.set_detail("the rail holds another transfer under this id; " + name_of(saga.kind()) +
                    " is parked");
    return item;
}

}  // namespace

void Engine::stage_rail(RailName rail, std::vector<Job>& jobs) {
    auto& queue = rail_queue_[rail];
    while (!queue.empty() && rail_calls_[rail] < rail_calls_max) {
        std::vector<RailWork> work;
        while (!queue.empty() && work.size() < transfers_per_call) {
            auto item = std::move(queue.front());
            queue.pop_front();
            if (is_still_at(item.key, item.step)) {
                work.push_back(std::move(item));
            } else {
                release(item.key);
            }
        }
        if (work.empty()) {
            continue;
        }
        ++rail_calls_[rail];
        jobs.emplace_back(
            [this, rail, work = std::move(work)]() mutable { call_rail(rail, std::move(work)); });
    }
}

std::optional<v1::TransferResult> Engine::inquire(Rail& rail, const RailWork& work) {
    const auto answer = rail.query(work.transfer.transfer_id());
    if (!answer) {
        v1::TransferResult unknown;
        unknown.set_outcome(v1::TRANSFER_OUTCOME_UNKNOWN);
        unknown.set_reason(answer.error().reason);
        return unknown;
    }
    if (answer->status() == v1::TRANSFER_STATUS_NOT_FOUND) {
        return std::nullopt;
    }
    auto result = answer->result();
    const bool same = answer->transfer().SerializeAsString() == work.transfer.SerializeAsString();
    if (!same) {
        result.set_outcome(v1::TRANSFER_OUTCOME_DUPLICATE);
    }
    result.set_same(same);
    return result;
}

void Engine::call_rail(RailName rail_name, std::vector<RailWork> work) {
    Rail& rail = rail_name == RailName::own ? *parts_.own_rail : *parts_.clearing_rail;
    std::vector<std::optional<v1::TransferResult>> results(work.size());
    std::vector<v1::Transfer> transfers;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < work.size(); ++i) {
        results[i] = work[i].ask_first ? inquire(rail, work[i]) : std::nullopt;
        if (!results[i]) {
            transfers.push_back(work[i].transfer);
#ifdef SIM_BUG_rail_without_idempotency_key
            transfers.back().set_transfer_id(to_hex(parts_.random.draw<Uuid>().bytes()));
#endif
            places.push_back(i);
            crash_point(points_of(work[i].step).before);
        }
    }
    if (!transfers.empty()) {
        const auto answer = rail.submit(transfers);
        for (std::size_t i = 0; i < places.size(); ++i) {
            crash_point(points_of(work[places[i]].step).after);
            auto& result = results[places[i]].emplace();
            if (answer && i < answer->size()) {
                result = (*answer)[i];
            } else {
                result.set_outcome(v1::TRANSFER_OUTCOME_UNKNOWN);
                result.set_reason(answer ? "the rail left it out" : answer.error().reason);
            }
        }
    }
    finish_rail(work, results);
    const std::lock_guard lock(mutex_);
    --rail_calls_[rail_name];
}

void Engine::finish_rail(const std::vector<RailWork>& work,
                         const std::vector<std::optional<v1::TransferResult>>& results) {
    const std::lock_guard lock(mutex_);
    Change change(live_, journal_, parts_.clock.wall_ms());
    for (std::size_t i = 0; i < work.size(); ++i) {
        release(work[i].key);
        auto* saga = change.find(work[i].key);
        if (saga == nullptr || saga->step() != work[i].step) {
            continue;
        }
        auto result = results[i].value_or(v1::TransferResult());
        const bool known = result.outcome() == v1::TRANSFER_OUTCOME_ACCEPTED ||
                           result.outcome() == v1::TRANSFER_OUTCOME_REJECTED ||
                           result.outcome() == v1::TRANSFER_OUTCOME_DUPLICATE;
#ifdef SIM_BUG_refund_of_unknown_payout
        if (!known) {
            result.set_outcome(v1::TRANSFER_OUTCOME_REJECTED);
            result.set_reason("AB05");
            role_.rules_of(saga->kind()).on_rail(*saga, result, change.context());
            continue;
        }
#endif
        if (!known) {
            saga->set_rail_unknown(true);
            back_off(*saga, "the rail gave no answer: " + result.reason(), change.context());
        } else if (!result.same() && result.outcome() != v1::TRANSFER_OUTCOME_REJECTED) {
            change.context().breaks.push_back(
                reused_id_break(*saga, work[i].transfer, change.context().now_ms));
            finish(*saga, v1::SAGA_STEP_PARKED, change.context());
        } else {
            if (result.outcome() == v1::TRANSFER_OUTCOME_DUPLICATE) {
                result.set_outcome(v1::TRANSFER_OUTCOME_ACCEPTED);
            }
            role_.rules_of(saga->kind()).on_rail(*saga, result, change.context());
        }
    }
    if (!change.empty()) {
        commit(change);
    }
    crash_point(CrashPoint::rail_result_after);
}

void Engine::stage_asks(std::vector<Job>& jobs) {
    if (ask_queue_.empty() || asks_ >= asks_max) {
        return;
    }
    std::vector<Saga> sagas;
    while (!ask_queue_.empty() && sagas.size() < sagas_per_ask) {
        const auto at = live_.find(ask_queue_.back());
        if (at != live_.end()) {
            sagas.push_back(at->second);
        } else {
            release(ask_queue_.back());
        }
        ask_queue_.pop_back();
    }
    ++asks_;
    jobs.emplace_back([this, sagas = std::move(sagas)]() mutable { call_ask(std::move(sagas)); });
}

void Engine::call_ask(std::vector<Saga> sagas) {
    const auto before = sagas;
    StepContext context;
    context.now_ms = parts_.clock.wall_ms();
    role_.ask(sagas, context);
    const std::lock_guard lock(mutex_);
    --asks_;
    Change change(live_, journal_, parts_.clock.wall_ms());
    change.context().spawned = std::move(context.spawned);
    change.context().breaks = std::move(context.breaks);
    change.context().ramps = std::move(context.ramps);
    for (std::size_t i = 0; i < before.size(); ++i) {
        const auto key = saga_key(before[i]);
        release(key);
        auto* saga = change.find(key);
        // An event may have moved it meanwhile; then the answer is about the past.
        if (saga != nullptr && saga->step() == before[i].step()) {
            *saga = std::move(sagas[i]);
        }
    }
    commit(change);
}

}  // namespace remit::gateway
