#include "ledger/invariants/registry.h"

#include "test/unit/ledger/invariants/books.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
const AccountId alice = customer_account(alipay, hkd, tag('a'));

void change_balance(LedgerState& state, const AccountId& id, Minor by) {
    Account account = state.account(id).value_or(Account{.id = id});
    account.balance += by;
    state.put(account);
}

void change(LedgerState& state, ParticipantId participant, AssetId asset,
            const std::function<void(Position&)>& how) {
    Position position = state.position(participant, asset);
    how(position);
    state.put(position);
}

void change(LedgerState& state, unsigned number, const std::function<void(Remittance&)>& how) {
    Remittance remittance = state.remittance(uetr(number)).value();
    how(remittance);
    state.put(remittance);
}

AccountId own(ParticipantId participant, AssetId asset, AccountKind kind) {
    return own_account(participant, asset, kind);
}

/// The books after a first change that is no part of the block under test.
MemoryView books_with(const Spoil& first) {
    MemoryView books = sound_books();
    Delta delta(books);
    LedgerState state(delta);
    first(state);
    const auto writes = delta.write_set();
    books.apply(writes);
    return books;
}
}  // namespace

TEST_CASE("invariants: books in good order break none, in a block or as a whole", "[invariants]") {
    const MemoryView books = sound_books();
    const auto whole = check_whole(books);
    CAPTURE(whole.value_or(""));
    REQUIRE_FALSE(whole);
    for (const MakeInvariant invariant : all_invariants()) {
        REQUIRE_FALSE(breach_in_block(invariant, books, [](LedgerState&) {}));
    }
    REQUIRE(all_invariants().size() == 14);
}

TEST_CASE("invariants: I1 fires when money appears", "[invariants]") {
    require_fires(postings_sum_to_zero, "I1",
                  [](LedgerState& state) { change_balance(state, alice, 1); });
}

TEST_CASE("invariants: I2 fires when tokens appear that nobody owes for", "[invariants]") {
    require_fires(supply_is_backed, "I2", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::suspense), 7);
    });
}

TEST_CASE("invariants: I3 fires when tokens outgrow the reserve unmarked", "[invariants]") {
    require_fires(customers_are_safeguarded, "I3", [](LedgerState& state) {
        change(state, alipay, hkd, [](Position& position) { position.reserve = 0; });
    });
    require_fires(customers_are_safeguarded, "I3", [](LedgerState& state) {
        state.put(Account{.id = customer_account(alipay, usd, tag('x'))});
    });
}

TEST_CASE("invariants: I3 fires when one short of reserve makes more tokens", "[invariants]") {
    const MemoryView books = books_with([](LedgerState& state) {
        change(state, alipay, hkd, [](Position& position) {
            position.reserve = 0;
            position.shortfall = true;
        });
    });
    const auto on_ramp = [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::settlement), -100);
        change_balance(state, alice, 100);
    };
    const auto breach = breach_in_block(customers_are_safeguarded, books, on_ramp);
    REQUIRE(breach.has_value());
    REQUIRE(breach->id == "I3");
    // An off-ramp is the way out of it.
    REQUIRE_FALSE(breach_in_block(customers_are_safeguarded, books, [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::settlement), 100);
        change_balance(state, alice, -100);
    }));
    // In a block in which the bank attested, the ledger's rules answer for the order of events.
    REQUIRE_FALSE(breach_in_block(customers_are_safeguarded, books, [&](LedgerState& state) {
        on_ramp(state);
        state.claim_reference(keys::ReferenceKind::statement, "statement", TransactionId{});
    }));
}

TEST_CASE("invariants: I4 fires on a sign no account may have", "[invariants]") {
    require_fires(signs_hold, "I4", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::fee), -10'000'000);
    });
    require_fires(signs_hold, "I4", [](LedgerState& state) {
        change_balance(state, own(bank, hkd, AccountKind::clearing), 1);
    });
    require_fires(signs_hold, "I4", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::settlement), -amount_max - 1);
    });
    require_fires(signs_hold, "I4", [](LedgerState& state) {
        change(state, maker, php, [](Position& position) { position.locked = position.cover + 1; });
    });
}

