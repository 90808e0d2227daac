#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/account.h"
#include "ledger/calendar.h"
#include "ledger/epoch.h"
#include "ledger/evidence.h"
#include "ledger/ids.h"
#include "ledger/mark.h"
#include "ledger/participant.h"
#include "ledger/policy.h"
#include "ledger/position.h"
#include "ledger/remittance.h"
#include "ledger/return.h"
#include "ledger/state/delta.h"
#include "ledger/state/keys.h"
#include "ledger/window.h"

namespace remit::ledger {

/// Which chain this is: one record, written at genesis.
struct ChainRecord {
    ChainId chain_id{};
    Bytes network{};
    bool devnet = false;
    BlockTime genesis_time{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.chain_id, self.network, self.devnet, self.genesis_time);
    }
};

/// The newest executed block: one record.
struct HeadRecord {
    std::uint64_t height = 0;
    BlockTime time{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.height, self.time);
    }
};

/// What an idempotency key did first.
struct IdempotencyRecord {
    TransactionId transaction{};
    std::uint64_t height = 0;
    BlockTime valid_until{};

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.transaction, self.height, self.valid_until);
    }
};

/// What a reference kept for ever was claimed by: the same operation body again is a retry.
struct ReferenceRecord {
    TransactionId transaction{};
    Hash body{};  // digest_of the operation; zero where the claimer compares none

    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.transaction, self.body);
    }
};

/// Reads records by their names. Empty optional: no such record. Works on any view, so API and
/// tools read with it too.
class StateReader {
public:
    /// `view` must outlive the reader.
    explicit StateReader(const StateView& view) : view_(&view) {}

    [[nodiscard]] std::optional<ChainRecord> chain() const;
    [[nodiscard]] HeadRecord head() const;
    [[nodiscard]] Policy policy() const;
    [[nodiscard]] Calendar calendar() const;
    [[nodiscard]] WindowSequence windows() const;
    /// The epoch in force.
    [[nodiscard]] std::optional<EpochRecord> epoch() const;
    [[nodiscard]] std::optional<EpochRecord> epoch(std::uint64_t number) const;
    /// What governance wants the next epoch to be.
    [[nodiscard]] std::optional<EpochPlan> epoch_plan() const;
    /// Of the validators in force, by index; zero for all when there is no record.
    [[nodiscard]] std::vector<std::uint32_t> leader_debts() const;
    [[nodiscard]] std::optional<ReadyRecord> ready(const PublicKey& validate_key) const;

    [[nodiscard]] std::optional<Asset> asset(AssetId id) const;
    [[nodiscard]] std::optional<Participant> participant(ParticipantId id) const;
    [[nodiscard]] std::optional<KeyRecord> key(const PublicKey& key) const;
    /// The newest mark of the pair.
    [[nodiscard]] std::optional<Mark> mark(AssetId source, AssetId target) const;
    [[nodiscard]] std::optional<Mark> mark(AssetId source, AssetId target,
                                           std::uint64_t mark_id) const;

    [[nodiscard]] std::optional<Account> account(const AccountId& id) const;
    /// 0 when there is no such account.
    [[nodiscard]] Minor balance(const AccountId& id) const;
    /// All zero when there is none yet.
    [[nodiscard]] Position position(ParticipantId participant, AssetId asset) const;

    [[nodiscard]] std::optional<Remittance> remittance(const Uetr& uetr) const;
    [[nodiscard]] std::optional<Return> return_movement(const ReturnId& id) const;
    [[nodiscard]] std::optional<Redemption> redemption(ParticipantId owner,
                                                       const PayoutId& payout_id) const;
    [[nodiscard]] std::optional<Window> window(WindowId id) const;
    [[nodiscard]] std::optional<Leg> leg(WindowId window, ParticipantId participant,
                                         AssetId asset) const;

    [[nodiscard]] bool has_reference(keys::ReferenceKind kind, ByteView reference) const;
    [[nodiscard]] std::optional<ReferenceRecord> reference(keys::ReferenceKind kind,
                                                           ByteView reference) const;
    [[nodiscard]] bool has_quote_nonce(ParticipantId maker, std::uint64_t nonce) const;
    [[nodiscard]] bool has_govern_nonce(const Uuid& nonce) const;
    /// Height of the last change; 0 when there was none since genesis. The ledger's own change of a
    /// participant's status counts as well as governance's.
    [[nodiscard]] std::uint64_t governed_height(keys::GovernedKind kind,
                                                ParticipantId participant = {}) const;
    /// Everything recorded against validators, by key, epoch and view.
    [[nodiscard]] std::vector<EvidenceRecord> evidence() const;
    [[nodiscard]] std::optional<IdempotencyRecord> idempotency(ParticipantId participant,
                                                               const ClientKey& key) const;

    [[nodiscard]] const StateView& view() const { return *view_; }

private:
    const StateView* view_;
};

/// Reads and writes records by their names, into a delta. An attempt that may fail works on a
/// delta of its own: `Delta attempt = state.delta().nested(); LedgerState inner(attempt); ...
/// state.delta().merge(std::move(attempt));`
class LedgerState : public StateReader {
public:
    explicit LedgerState(Delta& delta) : StateReader(delta), delta_(&delta) {}

    void put(const ChainRecord& chain);
    void put(const HeadRecord& head);
    void put(const Policy& policy);
    void put(const Calendar& calendar);
    void put(const WindowSequence& windows);
    /// Also makes it the one in force.
    void put(const EpochRecord& epoch);
    void put(const EpochPlan& plan);
    void clear_epoch_plan();
    /// Writes nothing where nothing changes, and no record when all are zero.
    void put(const LeaderDebts& debts);
    void put(const PublicKey& validate_key, const ReadyRecord& ready);
    void put(const Asset& asset);
    void put(const Participant& participant);
    void put(const KeyRecord& key);
    /// Also becomes the pair's newest when its id is the highest.
    void put(const Mark& mark);
    void put(const Account& account);
    void put(const Position& position);
    void put(const Remittance& remittance);
    /// Also files it under its remittance.
    void put(const Return& movement);
    void put(const Redemption& redemption);
    void put(const Window& window);
    void put(const Leg& leg);
    void put(const EvidenceRecord& evidence);

    void claim_reference(keys::ReferenceKind kind, ByteView reference,
                         const TransactionId& transaction);
    void claim_reference(keys::ReferenceKind kind, ByteView reference,
                         const ReferenceRecord& record);
    void claim_quote_nonce(ParticipantId maker, std::uint64_t nonce, BlockTime quote_expires_at);
    void claim_govern_nonce(const Uuid& nonce, std::uint64_t height);
    void note_governed(keys::GovernedKind kind, ParticipantId participant, std::uint64_t height);
    /// A status the ledger gave by itself, in the block being executed.
    void note_own_status(ParticipantId participant);
    /// Files the record under its deadline too, so that it can be pruned.
    void claim_idempotency(ParticipantId participant, const ClientKey& key,
                           const IdempotencyRecord& record);

    void add_expiry(BlockTime at, keys::ExpiryKind kind, const Uuid& id);
    void remove_expiry(BlockTime at, keys::ExpiryKind kind, const Uuid& id);

    [[nodiscard]] Delta& delta() { return *delta_; }

private:
    Delta* delta_;
};

/// Canonical bytes of references kept for ever, hashed into the key.
Bytes participant_reference(ParticipantId participant, ByteView text);
struct BankEntryName {
    ParticipantId bank{};
    ByteView account{};
    ByteView booking_date{};
    ByteView entry_reference{};
};
Bytes bank_entry_reference(const BankEntryName& name);

}  // namespace remit::ledger
