#pragma once

#include <cstdint>

#include "ledger/base/bytes.h"
#include "ledger/base/codec.h"
#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/base/time.h"
#include "ledger/base/uuid.h"

/// Key bytes of every record of the state: one prefix byte naming the table, then a canonical
/// big-endian key, so that byte order is the order of a scan. The same bytes are the keys of the
/// store. Prefixes are never reused. docs/reference/key-schema.md is this file in prose.
namespace remit::ledger::keys {

/// Tables. The comment gives the key after the prefix, then the record.
enum class Table : std::uint8_t {
    // The chain and its rules.
    meta = 0x01,         // item u8 (MetaItem)                 -> one record each
    policy = 0x02,       // (empty)                            -> policy
    calendar = 0x03,     // (empty)                            -> list of cut-offs
    asset = 0x04,        // asset u16                          -> asset
    participant = 0x05,  // participant u32                    -> participant
    key = 0x06,          // public key 32 bytes                -> owner, purpose, validity
    mark = 0x07,         // source u16 | target u16            -> newest bank mark of the pair
    mark_by_id = 0x08,   // source u16 | target u16 | id u64   -> bank mark
    epoch = 0x09,        // epoch u64                          -> epoch: set, end height, version
    ready = 0x0a,        // VALIDATE key 32 bytes              -> height and versions of its ready

    // Balances.
    account = 0x10,   // participant u32 | asset u16 | kind u8 | tag 16 -> account
    position = 0x11,  // participant u32 | asset u16 -> open, reserved, cover, locked, reserve, ...
    movement = 0x12,  // participant u32 | asset u16 | book u8 | height u64 -> i64: cash movement at
                      // the bank that the ledger has seen (book: CashBook)

    // Remittances and what hangs on them.
    remittance = 0x20,       // UETR 16                          -> remittance
    expiry = 0x21,           // time u64 ms | kind u8 | id 16    -> empty: the sweep's order
    return_movement = 0x22,  // return id 16                     -> return
    return_of = 0x23,        // UETR 16 | return id 16           -> empty
    redemption = 0x24,       // operator u32 | payout id 16      -> redemption (defund_wallet)

    // Settlement.
    window = 0x30,     // window u64                             -> window
    leg = 0x31,        // window u64 | participant u32 | asset u16 -> leg: net at close, due, state
    claim = 0x32,      // debtor u32 | asset u16 | window u64 | creditor u32 -> loss share owed
    bank_line = 0x33,  // participant u32 | asset u16 | window u64 -> committed bank line drawn
    bilateral = 0x34,  // window u64 | asset u16 | lower participant u32 | higher u32 -> net of
                       // crossing postings between the two; gone when the window is settled

    // What was used once.
    reference = 0x40,           // kind u8 (ReferenceKind) | hash 32 -> transaction id: for ever
    idempotency = 0x41,         // participant u32 | client key 16   -> first result
    idempotency_expiry = 0x42,  // valid until u64 ms | participant u32 | client key 16 -> empty
    quote_nonce = 0x43,         // maker u32 | nonce u64             -> quote's expiry
    govern_nonce = 0x44,        // nonce 16                          -> height
    govern_change = 0x45,       // kind u8 (GovernedKind) | participant u32 or 0 -> height of the
                                // last change that counts; none since genesis: no record

