#include "node/verify_store.h"

#include "node/data_folder.h"
#include "node/kv/rocks_kv.h"
#include "node/replica/verify_database.h"
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
    auto kv = RocksKv::open({.path = folder.database(),
                             .schema_name = "remit-node",
                             .schema_version = 1,
                             .read_only = true});
    if (!kv) {
        return bad(kv.error().text());
    }
    if (auto done = (*kv)->verify_checksums(); !done) {
        return bad(done.error().text());
    }
    const auto found = verify_database(**kv, genesis_file);
    if (!found) {
        return bad(found.error().record + ": " + found.error().text);
    }
    StoreReport report;
    report.height = found->height;
    report.state_root = found->state_root.hex();
    report.records = found->state_records;
    report.blocks = found->height;
    report.receipts = found->receipts;
    return report;
}

}  // namespace remit::node
