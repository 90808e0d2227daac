#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/bytes.h"
#include "remit/gateway/v1/journal.pb.h"
#include "remit/gateway/v1/reconciliation.pb.h"
#include "remit/gateway/v1/wallet.pb.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::gateway {

/// One piece of work as it is written down: kind, id, step and what the step needs.
using Saga = v1::Saga;

/// `kind byte | id`: names a saga in the database and in the outbox.
Bytes saga_key(v1::SagaKind kind, ByteView id);
inline Bytes saga_key(const Saga& saga) {
    return saga_key(saga.kind(), saga.id());
}

/// `send`, `prepare`: for people and metrics.
std::string name_of(v1::SagaKind kind);
std::string name_of(v1::SagaStep step);

/// DONE, REFUSED and PARKED sagas do nothing by themselves.
bool is_at_rest(const Saga& saga);
v1::Progress progress_of(const Saga& saga);

/// Which book a transfer goes to: the gateway's own rail, or the clearing bank's.
enum class RailName : std::uint8_t { own, clearing };

/// What a saga asks the world for at its present step.
struct Action {
    enum class Kind : std::uint8_t {
        wait,    ///< nothing: an event, an entry or an answer moves it
        ledger,  ///< `operation`, in an envelope of the outbox
        rail,    ///< `transfer`, at `rail`
        ask,     ///< reads from elsewhere, see Role::ask
    };
    Kind kind = Kind::wait;
    remit::v1::Operation operation;
    RailName rail = RailName::own;
    v1::Transfer transfer;

    static Action wait() { return {}; }
    static Action ask() { return {.kind = Kind::ask, .operation = {}, .transfer = {}}; }
    static Action at_ledger(remit::v1::Operation operation) {
        return {.kind = Kind::ledger, .operation = std::move(operation), .transfer = {}};
    }
    static Action at_rail(RailName rail, v1::Transfer transfer) {
        return {.kind = Kind::rail, .operation = {}, .rail = rail, .transfer = std::move(transfer)};
    }
};

/// What happens around a step: the time, and what the step gives rise to.
struct StepContext {
    std::int64_t now_ms = 0;        // gateway's clock
    std::vector<Saga> spawned;      // further work that begins with this step
    std::vector<v1::Break> breaks;  // what a person must look at
    /// Fiat turned into tokens and back on the ledger by this step, by asset.
    std::map<std::uint32_t, v1::RampTotals> ramps;
};

/// The life of one kind of saga: pure functions of the record, so that a step can be tested, and
/// repeated after a crash, with the same outcome.
class SagaRules {
public:
    SagaRules() = default;
    SagaRules(const SagaRules&) = delete;
    SagaRules& operator=(const SagaRules&) = delete;
    virtual ~SagaRules() = default;

    /// The same record gives the same action, ids included.
    [[nodiscard]] virtual Action next(const Saga& saga) const = 0;
    /// The ledger's verdict on the operation of `next`. Final: it is not pending anywhere.
    virtual void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                            StepContext& context) const;
    /// The rail's verdict on the transfer of `next`: ACCEPTED or REJECTED, never anything else.
    virtual void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const;
};

/// Moves on: resets what belongs to the step before.
void enter(Saga& saga, v1::SagaStep step);
/// DONE, REFUSED or PARKED at this time.
void finish(Saga& saga, v1::SagaStep step, const StepContext& context);
/// Takes over transaction, height and refusal of a receipt.
void note_receipt(Saga& saga, const remit::v1::Receipt& receipt);
/// Tries the same step again later: 0.2 s at first, doubling to 10 s.
void back_off(Saga& saga, std::string why, const StepContext& context);

/// True when `refusal` is one of the names.
bool is_refused_as(const remit::v1::Receipt& receipt,
                   std::initializer_list<std::string_view> names);

/// The first UUID v4 made of a hash of the parts: an id that every retry draws again.
Bytes derived_uuid(std::string_view purpose, ByteView id);
/// Canonical text of a 16-byte UUID; hexadecimal for other sizes.
std::string uuid_text(ByteView id);

}  // namespace remit::gateway
