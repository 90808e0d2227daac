#pragma once

#include <string>

#include "node/snapshot/library.h"

namespace remit::node {

/// Where a node's databases and the files of a join lie.
struct InstallPaths {
    std::string database;           ///< the node's own
    std::string gathered;           ///< folder of SnapshotJoin
    std::string gathered_database;  ///< built beside, becomes the node's own
    std::string replaced_database;  ///< the old one, while it is taken away
    std::string journal;            ///< folder of the vote journal

    static InstallPaths in(const std::string& folder);
};

/// Builds a database beside the node's own from the gathered chunks: every chunk's hash, the root
/// of the state, every invariant of the ledger over the whole, and the manifest made anew from the
/// result must agree with what q executors signed. Nothing of the node changes; a crash at any
/// point leaves it to be done again.
struct Installation {
    Disk& disk;
    Databases& databases;
    SnapshotLibrary& library;
    const Chain& chain;
    const KvReader& own;  ///< the node's database: the ways from epoch to epoch are taken over
    const InstallPaths& paths;
    bool was_new = false;  ///< the node had executed nothing
};
/// Errors: corrupt when something does not agree; the disk's.
Status<IoError> build_install(const Installation& parts);

/// At the start, before the database is opened: puts a database that was built into the place of
/// the node's own, by renames. Goes on where a crash interrupted it. A node that was new loses its
/// vote journal's mark, so that it asks the others before it votes: it may have voted in a life
/// that its folder knows nothing of. True: a snapshot was installed now.
Result<bool, IoError> finish_install(Disk& disk, Databases& databases, const InstallPaths& paths);

}  // namespace remit::node
