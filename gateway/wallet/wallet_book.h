#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/journal.h"
#include "node/seams/random.h"
#include "remit/gateway/v1/wallet.pb.h"

namespace remit::gateway {

/// The customers' wallets of this gateway: which name has which tag, where its fiat lies, and the
/// switches of each. Kept in memory, written through. Thread-safe.
class WalletBook {
public:
    WalletBook(const Journal& journal, node::Random& random);

    [[nodiscard]] std::optional<v1::Wallet> by_tag(ByteView tag) const;
    [[nodiscard]] std::optional<v1::Wallet> by_name(const std::string& name,
                                                    const std::string& currency) const;
    [[nodiscard]] std::vector<v1::Wallet> all() const;

    /// The wallet of that name, drawn anew with a tag of its own when there is none: then `batch`
    /// holds its record, to be written with the saga that opens it.
    v1::Wallet find_or_draw(const v1::Wallet& wanted, node::KvBatch& batch);
    /// Takes over what is in `batch` of `put`; call when it is durable.
    void remember(const v1::Wallet& wallet);
    static void put(node::KvBatch& batch, const v1::Wallet& wallet);

private:
    mutable std::mutex mutex_;
    node::Random& random_;
    std::map<Bytes, v1::Wallet> by_tag_;
    std::map<std::string, Bytes> tags_;  // by currency/name
};

}  // namespace remit::gateway
