#include "ledger/state_access.h"

#include <algorithm>

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
/// Records were written by this program, and the store verifies their root: one that cannot be read
/// is a broken promise, not an input.
template <class T>
T decoded(ByteView bytes) {
    auto out = decode<T>(bytes);
    CHECK(out.has_value());
    return *std::move(out);
}

template <class T>
std::optional<T> find(const StateView& view, const Bytes& key) {
    const auto bytes = view.get(key);
    return bytes ? std::optional<T>(decoded<T>(*bytes)) : std::nullopt;
}

template <class T>
T find_or_default(const StateView& view, const Bytes& key) {
    const auto bytes = view.get(key);
    return bytes ? decoded<T>(*bytes) : T{};
}

Bytes account_key(const AccountId& id) {
    return keys::account(id.participant.value, id.asset.value, static_cast<std::uint8_t>(id.kind),
                         id.tag);
}

/// Value of entries that are all key.
Bytes height_bytes(std::uint64_t height) {
    Writer writer;
    writer.u64(height);
    return writer.take();
}
}  // namespace

std::optional<ChainRecord> StateReader::chain() const {
    return find<ChainRecord>(*view_, keys::meta(keys::MetaItem::chain));
}
HeadRecord StateReader::head() const {
    return find_or_default<HeadRecord>(*view_, keys::meta(keys::MetaItem::head));
}
Policy StateReader::policy() const {
    return find_or_default<Policy>(*view_, keys::policy());
}
Calendar StateReader::calendar() const {
    return find_or_default<Calendar>(*view_, keys::calendar());
}
WindowSequence StateReader::windows() const {
    return find_or_default<WindowSequence>(*view_, keys::meta(keys::MetaItem::windows));
}
std::optional<EpochRecord> StateReader::epoch() const {
    const auto number = view_->get(keys::meta(keys::MetaItem::epoch));
    return number ? epoch(Reader(*number).u64()) : std::nullopt;
}
std::optional<EpochRecord> StateReader::epoch(std::uint64_t number) const {
    return find<EpochRecord>(*view_, keys::epoch(number));
}
std::optional<EpochPlan> StateReader::epoch_plan() const {
    return find<EpochPlan>(*view_, keys::meta(keys::MetaItem::plan));
}
std::vector<std::uint32_t> StateReader::leader_debts() const {
    const auto now = epoch();
    auto out = find_or_default<LeaderDebts>(*view_, keys::meta(keys::MetaItem::leaders)).debts;
    out.resize(now ? now->validators.size() : 0, 0);
    return out;
}
std::optional<ReadyRecord> StateReader::ready(const PublicKey& validate_key) const {
    return find<ReadyRecord>(*view_, keys::ready(validate_key));
}
std::optional<Asset> StateReader::asset(AssetId id) const {
    return find<Asset>(*view_, keys::asset(id.value));
}
std::optional<Participant> StateReader::participant(ParticipantId id) const {
    return find<Participant>(*view_, keys::participant(id.value));
}
std::optional<KeyRecord> StateReader::key(const PublicKey& key) const {
    return find<KeyRecord>(*view_, keys::key(key));
}
std::optional<Mark> StateReader::mark(AssetId source, AssetId target) const {
    return find<Mark>(*view_, keys::mark(source.value, target.value));
}
std::optional<Mark> StateReader::mark(AssetId source, AssetId target, std::uint64_t mark_id) const {
    return find<Mark>(*view_, keys::mark_by_id(source.value, target.value, mark_id));
}
std::optional<Account> StateReader::account(const AccountId& id) const {
    return find<Account>(*view_, account_key(id));
}
Minor StateReader::balance(const AccountId& id) const {
    const auto found = account(id);
    return found ? found->balance : 0;
}
Position StateReader::position(ParticipantId participant, AssetId asset) const {
    auto out = find_or_default<Position>(*view_, keys::position(participant.value, asset.value));
    out.participant = participant;
    out.asset = asset;
    return out;
}
std::optional<Remittance> StateReader::remittance(const Uetr& uetr) const {
    return find<Remittance>(*view_, keys::remittance(uetr));
}
std::optional<Return> StateReader::return_movement(const ReturnId& id) const {
    return find<Return>(*view_, keys::return_movement(id));
}
std::optional<Redemption> StateReader::redemption(ParticipantId owner,
                                                  const PayoutId& payout_id) const {
    return find<Redemption>(*view_, keys::redemption(owner.value, payout_id));
}
std::optional<Window> StateReader::window(WindowId id) const {
    return find<Window>(*view_, keys::window(id.value));
}
std::optional<Leg> StateReader::leg(WindowId window, ParticipantId participant,
                                    AssetId asset) const {
    return find<Leg>(*view_, keys::leg(window.value, participant.value, asset.value));
}
bool StateReader::has_reference(keys::ReferenceKind kind, ByteView reference) const {
    return view_->get(keys::reference(kind, reference)).has_value();
}
std::optional<ReferenceRecord> StateReader::reference(keys::ReferenceKind kind,
                                                      ByteView reference) const {
    return find<ReferenceRecord>(*view_, keys::reference(kind, reference));
}
bool StateReader::has_quote_nonce(ParticipantId maker, std::uint64_t nonce) const {
    return view_->get(keys::quote_nonce(maker.value, nonce)).has_value();
}
bool StateReader::has_govern_nonce(const Uuid& nonce) const {
    return view_->get(keys::govern_nonce(nonce)).has_value();
}
std::uint64_t StateReader::governed_height(keys::GovernedKind kind,
                                           ParticipantId participant) const {
    const auto value = view_->get(keys::govern_change(kind, participant.value));
    return value ? Reader(*value).u64() : 0;
}
std::vector<EvidenceRecord> StateReader::evidence() const {
    std::vector<EvidenceRecord> out;
    scan(*view_, keys::prefix(keys::Table::evidence), [&out](ByteView, ByteView bytes) {
        out.push_back(decoded<EvidenceRecord>(bytes));
        return true;
    });
    return out;
}
std::optional<IdempotencyRecord> StateReader::idempotency(ParticipantId participant,
                                                          const ClientKey& key) const {
    return find<IdempotencyRecord>(*view_, keys::idempotency(participant.value, key));
}

