#include "ledger/invariants/registry.h"

#include <array>

#include "ledger/settlement.h"
#include "ledger/state/memory_view.h"

namespace remit::ledger {

namespace {
constexpr std::array<MakeInvariant, 14> invariants_in_order{postings_sum_to_zero,
                                                            supply_is_backed,
                                                            customers_are_safeguarded,
                                                            signs_hold,
                                                            outcomes_are_single,
                                                            amounts_are_as_quoted,
                                                            references_are_used_once,
                                                            escrow_matches_remittances,
                                                            returns_stay_within,
                                                            positions_match,
                                                            caps_hold,
                                                            frozen_stay_whole,
                                                            time_rises,
                                                            fees_match_remittances};

/// Reads each change once and shows it to every invariant.
class Run {
public:
    Run(const Scope& scope, std::span<const MakeInvariant> makers) {
        for (const MakeInvariant make : makers) {
            invariants_.push_back(make(scope));
        }
    }

    void see(ByteView key, const std::optional<Bytes>& before, const std::optional<Bytes>& after) {
        if (key.empty() || (!before && !after)) {
            return;
        }
        switch (static_cast<keys::Table>(key.front())) {
            case keys::Table::meta:
                return see_meta(key, before, after);
            case keys::Table::policy:
                return show<Policy>(key, before, after, &Invariant::on_policy);
            case keys::Table::account:
                return show<Account>(key, before, after, &Invariant::on_account);
            case keys::Table::position:
                return show<Position>(key, before, after, &Invariant::on_position);
            case keys::Table::remittance:
                return show<Remittance>(key, before, after, &Invariant::on_remittance);
            case keys::Table::return_movement:
                return show<Return>(key, before, after, &Invariant::on_return);
            case keys::Table::redemption:
                return show<Redemption>(key, before, after, &Invariant::on_redemption);
            case keys::Table::leg:
                return show<Leg>(key, before, after, &Invariant::on_leg);
            case keys::Table::idempotency:
                return show<IdempotencyRecord>(key, before, after, &Invariant::on_idempotency);
            case keys::Table::claim:
            case keys::Table::reference:
            case keys::Table::quote_nonce:
            case keys::Table::govern_nonce:
                return show_bytes(key, before, after);
            case keys::Table::calendar:
                return read_only<Calendar>(key, after);
            case keys::Table::asset:
                return read_only<Asset>(key, after);
            case keys::Table::participant:
                return read_only<Participant>(key, after);
            case keys::Table::key:
                return read_only<KeyRecord>(key, after);
            case keys::Table::mark:
            case keys::Table::mark_by_id:
                return read_only<Mark>(key, after);
            case keys::Table::epoch:
                return read_only<EpochRecord>(key, after);
            case keys::Table::ready:
                return read_only<ReadyRecord>(key, after);
            case keys::Table::window:
                return read_only<Window>(key, after);
            case keys::Table::movement:
                return read_only<CashMovement>(key, after);
            case keys::Table::bank_line:
                return read_only<BankLine>(key, after);
            case keys::Table::bilateral:
                return read_only<Bilateral>(key, after);
            case keys::Table::evidence:
                return read_only<EvidenceRecord>(key, after);
            case keys::Table::expiry:
            case keys::Table::return_of:
            case keys::Table::idempotency_expiry:
            case keys::Table::govern_change:
                return;
        }
        unreadable(key);
    }

    std::optional<Breach> finish() {
        if (unreadable_) {
            return unreadable_;
        }
        for (const auto& invariant : invariants_) {
            if (auto breach = invariant->finish()) {
                return breach;
            }
        }
        return std::nullopt;
    }

private:
    template <class T>
    bool read(ByteView key, const std::optional<Bytes>& bytes, std::optional<T>& record) {
        if (bytes) {
            record = decode<T>(*bytes);
            if (!record) {
                unreadable(key);
                return false;
            }
        }
        return true;
    }

    template <class T>
    void read_only(ByteView key, const std::optional<Bytes>& bytes) {
        std::optional<T> record;
        read(key, bytes, record);
    }

