#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/state/memory_view.h"
#include "node/replica/verify_database.h"
#include "node/storage/chain.h"

namespace remit::node {

/// One table of the ledger's state in few bytes: equal tables have equal digests on every node.
struct TableDigest {
    std::uint8_t table = 0;  ///< prefix byte
    std::uint64_t records = 0;
    Hash digest;  ///< of every key and value in key order

    friend bool operator==(const TableDigest&, const TableDigest&) = default;
};
/// `account`, ...; the prefix in hexadecimal for one that this release does not know.
std::string table_name(std::uint8_t table);

/// Rising by prefix; tables without records are left out.
std::vector<TableDigest> table_digests(const ledger::MemoryView& state);

/// The state of a database as it is on the disk. Error: a failed read.
Result<ledger::MemoryView, DatabaseFault> stored_state(const KvReader& kv);

struct Replay {
    consensus::Height height = 0;   ///< the last block that is executed
    consensus::Height root_at = 0;  ///< whose root is wanted as well
    std::function<bool()> go_on;    ///< asked before each block; empty: always
};
struct ReplayedState {
    ledger::MemoryView view;
    Hash root_at;
};
/// The state that the database's blocks give when they are executed again from genesis. Errors: a
/// block or batch that is missing, damaged or of another chain; it was told to stop.
Result<ReplayedState, DatabaseFault> replayed_state(const KvReader& kv, const Chain& chain,
                                                    const Replay& replay);

/// Two states of one height, side by side.
struct StateDifference {
    struct Table {
        TableDigest here;
        TableDigest there;
    };
    std::vector<Table> tables;  ///< all that either side has, rising
    /// The first record in key order that is not the same; nothing when there is none.
    struct Record {
        Bytes key;
        std::optional<Bytes> here;
        std::optional<Bytes> there;
    };
    std::optional<Record> first;
    std::uint64_t records = 0;  ///< that differ
};
StateDifference compare_states(const ledger::MemoryView& here, const ledger::MemoryView& there);

/// For people: one line a table, the first differing record behind them. `here` and `there` head
/// the columns.
std::string text_of(const StateDifference& difference, const std::string& here,
                    const std::string& there);

}  // namespace remit::node
