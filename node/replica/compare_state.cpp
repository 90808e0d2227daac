#include "node/replica/compare_state.h"

#include <algorithm>
#include <map>

#include "ledger/apply.h"
#include "ledger/state/keys.h"
#include "ledger/state/merkle_tree.h"
#include "node/replica/item_checker.h"
#include "node/storage/block_store.h"
#include "node/storage/epochs.h"
#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

constexpr Domain table_domain{"remit.table"};
constexpr std::size_t shown_bytes = 160;  // of a value, in a report

std::string at(consensus::Height height) {
    return "height " + std::to_string(height);
}

std::string shown(const std::optional<Bytes>& value) {
    if (!value) {
        return "no record";
    }
    const auto hex = to_hex(ByteView(*value).substr(0, shown_bytes));
    return value->size() > shown_bytes ? hex + "... (" + std::to_string(value->size()) + " bytes)"
                                       : hex;
}

std::string column(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text + "  ";
}

std::string line_of(const TableDigest& digest) {
    constexpr std::size_t digits = 16;
    return column(std::to_string(digest.records), 9) +
           column(digest.records == 0 ? "-" : digest.digest.hex().substr(0, digits), digits);
}

}  // namespace

std::string table_name(std::uint8_t table) {
    using ledger::keys::Table;
    static const std::map<Table, std::string> names{
        {Table::meta, "meta"},
        {Table::policy, "policy"},
        {Table::calendar, "calendar"},
        {Table::asset, "asset"},
        {Table::participant, "participant"},
        {Table::key, "key"},
        {Table::mark, "mark"},
        {Table::mark_by_id, "mark_by_id"},
        {Table::epoch, "epoch"},
        {Table::ready, "ready"},
        {Table::account, "account"},
        {Table::position, "position"},
        {Table::movement, "movement"},
        {Table::remittance, "remittance"},
        {Table::expiry, "expiry"},
        {Table::return_movement, "return_movement"},
        {Table::return_of, "return_of"},
        {Table::redemption, "redemption"},
        {Table::window, "window"},
        {Table::leg, "leg"},
        {Table::claim, "claim"},
        {Table::bank_line, "bank_line"},
        {Table::bilateral, "bilateral"},
        {Table::reference, "reference"},
        {Table::idempotency, "idempotency"},
        {Table::idempotency_expiry, "idempotency_expiry"},
        {Table::quote_nonce, "quote_nonce"},
        {Table::govern_nonce, "govern_nonce"},
        {Table::govern_change, "govern_change"},
        {Table::evidence, "evidence"}};
    const auto found = names.find(static_cast<Table>(table));
    const char byte = static_cast<char>(table);
    return found == names.end() ? "0x" + to_hex(ByteView(&byte, 1)) : found->second;
}

std::vector<TableDigest> table_digests(const ledger::MemoryView& state) {
    std::vector<TableDigest> out;
    for (const auto& [key, value] : state.records()) {
        const auto table = static_cast<std::uint8_t>(key.at(0));
        if (out.empty() || out.back().table != table) {
            out.push_back({.table = table, .records = 0, .digest = {}});
        }
        // A chain of hashes: nothing of a big table is held twice.
        Writer writer;
        writer.fixed(out.back().digest).bytes(key).bytes(value);
        out.back().digest = hash(table_domain, writer.view());
        ++out.back().records;
    }
    return out;
}

Result<ledger::MemoryView, DatabaseFault> stored_state(const KvReader& kv) {
    ledger::MemoryView out;
    const auto scanned = kv.scan("", keys::end_of_state(), [&out](ByteView key, ByteView value) {
        out.put(Bytes(key), Bytes(value));
        return true;
    });
    if (!scanned) {
        return fail(DatabaseFault{"state", scanned.error().text()});
    }
    return out;
}

