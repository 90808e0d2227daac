#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "gateway/journal.h"
#include "gateway/mark_book.h"
#include "gateway/registry.h"
#include "ledger/base/keys.h"
#include "ledger/fx.h"
#include "node/seams/clock.h"
#include "node/seams/random.h"
#include "remit/gateway/v1/bank.pb.h"

namespace remit::gateway {

struct MakerOptions {
    std::uint32_t participant = 0;
    Hash chain_id;
    std::uint32_t spread_bps = 20;  // off the mark; the ledger's band bounds it
    std::int64_t quote_life_ms = 60'000;
    std::size_t open_quotes_max = 100'000;  // per requester: reserving and dropping is an attack
    std::uint32_t return_days = 5;          // SAME_RATE is restored this long
};

/// A market maker's desk: firm quotes on the bank's mark, each signed once under a nonce that no
/// crash can draw again. Thread-safe.
class QuoteDesk {
public:
    QuoteDesk(const Journal& journal, const MarkBook& marks, const Registry& registry,
              const SecretKey& key, const node::Clock& clock, node::Random& random,
              const MakerOptions& options);

    /// A quote or a refusal: CURRENCY_NOT_OPEN, MARK_EXPIRED, RATE_NOT_MARKED, those of amounts,
    /// OPEN_QUOTES, OTHER_MAKER.
    v1::QuoteAnswer quote(const v1::QuoteRequest& request);

private:
    Result<ledger::Quote, ledger::LedgerError> terms_of(const v1::QuoteRequest& request) const;
    bool has_room(std::uint32_t requester, std::int64_t now_ms);
    std::uint64_t next_nonce();

    const Journal& journal_;
    const MarkBook& marks_;
    const Registry& registry_;
    const SecretKey& key_;
    const node::Clock& clock_;
    node::Random& random_;
    MakerOptions options_;
    std::mutex mutex_;
    std::map<std::uint32_t, std::deque<std::int64_t>> open_;  // expiries by requester
    std::uint64_t nonce_ = 0;                                 // last given
    std::uint64_t nonces_written_ = 0;  // everything up to here may have been given
};

}  // namespace remit::gateway
