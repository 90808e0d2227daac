#include "gateway/saga.h"

#include <algorithm>

#include "ledger/base/hash.h"
#include "ledger/base/uuid.h"

namespace remit::gateway {

namespace {

constexpr std::int64_t first_pause_ms = 200;
constexpr std::int64_t pause_ms_max = 10'000;
constexpr std::uint32_t doublings_max = 6;
constexpr Domain derived_domain{"remit.gateway.id"};

std::string lower_without(std::string_view prefix, std::string_view name) {
    auto text = std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

Bytes saga_key(v1::SagaKind kind, ByteView id) {
    return Bytes(1, static_cast<char>(kind)) + Bytes(id);
}

std::string name_of(v1::SagaKind kind) {
    return lower_without("SAGA_KIND_", v1::SagaKind_Name(kind));
}

std::string name_of(v1::SagaStep step) {
    return lower_without("SAGA_STEP_", v1::SagaStep_Name(step));
}

bool is_at_rest(const Saga& saga) {
    return saga.step() == v1::SAGA_STEP_DONE || saga.step() == v1::SAGA_STEP_REFUSED ||
           saga.step() == v1::SAGA_STEP_PARKED;
}

v1::Progress progress_of(const Saga& saga) {
    if (saga.step() == v1::SAGA_STEP_DONE) {
        return v1::PROGRESS_DONE;
    }
    if (saga.step() == v1::SAGA_STEP_REFUSED) {
        return v1::PROGRESS_REFUSED;
    }
    return saga.step() == v1::SAGA_STEP_PARKED ? v1::PROGRESS_PARKED : v1::PROGRESS_UNDER_WAY;
}

void SagaRules::on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                           StepContext& context) const {
    note_receipt(saga, receipt);
    finish(saga, receipt.has_refusal() ? v1::SAGA_STEP_REFUSED : v1::SAGA_STEP_DONE, context);
}

void SagaRules::on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const {
    saga.set_reason(result.reason());
    finish(saga,
           result.outcome() == v1::TRANSFER_OUTCOME_REJECTED ? v1::SAGA_STEP_PARKED
                                                             : v1::SAGA_STEP_DONE,
           context);
}

void enter(Saga& saga, v1::SagaStep step) {
    saga.set_step(step);
    saga.set_envelope(0);
    saga.set_rail_unknown(false);
    saga.set_tries(0);
    saga.set_retry_at_ms(0);
    saga.clear_note();
}

void finish(Saga& saga, v1::SagaStep step, const StepContext& context) {
    auto note = saga.note();
    enter(saga, step);
    saga.set_note(std::move(note));
    saga.set_ended_at_ms(context.now_ms);
}

void note_receipt(Saga& saga, const remit::v1::Receipt& receipt) {
    saga.set_transaction_id(receipt.transaction_id());
    saga.set_operation_index(receipt.operation_index());
    saga.set_height(receipt.height());
    if (receipt.has_refusal()) {
        *saga.mutable_refusal() = receipt.refusal();
    } else {
        saga.clear_refusal();
    }
    if (!receipt.state().empty()) {
        saga.set_state(receipt.state());
    }
}

void back_off(Saga& saga, std::string why, const StepContext& context) {
    const auto doublings = std::min(saga.tries(), doublings_max);
    const auto pause = std::min(first_pause_ms << doublings, pause_ms_max);
    saga.set_tries(saga.tries() + 1);
    saga.set_retry_at_ms(context.now_ms + pause);
    saga.set_note(std::move(why));
}

bool is_refused_as(const remit::v1::Receipt& receipt,
                   std::initializer_list<std::string_view> names) {
    return receipt.has_refusal() &&
           std::find(names.begin(), names.end(), receipt.refusal().name()) != names.end();
}

Bytes derived_uuid(std::string_view purpose, ByteView id) {
    const auto digest = hash(derived_domain, {purpose, id});
    const auto half = Uuid::from(digest.view().substr(0, Uuid::size));
    return uuid_v4_from(half.value_or(Uuid())).bytes();
}

std::string uuid_text(ByteView id) {
    const auto uuid = Uuid::from(id);
    return uuid ? to_text(*uuid) : to_hex(id);
}

}  // namespace remit::gateway