Result<ReplayedState, DatabaseFault> replayed_state(const KvReader& kv, const Chain& chain,
                                                    const Replay& replay) {
    const BlockStore store(kv);
    ItemChecker checker(chain.id);
    ReplayedState out;
    ledger::MerkleTree tree;
    for (const auto& [key, value] : chain.state) {
        out.view.put(key, *value);
    }
    tree = tree.updated(chain.state);
    auto parent = chain.header.digest();
    std::map<Hash, ledger::EpochRecord> yielded;  // by the hash of the description
    if (const auto first = record_of(chain.next_epoch)) {
        yielded.emplace(chain.next_epoch.hash(), *first);
    }
    for (consensus::Height each = 1; each <= replay.height; ++each) {
        if (replay.go_on && !replay.go_on()) {
            return fail(DatabaseFault{at(each), "stopped before the end"});
        }
        const auto block = store.block(each, 1);
        if (!block || !*block) {
            return fail(DatabaseFault{at(each) + ", block",
                                      block ? "it is missing" : block.error().text()});
        }
        const auto& header = (**block).header;
        if (header.height != each || header.parent_digest != parent) {
            return fail(DatabaseFault{at(each) + ", block", "it does not follow the one below"});
        }
        parent = header.digest();
        auto input = input_of(header, ledger::StateReader(out.view));
        for (const auto& entry : header.batches) {
            const auto batch = store.batch(entry.digest);
            if (!batch || !*batch || (**batch).entry() != entry ||
                consensus::items_root_of((**batch).items) != (**batch).items_root) {
                return fail(DatabaseFault{"batch " + entry.digest.hex(),
                                          "it is missing or not what the header names"});
            }
            for (const auto& item : (**batch).items) {
                input.items.push_back(checker.take(item).content);
            }
        }
        if (header.is_epoch_last()) {
            const auto next = yielded.find(header.exec.next_epoch_hash);
            if (next == yielded.end()) {
                return fail(DatabaseFault{at(each), "it names an epoch that no block yielded"});
            }
            input.next_epoch = next->second;
        }
        const auto result = ledger::apply_block(out.view, input);
        if (result.breach) {
            return fail(DatabaseFault{at(each), "invariant broken: " + *result.breach});
        }
        if (result.next_epoch) {
            yielded.insert_or_assign(description_of(*result.next_epoch).hash(), *result.next_epoch);
        }
        out.view.apply(result.writes);
        tree = tree.updated(result.writes);
        if (each == replay.root_at) {
            out.root_at = tree.root();
        }
    }
    return out;
}

StateDifference compare_states(const ledger::MemoryView& here, const ledger::MemoryView& there) {
    StateDifference out;
    std::map<std::uint8_t, StateDifference::Table> tables;
    for (const auto& digest : table_digests(here)) {
        tables[digest.table].here = digest;
    }
    for (const auto& digest : table_digests(there)) {
        tables[digest.table].there = digest;
    }
    for (auto& [number, table] : tables) {
        table.here.table = table.there.table = number;
        out.tables.push_back(table);
    }
    auto left = here.records().begin();
    auto right = there.records().begin();
    const auto left_end = here.records().end();
    const auto right_end = there.records().end();
    while (left != left_end || right != right_end) {
        const bool only_here =
            right == right_end || (left != left_end && left->first < right->first);
        const bool only_there =
            left == left_end || (right != right_end && right->first < left->first);
        if (only_here || only_there || left->second != right->second) {
            ++out.records;
            if (!out.first) {
                out.first = {
                    .key = only_there ? right->first : left->first, .here = {}, .there = {}};
                if (!only_there) {
                    out.first->here = left->second;
                }
                if (!only_here) {
                    out.first->there = right->second;
                }
            }
        }
        left = only_there ? left : std::next(left);
        right = only_here ? right : std::next(right);
    }
    return out;
}

std::string text_of(const StateDifference& difference, const std::string& here,
                    const std::string& there) {
    constexpr std::size_t side = 27;
    std::string out = column("table", 20) + column(here, side) + there + "\n";
    for (const auto& table : difference.tables) {
        out += column(table_name(table.here.table), 20) + line_of(table.here) +
               line_of(table.there) + (table.here == table.there ? "same" : "DIFFERENT") + "\n";
    }
    if (!difference.first) {
        return out + "no record differs\n";
    }
    const auto& first = *difference.first;
    const auto table = static_cast<std::uint8_t>(first.key.at(0));
    return out + std::to_string(difference.records) + " records differ, the first one in " +
           table_name(table) + "\n  key    " + to_hex(first.key) + "\n  " + column(here, 5) +
           shown(first.here) + "\n  " + column(there, 5) + shown(first.there) + "\n";
}

}  // namespace remit::node