    void see_meta(ByteView key, const std::optional<Bytes>& before,
                  const std::optional<Bytes>& after) {
        if (key == keys::meta(keys::MetaItem::head)) {
            show<HeadRecord>(key, before, after, &Invariant::on_head);
        } else if (key == keys::meta(keys::MetaItem::windows)) {
            read_only<WindowSequence>(key, after);
        } else if (key == keys::meta(keys::MetaItem::chain)) {
            read_only<ChainRecord>(key, after);
        } else if (key == keys::meta(keys::MetaItem::leaders)) {
            read_only<LeaderDebts>(key, after);
        } else if (key == keys::meta(keys::MetaItem::plan)) {
            read_only<EpochPlan>(key, after);
        } else if (key == keys::meta(keys::MetaItem::epoch) &&
                   (!after || after->size() == sizeof(std::uint64_t))) {
            return;
        } else {
            unreadable(key);
        }
    }

    template <class T>
    void show(ByteView key, const std::optional<Bytes>& before, const std::optional<Bytes>& after,
              void (Invariant::*handler)(const Change<T>&)) {
        Change<T> change{.key = Bytes(key), .before = {}, .after = {}};
        if (read(key, before, change.before) && read(key, after, change.after)) {
            for (const auto& invariant : invariants_) {
                (invariant.get()->*handler)(change);
            }
        }
    }

    void show_bytes(ByteView key, const std::optional<Bytes>& before,
                    const std::optional<Bytes>& after) {
        constexpr std::size_t reference_key_size = 2 + Hash::size;
        const auto table = static_cast<keys::Table>(key.front());
        if (table == keys::Table::reference && key.size() != reference_key_size) {
            unreadable(key);
            return;
        }
        const Change<Bytes> change{.key = Bytes(key), .before = before, .after = after};
        for (const auto& invariant : invariants_) {
            invariant->on_other(table, change);
        }
    }

    void unreadable(ByteView key) {
        if (!unreadable_) {
            unreadable_ =
                Breach{.id = "encoding", .text = "a record cannot be read", .key = Bytes(key)};
        }
    }

    std::vector<std::unique_ptr<Invariant>> invariants_;
    std::optional<Breach> unreadable_;
};

std::optional<std::string> in_words(const std::optional<Breach>& breach) {
    return breach ? std::optional<std::string>(to_text(*breach)) : std::nullopt;
}
}  // namespace

std::string to_text(const Breach& breach) {
    std::string out = std::string(breach.id) + ": " + breach.text;
    if (!breach.key.empty()) {
        out += " (record " + to_hex(breach.key) + ")";
    }
    return out;
}

std::string to_text(Place place) {
    return "participant " + std::to_string(place.first.value) + " in asset " +
           std::to_string(place.second.value);
}

std::span<const MakeInvariant> all_invariants() {
    return invariants_in_order;
}

std::optional<Breach> find_breach(const StateView& before, const StateView& after,
                                  const Delta::WriteSet& writes, const BlockContext& block,
                                  std::span<const MakeInvariant> invariants) {
    const Scope scope{.before = StateReader(before), .after = StateReader(after), .block = block};
    Run run(scope, invariants);
    for (const auto& [key, value] : writes) {
        run.see(key, before.get(key), value);
    }
    return run.finish();
}

std::optional<Breach> find_breach(const StateView& state,
                                  std::span<const MakeInvariant> invariants) {
    const MemoryView nothing;
    const Scope scope{
        .before = StateReader(nothing), .after = StateReader(state), .block = std::nullopt};
    const auto over_all = [&](Run run) {
        scan(state, ByteView(), [&](ByteView key, ByteView value) {
            run.see(key, std::nullopt, Bytes(value));
            return true;
        });
        return run.finish();
    };
    // First that every record can be read: invariants look others up and rely on it.
    auto unreadable = over_all(Run(scope, {}));
    return unreadable ? unreadable : over_all(Run(scope, invariants));
}

std::optional<std::string> check_invariants(const StateView& before, const StateView& after,
                                            const Delta::WriteSet& writes,
                                            const BlockContext& block) {
    return in_words(find_breach(before, after, writes, block));
}

std::optional<std::string> check_whole(const StateView& state) {
    return in_words(find_breach(state));
}

}  // namespace remit::ledger
