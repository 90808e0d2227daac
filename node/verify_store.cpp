#include "node/verify_store.h"

#include "node/data_folder.h"
#include "node/kv/rocks_kv.h"
#include "node/replica/verify_database.h"
#include "node/seams/posix_disk.h"
#include "node/snapshot/library.h"
#include "node/storage/block_store.h"
#include "node/storage/chain.h"

namespace remit::node {

namespace {

tl::unexpected<Failure> bad(const std::string& what) {
    return fail_with(ExitCode::bad_configuration, "db verify: " + what,
                     "restore this node from its peers; keep the folder for inspection");
}

}  // namespace

Result<StoreReport, Failure> verify_store(const std::string& data, const std::string& genesis) {
    TRY_ASSIGN(const auto genesis_file, read_genesis_file(genesis));
    auto chain = chain_of(genesis_file);
    if (!chain) {
        return fail_with(ExitCode::bad_configuration, "genesis file: " + chain.error());
    }
    TRY_ASSIGN(const auto folder, DataFolder::open(data, chain->id));
    RocksOptions options{.path = folder.database(),
                         .schema_name = database_schema,
                         .schema_version = database_schema_version,
                         .read_only = true};
    auto kv = RocksKv::open(options);
    if (!kv) {
        return bad(kv.error().text());
    }
    if (auto done = (*kv)->verify_checksums(); !done) {
        return bad(done.error().text());
    }
    const auto base = BlockStore(**kv).base();
    if (!base) {
        return bad(base.error().text());
    }
    std::unique_ptr<RocksKv> copy;
    PosixDisk disk;
    const auto found_copy =
        *base ? SnapshotLibrary::oldest_copy(disk, folder.snapshots(), (**base).height)
              : std::optional<std::string>();
    if (found_copy) {
        options.path = *found_copy;
        auto opened = RocksKv::open(options);
        if (!opened) {
            return bad(opened.error().text());
        }
        copy = std::move(*opened);
    }
    const auto found = verify_database(**kv, genesis_file, copy.get());
    if (!found) {
        return bad(found.error().record + ": " + found.error().text);
    }
    StoreReport report;
    report.height = found->height;
    report.state_root = found->state_root.hex();
    report.records = found->state_records;
    report.blocks = found->height - found->base;
    report.receipts = found->receipts;
    return report;
}

}  // namespace remit::node
