#include "test/unit/ledger/invariants/books.h"

#include "ledger/rules/accept.h"
#include "ledger/rules/close_window.h"
#include "ledger/rules/defund_wallet.h"
#include "ledger/rules/prepare.h"
#include "ledger/rules/return_accept.h"
#include "ledger/rules/return_prepare.h"

namespace remit::ledger::payments {

namespace {
ReturnPrepare return_op(const World& world, unsigned number, Minor source, Minor target) {
    return {.return_id = uetr(100 + number),
            .uetr = uetr(number),
            .source = source,
            .target = target,
            .mode = ReturnMode::same_rate,
            .reason = "CUST",
            .operator_bears = false,
            .expires_at = {world.time().ms + 30'000}};
}

MemoryView materialised(const StateView& view) {
    MemoryView out;
    scan(view, ByteView(), [&](ByteView key, ByteView value) {
        out.put(key, Bytes(value));
        return true;
    });
    return out;
}

void close_now(World& world) {
    world.state().put(Calendar{{{BlockTime{world.time().ms + 1}, "2025-01-02"}}});
    world.wait(1);
    std::vector<LedgerEvent> events;
    close_window_if_due(world.context(bank), world.state(), events);
    REQUIRE(events.size() == 1);
}

BlockContext next_block(const StateReader& before) {
    const HeadRecord head = before.head();
    BlockContext out;
    out.height = head.height + 1;
    out.time = {head.time.ms + 1000};
    return out;
}
}  // namespace

MemoryView sound_books() {
    World world;
    REQUIRE(world.run(prepare, world.prepare_op(5, 1'000), alipay));
    world.wait(31'000);
    REQUIRE(world.sweep().size() == 1);
    world.committed(3, 30'000);
    close_now(world);
    world.committed(2, 20'000);
    world.committed(4, 40'000);
    REQUIRE(world.run(return_prepare, return_op(world, 4, 20'000, 149'470), gcash));
    REQUIRE(world.run(return_accept, ReturnAccept{uetr(104)}, alipay));
    REQUIRE(world.run(return_prepare, return_op(world, 3, 30'000, 224'205), gcash));
    REQUIRE(world.run(prepare, world.prepare_op(1, 10'000), alipay));
    DefundWallet lock{.step = DefundStep::lock,
                      .payout_id = uetr(200),
                      .asset = hkd,
                      .tag = tag('a'),
                      .amount = 5'000,
                      .rail_reference = {}};
    REQUIRE(world.run(defund_wallet, lock, alipay));
    lock.payout_id = uetr(201);
    lock.tag.reset();
    lock.amount = 300;
    REQUIRE(world.run(defund_wallet, lock, alipay));
    return materialised(world.delta());
}

std::optional<Breach> breach_in_block(MakeInvariant invariant, const MemoryView& before,
                                      const Spoil& spoil) {
    Delta delta(before);
    LedgerState state(delta);
    const BlockContext block = next_block(state);
    state.put(HeadRecord{.height = block.height, .time = block.time});
    spoil(state);
    const std::array<MakeInvariant, 1> one{invariant};
    return find_breach(before, delta, delta.write_set(), block, one);
}

std::optional<Breach> breach_in_whole(MakeInvariant invariant, const MemoryView& before,
                                      const Spoil& spoil) {
    Delta delta(before);
    LedgerState state(delta);
    spoil(state);
    const std::array<MakeInvariant, 1> one{invariant};
    return find_breach(delta, one);
}

void require_fires(MakeInvariant invariant, std::string_view id, const Spoil& spoil) {
    const MemoryView books = sound_books();
    const auto in_block = breach_in_block(invariant, books, spoil);
    REQUIRE(in_block.has_value());
    REQUIRE(in_block->id == id);
    REQUIRE_FALSE(in_block->text.empty());
    const auto in_whole = breach_in_whole(invariant, books, spoil);
    REQUIRE(in_whole.has_value());
    REQUIRE(in_whole->id == id);
}

}  // namespace remit::ledger::payments