TEST_CASE("invariants: I5 fires when money is moved twice or belongs to no window",
          "[invariants]") {
    require_fires(outcomes_are_single, "I5", [](LedgerState& state) {
        change(state, 5, [](Remittance& expired) { expired.state = RemittanceState::committed; });
    });
    const MemoryView books = sound_books();
    const auto breach = breach_in_block(outcomes_are_single, books, [](LedgerState& state) {
        change(state, 5, [](Remittance& expired) {
            expired.state = RemittanceState::committed;
            expired.window = {2};
        });
    });
    REQUIRE(breach.has_value());
    REQUIRE(breach->key == keys::remittance(uetr(5)));
    REQUIRE(breach_in_block(outcomes_are_single, books, [](LedgerState& state) {
        change(state, 2, [](Remittance& committed) { committed.window = {1}; });
    }));
    REQUIRE(breach_in_block(outcomes_are_single, books, [](LedgerState& state) {
        Return done = state.return_movement(uetr(104)).value();
        done.state = ReturnState::pending;
        done.window = {};
        state.put(done);
    }));
    REQUIRE_FALSE(breach_in_block(outcomes_are_single, books, [](LedgerState& state) {
        change(state, 1, [](Remittance& prepared) {
            prepared.state = RemittanceState::credited;
            prepared.window = {2};
        });
    }));
}

TEST_CASE("invariants: I6 fires when amounts are not the quote's", "[invariants]") {
    const auto one_more = [](Remittance& remittance) {
        remittance.target.minor += 1;
        remittance.exchanges.back().target.minor += 1;
    };
    require_fires(amounts_are_as_quoted, "I6",
                  [&](LedgerState& state) { change(state, 1, one_more); });
    // A new one, wrong from the start.
    require_fires(amounts_are_as_quoted, "I6", [&](LedgerState& state) {
        Remittance other = state.remittance(uetr(1)).value();
        other.uetr = uetr(77);
        one_more(other);
        state.put(other);
    });
    require_fires(amounts_are_as_quoted, "I6", [](LedgerState& state) {
        Remittance other = state.remittance(uetr(1)).value();
        other.uetr = uetr(77);
        other.target.minor -= 1;
        state.put(other);
    });
}

TEST_CASE("invariants: I7 fires when a nonce is not stored, or anything is taken again",
          "[invariants]") {
    require_fires(references_are_used_once, "I7", [](LedgerState& state) {
        Remittance other = state.remittance(uetr(1)).value();
        other.uetr = uetr(77);
        other.exchanges.front().nonce = 4'711;
        state.put(other);
    });
    // The same nonce for two remittances: it is on record, but once.
    require_fires(references_are_used_once, "I7", [](LedgerState& state) {
        Remittance other = state.remittance(uetr(1)).value();
        other.uetr = uetr(77);
        state.put(other);
    });
    const MemoryView books = sound_books();
    const auto fiat = participant_reference(alipay, "cash-1");
    REQUIRE(StateReader(books).has_reference(keys::ReferenceKind::fiat_reference, fiat));
    const auto in_block = [&](const Spoil& spoil) {
        const auto breach = breach_in_block(references_are_used_once, books, spoil);
        return breach ? std::string(breach->id) : std::string();
    };
    REQUIRE(in_block([&](LedgerState& state) {
                TransactionId other;
                other.data[0] = 1;
                state.claim_reference(keys::ReferenceKind::fiat_reference, fiat, other);
            }) == "I7");
    REQUIRE(in_block([&](LedgerState& state) {
                state.delta().erase(keys::reference(keys::ReferenceKind::fiat_reference, fiat));
            }) == "I7");
    REQUIRE(in_block([&](LedgerState& state) {
                change(state, 1, [](Remittance& taken) { taken.body.data[0] ^= 1U; });
            }) == "I7");
}

TEST_CASE("invariants: I7 fires when an idempotency key is taken again while valid",
          "[invariants]") {
    const ClientKey client_key = uetr(9);
    const auto claim = [&](std::uint8_t id) {
        return [=](LedgerState& state) {
            IdempotencyRecord record;
            record.transaction.data[0] = id;
            record.valid_until = {state.head().time.ms + 3'600'000};
            state.claim_idempotency(alipay, client_key, record);
        };
    };
    const MemoryView books = books_with(claim(1));
    REQUIRE(breach_in_block(references_are_used_once, books, claim(2)));
    REQUIRE_FALSE(breach_in_block(references_are_used_once, books, claim(1)));
}

