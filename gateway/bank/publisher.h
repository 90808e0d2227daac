#pragma once

#include <mutex>

#include "gateway/bank/rates.h"
#include "gateway/connectors/rail.h"
#include "gateway/engine.h"
#include "gateway/mark_book.h"
#include "gateway/registry.h"
#include "node/seams/random.h"

namespace remit::gateway {

struct PublisherOptions {
    std::uint32_t participant = 0;
    std::int64_t mark_life_ms = 3'600'000;  // block time
    std::int32_t mark_spread_bps = 0;       // bid and ask lie this far off the reference rate
    std::int64_t attest_every_ms = 3'600'000;
};

/// What the bank says by itself and again and again: marks of every pair it has rates for, and
/// attestations of the cash that its rail holds. Thread-safe.
class Publisher {
public:
    Publisher(Engine& engine, Ledger& ledger, Rail& rail, const Registry& registry,
              const ReferenceRates& rates, MarkBook& marks, node::Random& random,
              const PublisherOptions& options)
        : engine_(engine),
          ledger_(ledger),
          rail_(rail),
          registry_(registry),
          rates_(rates),
          marks_(marks),
          random_(random),
          options_(options) {}

    /// Starts what is due, or everything when `forced`; number of operations started.
    std::uint32_t poll(std::int64_t now_ms, bool forced = false);

private:
    void add_marks(std::int64_t now_ms, bool forced, std::vector<Saga>& sagas);
    bool add_attestations(std::vector<Saga>& sagas);
    Saga attestation(const v1::RailBalance& balance, bool cover, std::uint64_t height);

    Engine& engine_;
    Ledger& ledger_;
    Rail& rail_;
    const Registry& registry_;
    const ReferenceRates& rates_;
    MarkBook& marks_;
    node::Random& random_;
    PublisherOptions options_;
    std::int64_t attested_at_ms_ = 0;  // 0: not in this life
    std::mutex mutex_;
};

}  // namespace remit::gateway