void LedgerState::put(const ChainRecord& chain) {
    delta_->put(keys::meta(keys::MetaItem::chain), encode(chain));
}
void LedgerState::put(const HeadRecord& head) {
    delta_->put(keys::meta(keys::MetaItem::head), encode(head));
}
void LedgerState::put(const Policy& policy) {
    delta_->put(keys::policy(), encode(policy));
}
void LedgerState::put(const Calendar& calendar) {
    delta_->put(keys::calendar(), encode(calendar));
}
void LedgerState::put(const WindowSequence& windows) {
    delta_->put(keys::meta(keys::MetaItem::windows), encode(windows));
}
void LedgerState::put(const EpochRecord& epoch) {
    delta_->put(keys::epoch(epoch.epoch), encode(epoch));
    delta_->put(keys::meta(keys::MetaItem::epoch), height_bytes(epoch.epoch));
}
void LedgerState::put(const EpochPlan& plan) {
    delta_->put(keys::meta(keys::MetaItem::plan), encode(plan));
}
void LedgerState::clear_epoch_plan() {
    delta_->erase(keys::meta(keys::MetaItem::plan));
}
void LedgerState::put(const LeaderDebts& debts) {
    const auto before = leader_debts();
    auto after = debts.debts;
    after.resize(before.size(), 0);
    if (after == before) {
        return;
    }
    const auto key = keys::meta(keys::MetaItem::leaders);
    if (std::any_of(after.begin(), after.end(), [](auto each) { return each > 0; })) {
        delta_->put(key, encode(LeaderDebts{.debts = std::move(after)}));
    } else {
        delta_->erase(key);
    }
}
void LedgerState::put(const PublicKey& validate_key, const ReadyRecord& ready) {
    delta_->put(keys::ready(validate_key), encode(ready));
}
void LedgerState::put(const Asset& asset) {
    delta_->put(keys::asset(asset.id.value), encode(asset));
}
void LedgerState::put(const Participant& participant) {
    delta_->put(keys::participant(participant.id.value), encode(participant));
}
void LedgerState::put(const KeyRecord& key) {
    delta_->put(keys::key(key.key), encode(key));
}
void LedgerState::put(const Mark& mark) {
    const Bytes bytes = encode(mark);
    delta_->put(keys::mark_by_id(mark.source.value, mark.target.value, mark.mark_id), bytes);
    const auto newest = StateReader::mark(mark.source, mark.target);
    if (!newest || newest->mark_id <= mark.mark_id) {
        delta_->put(keys::mark(mark.source.value, mark.target.value), bytes);
    }
}
void LedgerState::put(const Account& account) {
    delta_->put(account_key(account.id), encode(account));
}
void LedgerState::put(const Position& position) {
    delta_->put(keys::position(position.participant.value, position.asset.value), encode(position));
}
void LedgerState::put(const Remittance& remittance) {
    delta_->put(keys::remittance(remittance.uetr), encode(remittance));
}
void LedgerState::put(const Return& movement) {
    delta_->put(keys::return_movement(movement.return_id), encode(movement));
    delta_->put(keys::return_of(movement.uetr, movement.return_id), Bytes{});
}
void LedgerState::put(const Redemption& redemption) {
    delta_->put(keys::redemption(redemption.owner.value, redemption.payout_id), encode(redemption));
}
void LedgerState::put(const Window& window) {
    delta_->put(keys::window(window.id.value), encode(window));
}
void LedgerState::put(const Leg& leg) {
    delta_->put(keys::leg(leg.window.value, leg.participant.value, leg.asset.value), encode(leg));
}