TEST_CASE("invariants: I8 fires when escrow or reserved do not match what is live",
          "[invariants]") {
    require_fires(escrow_matches_remittances, "I8", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::escrow), -1);
        change_balance(state, own(alipay, hkd, AccountKind::suspense), 1);
    });
    require_fires(escrow_matches_remittances, "I8", [](LedgerState& state) {
        change(state, maker, php, [](Position& position) { position.reserved += 1; });
    });
    // Expired, and its escrow never went home.
    require_fires(escrow_matches_remittances, "I8", [](LedgerState& state) {
        change(state, 1, [](Remittance& stuck) { stuck.state = RemittanceState::expired; });
    });
    require_fires(escrow_matches_remittances, "I8", [](LedgerState& state) {
        Return pending = state.return_movement(uetr(103)).value();
        pending.state = ReturnState::expired;
        state.put(pending);
    });
    require_fires(escrow_matches_remittances, "I8", [](LedgerState& state) {
        Redemption locked = state.redemption(alipay, uetr(200)).value();
        locked.state = RedemptionState::cancelled;
        state.put(locked);
    });
}

TEST_CASE("invariants: I9 fires when more is returned than was sent", "[invariants]") {
    require_fires(returns_stay_within, "I9", [](LedgerState& state) {
        change(state, 2, [](Remittance& sent) { sent.returned_source = sent.source.minor + 1; });
    });
    require_fires(returns_stay_within, "I9", [](LedgerState& state) {
        change(state, 4, [](Remittance& sent) { sent.returned_target -= 1; });
    });
    // Pending counts.
    require_fires(returns_stay_within, "I9", [](LedgerState& state) {
        Return pending = state.return_movement(uetr(103)).value();
        pending.source += 1;
        state.put(pending);
        change(state, 3, [](Remittance&) {});
    });
}

TEST_CASE("invariants: I10 fires when positions are not what their accounts and movements say",
          "[invariants]") {
    require_fires(positions_match, "I10", [](LedgerState& state) {
        change(state, maker, hkd, [](Position& position) { position.open += 1; });
    });
    // Between participants, so accounts and positions agree, but no remittance moved it.
    require_fires(positions_match, "I10", [](LedgerState& state) {
        change_balance(state, own(maker, hkd, AccountKind::settlement), -5);
        change_balance(state, own(second_maker, hkd, AccountKind::settlement), 5);
        change(state, maker, hkd, [](Position& position) { position.open -= 5; });
        change(state, second_maker, hkd, [](Position& position) { position.open += 5; });
    });
    require_fires(positions_match, "I10", [](LedgerState& state) {
        change(state, maker, hkd, [](Position& position) {
            position.add_due({1}, 1);
            position.open -= 1;
        });
    });
    const MemoryView books = sound_books();
    const auto leg = StateReader(books).leg({1}, maker, hkd);
    REQUIRE(leg.has_value());
    const auto breach = breach_in_block(positions_match, books, [&](LedgerState& state) {
        Leg other = *leg;
        other.net += 1;
        state.put(other);
    });
    REQUIRE(breach.has_value());
    REQUIRE(breach->key == keys::leg(1, maker.value, hkd.value));
    // A close that moves less than what was open.
    REQUIRE(breach_in_block(positions_match, books, [](LedgerState& state) {
        state.put(Leg{.window = {2}, .participant = maker, .asset = hkd, .net = 1});
    }));
}

TEST_CASE("invariants: I10 fires when what is due is not the cash in CLEARING", "[invariants]") {
    require_fires(positions_match, "I10", [](LedgerState& state) {
        change_balance(state, own(bank, hkd, AccountKind::clearing), -5);
        change_balance(state, own(alipay, hkd, AccountKind::settlement), 5);
    });
}

TEST_CASE("invariants: I11 fires when debt is over the cap unmarked", "[invariants]") {
    require_fires(caps_hold, "I11", [](LedgerState& state) {
        change(state, maker, php, [](Position& position) { position.cover = 0; });
    });
    // A policy alone can put a position over its cap that nobody wrote.
    const MemoryView books = sound_books();
    const auto breach = breach_in_block(caps_hold, books, [](LedgerState& state) {
        Policy policy = state.policy();
        policy.cap_bps = 1;
        state.put(policy);
    });
    REQUIRE(breach.has_value());
    REQUIRE(breach->id == "I11");
}

