#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "node/kv/rocks_databases.h"
#include "node/kv/rocks_kv.h"
#include "node/seams/posix_disk.h"
#include "node/snapshot/library.h"

namespace remit::large_state {

/// One network's state in a folder: made, copied, served, joined. Each phase stands alone on what
/// the one before left on disk, so that it can run in a process of its own and its memory be told.
/// Failures throw std::runtime_error.
class Phases {
public:
    Phases(std::string folder, std::uint64_t accounts);

    /// Customer accounts behind a genesis of one validator, written by the ledger's own code, and
    /// the record of one block above it.
    void make();
    /// The root of the state, as every start of a node computes it; the state is opened with it.
    void open();
    /// A copy of the database and its manifest.
    void take();
    /// Every chunk out of the copy, as a peer would be answered, into the folder of a joiner.
    void serve();
    /// From the gathered chunks to a database that was checked as a joiner checks it.
    void join();
    /// What the phase was about, for its line: "412 chunks, 103 MiB". Empty: nothing to say.
    [[nodiscard]] const std::string& said() const { return said_; }

private:
    [[nodiscard]] std::unique_ptr<node::RocksKv> open_database() const;
    [[nodiscard]] std::unique_ptr<node::SnapshotLibrary> open_library(const std::string& name);
    void fill(node::Kv& kv) const;

    std::string folder_;
    std::uint64_t accounts_;
    Bytes genesis_file_;
    node::Chain chain_;
    node::PosixDisk disk_;
    node::RocksDatabases databases_;
    std::string said_;
};

}  // namespace remit::large_state
