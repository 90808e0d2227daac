#include "ledger/rules/leadership.h"

#include <catch2/catch.hpp>

#include "ledger/apply.h"
#include "ledger/state/memory_view.h"
#include "test/support/ledger/network.h"

using namespace remit;
using namespace remit::ledger;
using remit::test::genesis_time;
using remit::test::Network;

namespace {

/// The four validators of the test network, and blocks that say who led.
class Leaders {
public:
    Leaders() {
        Delta first(view_);
        write_genesis(network_.genesis(), network_.chain_id(), first);
        view_.apply(first.write_set());
    }
    BlockResult block(std::optional<LeaderTurns> turns,
                      std::optional<EpochRecord> next = std::nullopt) {
        BlockInput input;
        input.height = ++height_;
        input.time = genesis_time;
        input.turns = std::move(turns);
        input.next_epoch = std::move(next);
        auto result = apply_block(view_, input);
        REQUIRE_FALSE(result.breach);
        view_.apply(result.writes);
        return result;
    }
    [[nodiscard]] std::vector<std::uint32_t> debts() const { return state().leader_debts(); }
    [[nodiscard]] StateReader state() const { return StateReader(view_); }
    [[nodiscard]] bool has_record() const {
        return view_.get(keys::meta(keys::MetaItem::leaders)).has_value();
    }

private:
    Network network_;
    MemoryView view_;
    std::uint64_t height_ = 0;
};

LeaderTurns turns(std::uint16_t leader, std::vector<LeaderTurns::Failed> failed = {}) {
    return {.leader = leader, .failed = std::move(failed)};
}

using Debts = std::vector<std::uint32_t>;
using Demoted = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("leadership: a failed view weighs ten that were led well, and no debt is no record") {
    Leaders leaders;
    CHECK(leaders.debts() == Debts{0, 0, 0, 0});
    leaders.block(turns(0));
    CHECK_FALSE(leaders.has_record());
    leaders.block(turns(0, {{.leader = 2, .views = 1}}));
    CHECK(leaders.debts() == Debts{0, 0, 10, 0});
    leaders.block(turns(1, {{.leader = 2, .views = 2}, {.leader = 3, .views = 1}}));
    CHECK(leaders.debts() == Debts{0, 0, 30, 10});
    for (int i = 0; i < 10; ++i) {
        leaders.block(turns(3));
    }
    CHECK(leaders.debts() == Debts{0, 0, 30, 0});
    for (int i = 0; i < 30; ++i) {
        leaders.block(turns(2));
    }
    CHECK(leaders.debts() == Debts{0, 0, 0, 0});
    CHECK_FALSE(leaders.has_record());
}

TEST_CASE("leadership: a leader may fail and succeed in one block; nobody owes beyond the most") {
    Leaders leaders;
    leaders.block(turns(1, {{.leader = 1, .views = 3}}));
    CHECK(leaders.debts() == Debts{0, 29, 0, 0});
    leaders.block(turns(0, {{.leader = 1, .views = UINT64_MAX}}));
    CHECK(leaders.debts() == Debts{0, 400, 0, 0});
    leaders.block(turns(0, {{.leader = 1, .views = 1}}));
    CHECK(leaders.debts() == Debts{0, 400, 0, 0});
    leaders.block(std::nullopt);  // a block that judges nobody
    CHECK(leaders.debts() == Debts{0, 400, 0, 0});
}

TEST_CASE("leadership: indexes that no validator has change nothing") {
    Leaders leaders;
    leaders.block(turns(9, {{.leader = 4, .views = 50}}));
    CHECK(leaders.debts() == Debts{0, 0, 0, 0});
    CHECK_FALSE(leaders.has_record());
}

TEST_CASE("leadership: whoever owes enough does not lead in the next epoch, for at most three") {
    Leaders leaders;
    leaders.block(turns(0, {{.leader = 2, .views = 9}}));
    auto next = leaders.block(turns(0, {{.leader = 2, .views = 31}})).next_epoch;
    REQUIRE(next);
    CHECK(next->demoted == Demoted{2});
    for (const std::uint32_t after : {200U, 100U, 50U}) {
        const auto result = leaders.block(turns(0), next);
        CHECK(leaders.debts() == Debts{0, 0, after, 0});
        CHECK(leaders.state().epoch()->demoted == Demoted{2});
        next = result.next_epoch;
    }
    CHECK(next->demoted.empty());
    leaders.block(turns(0), next);
    CHECK(leaders.state().epoch()->demoted.empty());
    CHECK(leaders.debts() == Debts{0, 0, 25, 0});
}

TEST_CASE("leadership: below the threshold nobody is demoted") {
    Leaders leaders;
    leaders.block(turns(0, {{.leader = 3, .views = 10}}));
    CHECK(leaders.block(turns(3)).next_epoch->demoted.empty());  // 99
    CHECK(leaders.block(turns(0, {{.leader = 3, .views = 1}})).next_epoch->demoted == Demoted{3});
}

TEST_CASE("leadership: at most f are demoted, the deepest in debt, the first of equals") {
    const auto epoch_of = [](std::size_t validators) {
        EpochRecord out;
        out.validators.resize(validators);
        out.epoch_blocks = epoch_blocks_default;
        return out;
    };
    CHECK(demoted_of(epoch_of(4), {100, 300, 300, 400}) == Demoted{3});
    CHECK(demoted_of(epoch_of(4), {100, 300, 300, 99}) == Demoted{1});
    CHECK(demoted_of(epoch_of(7), {100, 300, 300, 99, 0, 0, 400}) == Demoted{1, 6});
    CHECK(demoted_of(epoch_of(3), {400, 400, 400}).empty());
    CHECK(demoted_of(epoch_of(1), {400}).empty());
}

TEST_CASE("leadership: short epochs want fewer failures") {
    CHECK(debt_that_demotes(epoch_blocks_min) == 20);
    CHECK(debt_that_demotes(16) == 32);
    CHECK(debt_that_demotes(50) == 100);
    CHECK(debt_that_demotes(epoch_blocks_max) == 100);
    CHECK(debt_max(16) == 128);
}

TEST_CASE("leadership: debts follow a validator to its new place and key, joiners owe nothing") {
    EpochRecord now;
    now.validators = {{.participant = {1}, .name = "a"},
                      {.participant = {2}, .name = "b"},
                      {.participant = {2}, .name = "c"}};
    EpochRecord next;
    next.validators = {{.participant = {2}, .name = "c"},
                       {.participant = {3}, .name = "a"},
                       {.participant = {1}, .name = "a"}};
    next.validators[2].validate_key.data[0] = 7;
    CHECK(carried_debts(now, next, {11, 22, 33}) == Debts{33, 0, 11});
}
