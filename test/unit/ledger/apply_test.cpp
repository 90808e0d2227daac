#include "ledger/apply.h"

#include <catch2/catch.hpp>

#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

namespace {
/// Whole blocks on a state in memory, envelopes really signed.
class Blocks {
public:
    explicit Blocks(std::uint32_t sweep_per_block_max = 1000) {
        Genesis genesis = example_genesis();
        genesis.policy.sweep_per_block_max = sweep_per_block_max;
        genesis.calendar.cut_offs = {{{genesis.time.ms + 60'000}, "2025-01-02"},
                                     {{genesis.time.ms + 120'000}, "2025-01-03"}};
        chain_id_ = chain_id_of(encode_genesis(genesis));
        time_ = genesis.time;
        Delta delta(view_);
        write_genesis(genesis, chain_id_, delta);
        view_.apply(delta.write_set());
    }

    Transaction sign(ParticipantId participant, std::vector<Operation> operations,
                     KeyPurpose purpose = KeyPurpose::operate) {
        Transaction out;
        out.participant = participant;
        out.client_key.data[0] = ++keys_;
        out.valid_until = {time_.ms + 600'000};
        out.operations = std::move(operations);
        out.body = "body " + std::to_string(keys_);
        finish(out, key_of(participant, purpose));
        return out;
    }
    void finish(Transaction& transaction, const SecretKey& key) const {
        transaction.id = transaction_id(chain_id_, transaction.body);
        transaction.key = key.public_key();
        transaction.signature =
            key.sign(signed_bytes(domain::client, {chain_id_.view(), transaction.body}));
    }
    BlockResult run(std::vector<BlockItem> items, std::int64_t after_ms = 0) {
        time_.ms += after_ms;
        BlockInput input{.height = ++height_, .time = time_, .items = std::move(items)};
        BlockResult result = apply_block(view_, input);
        CHECK(apply_block(view_, input).writes == result.writes);
        CHECK_FALSE(result.breach.has_value());
        CHECK(result.outcomes.size() == input.items.size());
        view_.apply(result.writes);
        return result;
    }
    /// The one receipt's code of a block with one item.
    std::uint16_t code(BlockItem item, std::int64_t after_ms = 0) {
        const BlockResult result = run({std::move(item)}, after_ms);
        REQUIRE(result.receipts.size() == 1);
        return result.receipts[0].code;
    }
    [[nodiscard]] StateReader state() const { return StateReader(view_); }
    [[nodiscard]] BlockTime time() const { return time_; }

private:
    MemoryView view_;
    ChainId chain_id_;
    BlockTime time_;
    std::uint64_t height_ = 0;
    std::uint8_t keys_ = 0;
};

std::uint16_t number(LedgerError error) {
    return static_cast<std::uint16_t>(error);
}

Operation open_op(char name) {
    return OpenAccount{hkd, tag(name)};
}
Operation fund_op(char name, Minor amount, const char* reference) {
    return FundWallet{hkd, tag(name), amount, reference};
}
/// Alice to Carol, both at alipay in HKD: nothing crosses.
Prepare inside_op(unsigned id, Minor amount, BlockTime expires_at) {
    Prepare out;
    out.uetr = uetr(id);
    out.source_asset = hkd;
    out.target_asset = hkd;
    out.payer_tag = tag('a');
    out.payee_tag = tag('c');
    out.payee_operator = alipay;
    out.source = amount;
    out.target = amount;
    out.purpose = "FAMI";
    out.expires_at = expires_at;
    return out;
}
void open_and_fund(Blocks& blocks) {
    const auto result = blocks.run(
        {blocks.sign(alipay, {open_op('a'), open_op('c'), fund_op('a', 1'000, "cash")})});
    REQUIRE(result.receipts.size() == 3);
    for (const Receipt& receipt : result.receipts) {
        REQUIRE(receipt.ok());
    }
}
}  // namespace

TEST_CASE("apply: an undone envelope says what stands, not what stood within it",
          "[ledger][apply]") {
    Blocks blocks;
    open_and_fund(blocks);
    const Prepare prepare = inside_op(1, 100, {blocks.time().ms + 30'000});
    Transaction tx = blocks.sign(alipay, {Operation(prepare), Operation(Accept{uetr(1), {}}),
                                          Operation(Accept{uetr(1), {}})});
    tx.mode = Mode::all;
    const BlockResult result = blocks.run({tx});
    REQUIRE(result.receipts.size() == 3);
    CHECK(result.receipts[1].code == number(LedgerError::batch_undone));
    CHECK(result.receipts[2].code == number(LedgerError::wrong_state));
    CHECK(result.receipts[2].state == RemittanceState::none);
    CHECK_FALSE(blocks.state().remittance(uetr(1)).has_value());
}

TEST_CASE("apply: idempotency keys are forgotten as fast as blocks can add them",
          "[ledger][apply]") {
    Blocks blocks(1);
    const auto kept = [&] {
        std::size_t count = 0;
        scan(blocks.state().view(), keys::prefix(keys::Table::idempotency),
             [&](ByteView, ByteView) { return ++count != 0; });
        return count;
    };
    const auto some = [&](char first, int count) {
        std::vector<BlockItem> out;
        for (int i = 0; i < count; ++i) {
            out.push_back(blocks.sign(alipay, {open_op(static_cast<char>(first + i))}));
        }
        return out;
    };
    blocks.run(some('a', 5));
    CHECK(kept() == 5);
    std::vector<BlockItem> next = some('k', 3);
    for (BlockItem& item : next) {
        std::get<Transaction>(item).valid_until.ms += 600'001;
    }
    blocks.run(std::move(next), 600'001);
    // Four of the five old ones are gone: one by the sweep's own limit, three for the new ones.
    CHECK(kept() == 1 + 3);
}

TEST_CASE("apply: an operation leaves a receipt and its effect", "[ledger][apply]") {
    Blocks blocks;
    const Transaction tx = blocks.sign(alipay, {open_op('a'), fund_op('a', 500, "r1")});
    const BlockResult result = blocks.run({tx});
    REQUIRE(result.receipts.size() == 2);
    CHECK(result.outcomes[0].kind == TransactionOutcome::Kind::executed);
    CHECK(result.outcomes[0].receipt_count == 2);
    CHECK(result.receipts[1].transaction == tx.id);
    CHECK(result.receipts[1].operation_index == 1);
    CHECK(result.receipts[1].height == 1);
    CHECK(result.receipts[1].participant == alipay);
    CHECK(result.receipts[1].verb == Verb::fund_wallet);
    CHECK(result.receipts[1].ok());
    CHECK(blocks.state().balance(customer_account(alipay, hkd, tag('a'))) == 500);
    CHECK(blocks.state().head().height == 1);
}

TEST_CASE("apply: the envelope is judged before its operations", "[ledger][apply]") {
    Blocks blocks;
    Transaction tx = blocks.sign(alipay, {open_op('a')});
    Transaction bad = tx;
    bad.signature.data[5] ^= 1;
    CHECK(blocks.code(bad) == number(LedgerError::bad_signature));
    bad = tx;
    bad.verdict = SignatureVerdict::bad;
    CHECK(blocks.code(bad) == number(LedgerError::bad_signature));
    bad = tx;
    blocks.finish(bad, key_of({99}, KeyPurpose::operate));
    CHECK(blocks.code(bad) == number(LedgerError::unknown_key));
    bad = tx;
    blocks.finish(bad, key_of(gcash, KeyPurpose::operate));
    CHECK(blocks.code(bad) == number(LedgerError::unknown_key));
    bad = tx;
    blocks.finish(bad, key_of(alipay, KeyPurpose::govern));
    CHECK(blocks.code(bad) == number(LedgerError::wrong_key_purpose));
    bad = tx;
    bad.operations.clear();
    CHECK(blocks.code(bad) == number(LedgerError::bad_encoding));
    bad = tx;
    bad.operations.resize(1001, open_op('b'));
    CHECK(blocks.code(bad) == number(LedgerError::too_large));
    bad = tx;
    bad.envelope_bytes = 262'145;
    CHECK(blocks.code(bad) == number(LedgerError::too_large));
    bad = tx;
    bad.valid_until = {blocks.time().ms + 86'400'001};
    CHECK(blocks.code(bad) == number(LedgerError::validity_too_far));
    CHECK(blocks.code(Undecodable{tx.id, LedgerError::unknown_field}) ==
          number(LedgerError::unknown_field));
    // None of that used the idempotency key up.
    CHECK(blocks.code(tx) == 0);
}

TEST_CASE("apply: the same body again runs nothing, another one is refused", "[ledger][apply]") {
    Blocks blocks;
    const Transaction tx = blocks.sign(alipay, {open_op('a')});
    CHECK(blocks.code(tx) == 0);
    const BlockResult again = blocks.run({tx, tx});
    CHECK(again.receipts.empty());
    CHECK(again.outcomes[1].kind == TransactionOutcome::Kind::replayed);
    CHECK(again.outcomes[1].first_height == 1);
    Transaction other = tx;
    other.body = "another";
    blocks.finish(other, key_of(alipay, KeyPurpose::operate));
    CHECK(blocks.code(other) == number(LedgerError::id_reused));
}

TEST_CASE("apply: validity ends with block time, and its key is forgotten", "[ledger][apply]") {
    Blocks blocks;
    const Transaction tx = blocks.sign(alipay, {open_op('a')});
    CHECK(blocks.code(tx) == 0);
    REQUIRE(blocks.state().idempotency(alipay, tx.client_key).has_value());
    CHECK(blocks.run({tx}, 600'000).outcomes[0].kind == TransactionOutcome::Kind::replayed);
    CHECK(blocks.code(tx, 1) == number(LedgerError::validity_passed));
    CHECK_FALSE(blocks.state().idempotency(alipay, tx.client_key).has_value());
}

TEST_CASE("apply: the signer needs the role", "[ledger][apply]") {
    Blocks blocks;
    const Transaction tx = blocks.sign(maker, {open_op('a')});
    CHECK(blocks.code(tx) == number(LedgerError::not_permitted));
}

TEST_CASE("apply: EACH keeps what passed, ALL keeps all or nothing", "[ledger][apply]") {
    Blocks blocks;
    open_and_fund(blocks);
    const std::vector<Operation> operations = {fund_op('a', 5, "x1"), fund_op('z', 5, "x2"),
                                               fund_op('a', 7, "x3")};
    Transaction all = blocks.sign(alipay, operations);
    all.mode = Mode::all;
    const BlockResult none = blocks.run({all});
    REQUIRE(none.receipts.size() == 3);
    CHECK(none.receipts[0].code == number(LedgerError::batch_undone));
    CHECK(none.receipts[1].code == number(LedgerError::wrong_account));
    CHECK(none.receipts[2].code == number(LedgerError::batch_undone));
    const AccountId alice = customer_account(alipay, hkd, tag('a'));
    CHECK(blocks.state().balance(alice) == 1'000);

    const BlockResult each = blocks.run({blocks.sign(alipay, operations)});
    CHECK(each.receipts[0].ok());
    CHECK(each.receipts[1].code == number(LedgerError::wrong_account));
    CHECK(each.receipts[2].ok());
    CHECK(blocks.state().balance(alice) == 1'012);

    Transaction good = blocks.sign(alipay, {fund_op('a', 1, "y1"), fund_op('a', 1, "y2")});
    good.mode = Mode::all;
    CHECK(blocks.run({good}).receipts[1].ok());
    CHECK(blocks.state().balance(alice) == 1'014);
}

TEST_CASE("apply: a refused prepare is kept, unless its batch is undone", "[ledger][apply]") {
    Blocks blocks;
    open_and_fund(blocks);
    const BlockTime deadline{blocks.time().ms + 30'000};
    Transaction all = blocks.sign(alipay, {inside_op(1, 1'001, deadline)});
    all.mode = Mode::all;
    CHECK(blocks.code(all) == number(LedgerError::insufficient_funds));
    CHECK_FALSE(blocks.state().remittance(uetr(1)).has_value());
    const BlockResult result = blocks.run({blocks.sign(alipay, {inside_op(2, 1'001, deadline)})});
    CHECK(result.receipts[0].code == number(LedgerError::insufficient_funds));
    CHECK(result.receipts[0].state == RemittanceState::refused);
    CHECK(result.receipts[0].reference == uetr(2).bytes());
    // The first result again, although the amount would pass by now.
    CHECK(blocks.code(blocks.sign(alipay, {fund_op('a', 1, "more")})) == 0);
    CHECK(blocks.code(blocks.sign(alipay, {inside_op(2, 1'001, deadline)})) ==
          number(LedgerError::insufficient_funds));
}

TEST_CASE("apply: what expired is swept before the first operation", "[ledger][apply]") {
    Blocks blocks;
    open_and_fund(blocks);
    const BlockTime deadline{blocks.time().ms + 30'000};
    const BlockResult prepared = blocks.run({blocks.sign(alipay, {inside_op(1, 1'000, deadline)})});
    CHECK(prepared.receipts[0].state == RemittanceState::prepared);
    CHECK(prepared.wake_at == deadline);
    const BlockResult late =
        blocks.run({blocks.sign(alipay, {Accept{uetr(1), {}}}),
                    blocks.sign(alipay, {inside_op(2, 1'000, {deadline.ms + 1})})},
                   30'000);
    REQUIRE(late.events.size() == 1);
    CHECK(late.events[0].kind == LedgerEvent::Kind::expired);
    CHECK(late.receipts[0].code == number(LedgerError::late_accept));
    CHECK(late.receipts[0].state == RemittanceState::expired);
    CHECK(late.receipts[1].ok());
}

TEST_CASE("apply: the window closes before the first operation", "[ledger][apply]") {
    Blocks blocks;
    open_and_fund(blocks);
    const std::int64_t cut_off = blocks.time().ms + 60'000;
    const BlockResult prepared =
        blocks.run({blocks.sign(alipay, {inside_op(1, 10, {cut_off + 10'000})})}, 40'000);
    CHECK(prepared.wake_at == BlockTime{cut_off});
    const BlockResult closing = blocks.run({blocks.sign(alipay, {Accept{uetr(1), {}}})}, 20'000);
    REQUIRE(closing.events.size() == 2);
    CHECK(closing.events[0].kind == LedgerEvent::Kind::window_closed);
    CHECK(closing.events[1].kind == LedgerEvent::Kind::window_settled);
    CHECK(closing.receipts[0].ok());
    CHECK(blocks.state().remittance(uetr(1))->window == WindowId{2});
    CHECK(closing.wake_at == BlockTime{cut_off + 60'000});
}

TEST_CASE("apply: every verb has the purpose and role of its signer", "[ledger][apply]") {
    for (int verb = 1; verb <= static_cast<int>(Verb::set_calendar); ++verb) {
        int purposes = 0;
        for (int purpose = 0; purpose <= static_cast<int>(key_purpose_last); ++purpose) {
            purposes += may_sign(static_cast<KeyPurpose>(purpose), static_cast<Verb>(verb)) ? 1 : 0;
        }
        CAPTURE(verb);
        CHECK(purposes >= 1);
        CHECK(purposes <= 4);
        CHECK_FALSE(may_sign(KeyPurpose::validate, static_cast<Verb>(verb)));
        CHECK_FALSE(may_sign(KeyPurpose::view, static_cast<Verb>(verb)));
    }
    // The one operation of a node by itself.
    CHECK(may_sign(KeyPurpose::validate, Verb::report_evidence));
    CHECK_FALSE(may_sign(KeyPurpose::view, Verb::report_evidence));
    CHECK_FALSE(role_needed(Verb::report_evidence).has_value());
    CHECK_FALSE(may_sign(KeyPurpose::operate, Verb::expire));
    CHECK(role_needed(Verb::bank_mark) == Role::clearing_bank);
    CHECK_FALSE(role_needed(Verb::set_policy).has_value());
}
