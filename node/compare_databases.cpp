#include "node/compare_databases.h"

#include "node/data_folder.h"
#include "node/kv/rocks_kv.h"
#include "node/replica/compare_state.h"
#include "node/storage/block_store.h"

namespace remit::node {

namespace {

tl::unexpected<Failure> bad(const std::string& what) {
    return fail_with(ExitCode::bad_configuration, "db: " + what,
                     "run remit-node db verify; keep the folder for inspection");
}

Result<Chain, Failure> chain_from(const std::string& genesis) {
    TRY_ASSIGN(const auto file, read_genesis_file(genesis));
    auto chain = chain_of(file);
    if (!chain) {
        return fail_with(ExitCode::bad_configuration, "genesis file: " + chain.error());
    }
    return std::move(*chain);
}

/// A stopped node's database, locked and read only.
struct OpenDatabase {
    DataFolder folder;
    std::unique_ptr<RocksKv> kv;
    consensus::Height height = 0;

    static Result<OpenDatabase, Failure> open(const std::string& data, const Chain& chain) {
        TRY_ASSIGN(auto folder, DataFolder::open(data, chain.id));
        auto kv = RocksKv::open({.path = folder.database(),
                                 .schema_name = database_schema,
                                 .schema_version = database_schema_version,
                                 .read_only = true});
        if (!kv) {
            return bad(kv.error().text());
        }
        const auto height = BlockStore(**kv).executed_height();
        if (!height || !*height) {
            return bad(height ? data + " holds no blocks" : height.error().text());
        }
        return OpenDatabase{std::move(folder), std::move(*kv), **height};
    }
    [[nodiscard]] Result<ledger::MemoryView, Failure> stored() const {
        auto state = stored_state(*kv);
        if (!state) {
            return bad(state.error().record + ": " + state.error().text);
        }
        return std::move(*state);
    }
    [[nodiscard]] Result<ledger::MemoryView, Failure> replayed(const Chain& chain,
                                                               consensus::Height to) const {
        auto state = replayed_state(*kv, chain, {.height = to, .root_at = to, .go_on = {}});
        if (!state) {
            return bad(state.error().record + ": " + state.error().text);
        }
        return std::move(state->view);
    }
};

std::string at(consensus::Height height) {
    return "height " + std::to_string(height);
}

}  // namespace

Result<std::string, Failure> digest_database(const std::string& data, const std::string& genesis,
                                             std::optional<std::uint64_t> height) {
    TRY_ASSIGN(const auto chain, chain_from(genesis));
    TRY_ASSIGN(const auto database, OpenDatabase::open(data, chain));
    if (height && *height > database.height) {
        return bad("it ends at " + at(database.height));
    }
    const auto to = height.value_or(database.height);
    TRY_ASSIGN(const auto state, height ? database.replayed(chain, to) : database.stored());
    std::string out = at(to) + (height ? ", by its blocks\n" : ", as stored\n");
    for (const auto& table : table_digests(state)) {
        out += table.digest.hex() + "  " + table_name(table.table) + "  " +
               std::to_string(table.records) + "\n";
    }
    return out;
}

Result<Comparison, Failure> compare_databases(const std::string& data,
                                              const std::optional<std::string>& against,
                                              const std::string& genesis) {
    TRY_ASSIGN(const auto chain, chain_from(genesis));
    TRY_ASSIGN(const auto database, OpenDatabase::open(data, chain));
    TRY_ASSIGN(const auto here, database.stored());
    std::string other = "by its own blocks";
    std::optional<ledger::MemoryView> there;
    if (against) {
        TRY_ASSIGN(const auto sound, OpenDatabase::open(*against, chain));
        if (sound.height < database.height) {
            return bad(*against + " ends at " + at(sound.height) + ", " + data + " at " +
                       at(database.height) + ": let the other node catch up first");
        }
        const bool stored = sound.height == database.height;
        other = stored ? "other database" : "by the other's blocks";
        TRY_ASSIGN(there, stored ? sound.stored() : sound.replayed(chain, database.height));
    } else {
        TRY_ASSIGN(there, database.replayed(chain, database.height));
    }
    const auto difference = compare_states(here, *there);
    return Comparison{.text = at(database.height) + "\n" + text_of(difference, "stored", other),
                      .same = !difference.first};
}

}  // namespace remit::node