void LedgerState::claim_reference(keys::ReferenceKind kind, ByteView reference,
                                  const TransactionId& transaction) {
    claim_reference(kind, reference, ReferenceRecord{.transaction = transaction, .body = {}});
}
void LedgerState::claim_reference(keys::ReferenceKind kind, ByteView reference,
                                  const ReferenceRecord& record) {
    delta_->put(keys::reference(kind, reference), encode(record));
}
void LedgerState::put(const EvidenceRecord& evidence) {
    const VotePair& votes = evidence.votes;
    delta_->put(keys::evidence(votes.validator, votes.epoch, votes.view,
                               static_cast<std::uint8_t>(votes.kind)),
                encode(evidence));
}
void LedgerState::claim_quote_nonce(ParticipantId maker, std::uint64_t nonce,
                                    BlockTime quote_expires_at) {
    Writer writer;
    writer.i64(quote_expires_at.ms);
    delta_->put(keys::quote_nonce(maker.value, nonce), writer.take());
}
void LedgerState::claim_govern_nonce(const Uuid& nonce, std::uint64_t height) {
    delta_->put(keys::govern_nonce(nonce), height_bytes(height));
}
void LedgerState::note_governed(keys::GovernedKind kind, ParticipantId participant,
                                std::uint64_t height) {
    delta_->put(keys::govern_change(kind, participant.value), height_bytes(height));
}
void LedgerState::note_own_status(ParticipantId participant) {
    note_governed(keys::GovernedKind::participant, participant, head().height + 1);
}
void LedgerState::claim_idempotency(ParticipantId participant, const ClientKey& key,
                                    const IdempotencyRecord& record) {
    delta_->put(keys::idempotency(participant.value, key), encode(record));
    delta_->put(keys::idempotency_expiry(record.valid_until, participant.value, key), Bytes{});
}
void LedgerState::add_expiry(BlockTime at, keys::ExpiryKind kind, const Uuid& id) {
    delta_->put(keys::expiry(at, kind, id), Bytes{});
}
void LedgerState::remove_expiry(BlockTime at, keys::ExpiryKind kind, const Uuid& id) {
    delta_->erase(keys::expiry(at, kind, id));
}

Bytes participant_reference(ParticipantId participant, ByteView text) {
    Writer writer;
    writer.u32(participant.value).bytes(text);
    return writer.take();
}

Bytes bank_entry_reference(const BankEntryName& name) {
    Writer writer;
    writer.u32(name.bank.value).bytes(name.account).bytes(name.booking_date);
    writer.bytes(name.entry_reference);
    return writer.take();
}

}  // namespace remit::ledger