    // What validators did.
    evidence = 0x50,  // VALIDATE key 32 bytes | epoch u64 | view u64 | kind u8 -> evidence
};

/// Single records of table `meta`.
enum class MetaItem : std::uint8_t {
    chain = 0,    // chain id, network name, devnet flag
    head = 1,     // height and time of the newest executed block
    windows = 2,  // open window, oldest unsettled one, next cut-off
    epoch = 3,    // number of the epoch in force u64
    plan = 4,     // what governance wants the next epoch to be; none pending: no record
    leaders = 5,  // debts of the validators in force as leaders; nobody owes: no record
};

/// What governance changes as a whole.
enum class GovernedKind : std::uint8_t {
    participant = 0,
    policy = 1,
    calendar = 2,
    validators = 3,
};

/// Which of the two cash accounts at the bank a movement belongs to.
enum class CashBook : std::uint8_t { reserve = 0, cover = 1 };

/// Whose deadline an expiry entry is.
enum class ExpiryKind : std::uint8_t { remittance = 0, return_movement = 1, hold = 2 };

/// What a reference kept for ever names (ledger.md 5).
enum class ReferenceKind : std::uint8_t {
    fiat_reference = 0,  // operator u32 | on-ramp reference
    bank_entry = 1,      // bank u32 | account | booking date | entry reference
    statement = 2,       // bank u32 | statement reference
    rail_reference = 3,  // operator u32 | off-ramp rail reference
    document = 4,        // document hash
    order = 5,           // order hash | target
    bank_line = 6,       // bank u32 | bank line reference
};

/// A key under construction.
class KeyWriter : public Writer {
public:
    explicit KeyWriter(Table table) { u8(static_cast<std::uint8_t>(table)); }
};

inline Bytes prefix(Table table) {
    return KeyWriter(table).take();
}

inline Bytes meta(MetaItem item) {
    KeyWriter key(Table::meta);
    key.u8(static_cast<std::uint8_t>(item));
    return key.take();
}
inline Bytes epoch(std::uint64_t number) {
    KeyWriter key(Table::epoch);
    key.u64(number);
    return key.take();
}
inline Bytes ready(const PublicKey& validate_key) {
    KeyWriter key(Table::ready);
    key.fixed(validate_key);
    return key.take();
}
inline Bytes policy() {
    return prefix(Table::policy);
}
inline Bytes calendar() {
    return prefix(Table::calendar);
}
inline Bytes asset(std::uint16_t asset_id) {
    KeyWriter key(Table::asset);
    key.u16(asset_id);
    return key.take();
}
inline Bytes participant(std::uint32_t participant_id) {
    KeyWriter key(Table::participant);
    key.u32(participant_id);
    return key.take();
}
inline Bytes key(const PublicKey& public_key) {
    KeyWriter out(Table::key);
    out.fixed(public_key);
    return out.take();
}
inline Bytes mark(std::uint16_t source, std::uint16_t target) {
    KeyWriter key(Table::mark);
    key.u16(source).u16(target);
    return key.take();
}
inline Bytes mark_by_id(std::uint16_t source, std::uint16_t target, std::uint64_t mark_id) {
    KeyWriter key(Table::mark_by_id);
    key.u16(source).u16(target).u64(mark_id);
    return key.take();
}

/// `kind` is the number of the account kind; `tag` its 16 bytes, zero unless CUSTOMER.
template <class Tag>
Bytes account(std::uint32_t participant_id, std::uint16_t asset_id, std::uint8_t kind,
              const FixedBytes<16, Tag>& tag) {
    KeyWriter key(Table::account);
    key.u32(participant_id).u16(asset_id).u8(kind).fixed(tag);
    return key.take();
}
/// Accounts of one participant, in (asset, kind, tag) order.
inline Bytes accounts_of(std::uint32_t participant_id) {
    KeyWriter key(Table::account);
    key.u32(participant_id);
    return key.take();
}
/// Accounts of one participant and asset, in (kind, tag) order.
inline Bytes accounts_of(std::uint32_t participant_id, std::uint16_t asset_id) {
    KeyWriter key(Table::account);
    key.u32(participant_id).u16(asset_id);
    return key.take();
}
inline Bytes position(std::uint32_t participant_id, std::uint16_t asset_id) {
    KeyWriter key(Table::position);
    key.u32(participant_id).u16(asset_id);
    return key.take();
}
inline Bytes movements_of(std::uint32_t participant_id, std::uint16_t asset_id, CashBook book) {
    KeyWriter key(Table::movement);
    key.u32(participant_id).u16(asset_id).u8(static_cast<std::uint8_t>(book));
    return key.take();
}
inline Bytes movement(std::uint32_t participant_id, std::uint16_t asset_id, CashBook book,
                      std::uint64_t height) {
    KeyWriter key(Table::movement);
    key.u32(participant_id).u16(asset_id).u8(static_cast<std::uint8_t>(book)).u64(height);
    return key.take();
}

inline Bytes remittance(const Uuid& uetr) {
    KeyWriter key(Table::remittance);
    key.fixed(uetr);
    return key.take();
}
/// Block times are never negative, so an unsigned number sorts like the time.
inline Bytes expiry(BlockTime at, ExpiryKind kind, const Uuid& id) {
    KeyWriter key(Table::expiry);
    key.u64(static_cast<std::uint64_t>(at.ms)).u8(static_cast<std::uint8_t>(kind)).fixed(id);
    return key.take();
}
inline Bytes return_movement(const Uuid& return_id) {
    KeyWriter key(Table::return_movement);
    key.fixed(return_id);
    return key.take();
}
inline Bytes returns_of(const Uuid& uetr) {
    KeyWriter key(Table::return_of);
    key.fixed(uetr);
    return key.take();
}
inline Bytes return_of(const Uuid& uetr, const Uuid& return_id) {
    KeyWriter key(Table::return_of);
    key.fixed(uetr).fixed(return_id);
    return key.take();
}
inline Bytes redemption(std::uint32_t operator_id, const Uuid& payout_id) {
    KeyWriter key(Table::redemption);
    key.u32(operator_id).fixed(payout_id);
    return key.take();
}

inline Bytes window(std::uint64_t window_id) {
    KeyWriter key(Table::window);
    key.u64(window_id);
    return key.take();
}
inline Bytes legs_of(std::uint64_t window_id) {
    KeyWriter key(Table::leg);
    key.u64(window_id);
    return key.take();
}
inline Bytes legs_of(std::uint64_t window_id, std::uint32_t participant_id) {
    KeyWriter key(Table::leg);
    key.u64(window_id).u32(participant_id);
    return key.take();
}
inline Bytes leg(std::uint64_t window_id, std::uint32_t participant_id, std::uint16_t asset_id) {
    KeyWriter key(Table::leg);
    key.u64(window_id).u32(participant_id).u16(asset_id);
    return key.take();
}
inline Bytes claims_on(std::uint32_t debtor_id, std::uint16_t asset_id) {
    KeyWriter key(Table::claim);
    key.u32(debtor_id).u16(asset_id);
    return key.take();
}
inline Bytes claim(std::uint32_t debtor_id, std::uint16_t asset_id, std::uint64_t window_id,
                   std::uint32_t creditor_id) {
    KeyWriter key(Table::claim);
    key.u32(debtor_id).u16(asset_id).u64(window_id).u32(creditor_id);
    return key.take();
}
inline Bytes bank_line(std::uint32_t participant_id, std::uint16_t asset_id,
                       std::uint64_t window_id) {
    KeyWriter key(Table::bank_line);
    key.u32(participant_id).u16(asset_id).u64(window_id);
    return key.take();
}

inline Bytes bilaterals_of(std::uint64_t window_id) {
    KeyWriter key(Table::bilateral);
    key.u64(window_id);
    return key.take();
}
/// `low` and `high`: the two participants by id.
inline Bytes bilateral(std::uint64_t window_id, std::uint16_t asset_id, std::uint32_t low,
                       std::uint32_t high) {
    KeyWriter key(Table::bilateral);
    key.u64(window_id).u16(asset_id).u32(low).u32(high);
    return key.take();
}
inline Bytes positions_of(std::uint32_t participant_id) {
    KeyWriter key(Table::position);
    key.u32(participant_id);
    return key.take();
}

inline Bytes evidence_of(const PublicKey& validator) {
    KeyWriter key(Table::evidence);
    key.fixed(validator);
    return key.take();
}
inline Bytes evidence(const PublicKey& validator, std::uint64_t epoch, std::uint64_t view,
                      std::uint8_t kind) {
    KeyWriter key(Table::evidence);
    key.fixed(validator).u64(epoch).u64(view).u8(kind);
    return key.take();
}

/// `reference` is the canonical bytes named at ReferenceKind; only their hash is kept.
inline Bytes reference(ReferenceKind kind, ByteView reference_bytes) {
    KeyWriter key(Table::reference);
    const auto number = static_cast<char>(kind);
    key.u8(static_cast<std::uint8_t>(kind));
    key.fixed(hash(domain::reference, {ByteView(&number, 1), reference_bytes}));
    return key.take();
}
inline Bytes idempotency(std::uint32_t participant_id, const Uuid& client_key) {
    KeyWriter key(Table::idempotency);
    key.u32(participant_id).fixed(client_key);
    return key.take();
}
inline Bytes idempotency_expiry(BlockTime valid_until, std::uint32_t participant_id,
                                const Uuid& client_key) {
    KeyWriter key(Table::idempotency_expiry);
    key.u64(static_cast<std::uint64_t>(valid_until.ms)).u32(participant_id).fixed(client_key);
    return key.take();
}
inline Bytes quote_nonce(std::uint32_t maker_id, std::uint64_t nonce) {
    KeyWriter key(Table::quote_nonce);
    key.u32(maker_id).u64(nonce);
    return key.take();
}
inline Bytes govern_nonce(const Uuid& nonce) {
    KeyWriter key(Table::govern_nonce);
    key.fixed(nonce);
    return key.take();
}
inline Bytes govern_change(GovernedKind kind, std::uint32_t participant_id = 0) {
    KeyWriter key(Table::govern_change);
    key.u8(static_cast<std::uint8_t>(kind)).u32(participant_id);
    return key.take();
}

}  // namespace remit::ledger::keys