TEST_CASE("invariants: I11 fires when a debt grows while it is over the cap", "[invariants]") {
    const MemoryView books = books_with([](LedgerState& state) {
        change(state, maker, php, [](Position& position) {
            position.cover = 0;
            position.over_cap = true;
        });
    });
    const auto owe = [](Minor more) {
        return [more](LedgerState& state) {
            change(state, maker, php, [more](Position& position) { position.open -= more; });
        };
    };
    REQUIRE(breach_in_block(caps_hold, books, owe(1)));
    REQUIRE_FALSE(breach_in_block(caps_hold, books, owe(0)));
    REQUIRE_FALSE(breach_in_block(caps_hold, books, owe(-1)));
}

TEST_CASE("invariants: I12 fires when a frozen account is debited", "[invariants]") {
    const MemoryView books = books_with([](LedgerState& state) {
        Account account = state.account(alice).value();
        account.frozen_debit = true;
        state.put(account);
    });
    const auto by = [&](Minor amount) {
        return breach_in_block(frozen_stay_whole, books, [amount](LedgerState& state) {
            change_balance(state, alice, amount);
        });
    };
    REQUIRE(by(-1).has_value());
    REQUIRE(by(-1)->id == "I12");
    REQUIRE_FALSE(by(1));
}

TEST_CASE("invariants: I16 fires when height or time jumps or is missing", "[invariants]") {
    const MemoryView books = sound_books();
    const auto head = StateReader(books).head();
    const auto with_head = [&](std::uint64_t height, std::int64_t ms) {
        return breach_in_block(time_rises, books, [=](LedgerState& state) {
            state.put(HeadRecord{.height = height, .time = {ms}});
        });
    };
    REQUIRE(with_head(head.height + 2, head.time.ms + 1000)->id == "I16");
    REQUIRE(with_head(head.height + 1, head.time.ms - 1)->id == "I16");
    REQUIRE(with_head(head.height, head.time.ms)->id == "I16");
    REQUIRE_FALSE(with_head(head.height + 1, head.time.ms + 1000));
    REQUIRE(breach_in_whole(time_rises, books, [](LedgerState& state) {
        state.delta().erase(keys::meta(keys::MetaItem::head));
    }));
}

TEST_CASE("invariants: I18 fires when a FEE account earns what no remittance paid",
          "[invariants]") {
    require_fires(fees_match_remittances, "I18", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::fee), 1);
        change_balance(state, alice, -1);
    });
    require_fires(fees_match_remittances, "I18", [](LedgerState& state) {
        change_balance(state, own(alipay, hkd, AccountKind::fee), -1'250);
        change_balance(state, alice, 1'250);
    });
}

TEST_CASE("invariants: a record that cannot be read is named", "[invariants]") {
    const MemoryView books = sound_books();
    for (const Bytes& key :
         {keys::account(alipay.value, hkd.value, 0, tag('a')), keys::policy(),
          keys::remittance(uetr(2)), keys::participant(2), keys::meta(keys::MetaItem::windows)}) {
        REQUIRE(books.get(key).has_value());
        MemoryView spoiled = books;
        spoiled.put(key, books.get(key)->substr(1));
        const auto breach = find_breach(spoiled);
        REQUIRE(breach.has_value());
        REQUIRE(breach->id == "encoding");
        REQUIRE(breach->key == key);
        REQUIRE(to_text(*breach).find(to_hex(key)) != std::string::npos);
    }
    MemoryView cut = books;
    cut.put(Bytes(1, static_cast<char>(keys::Table::reference)), "?");
    REQUIRE(find_breach(cut)->id == "encoding");
    MemoryView strange = books;
    strange.put(Bytes("\x7f", 1), "?");
    REQUIRE(find_breach(strange)->id == "encoding");
}

TEST_CASE("invariants: the registry names the first that is broken", "[invariants]") {
    const MemoryView books = sound_books();
    Delta delta(books);
    LedgerState state(delta);
    change_balance(state, alice, 1);
    change(state, maker, php, [](Position& position) { position.cover = 0; });
    const BlockContext block;
    const auto text = check_invariants(books, delta, delta.write_set(), block);
    REQUIRE(text.has_value());
    REQUIRE(text->starts_with("I1: "));
}
