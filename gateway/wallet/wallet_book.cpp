#include "gateway/wallet/wallet_book.h"

#include "ledger/ids.h"

namespace remit::gateway {

namespace {

constexpr char wallet_prefix = 'W';

std::string index_of(const std::string& name, const std::string& currency) {
    return currency + "/" + name;
}

}  // namespace

WalletBook::WalletBook(const Journal& journal, node::Random& random) : random_(random) {
    journal.each<v1::Wallet>(wallet_prefix,
                             [&](ByteView, const v1::Wallet& wallet) { remember(wallet); });
}

std::optional<v1::Wallet> WalletBook::by_tag(ByteView tag) const {
    const std::lock_guard lock(mutex_);
    const auto at = by_tag_.find(Bytes(tag));
    return at == by_tag_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<v1::Wallet> WalletBook::by_name(const std::string& name,
                                              const std::string& currency) const {
    const std::lock_guard lock(mutex_);
    const auto at = tags_.find(index_of(name, currency));
    return at == tags_.end() ? std::nullopt : std::optional(by_tag_.at(at->second));
}

std::vector<v1::Wallet> WalletBook::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<v1::Wallet> wallets;
    for (const auto& [index, tag] : tags_) {
        wallets.push_back(by_tag_.at(tag));
    }
    return wallets;
}

v1::Wallet WalletBook::find_or_draw(const v1::Wallet& wanted, node::KvBatch& batch) {
    if (auto known = by_name(wanted.name(), wanted.currency())) {
        return *known;
    }
    auto wallet = wanted;
    wallet.set_tag(random_.draw<ledger::CustomerTag>().bytes());
    put(batch, wallet);
    return wallet;
}

void WalletBook::remember(const v1::Wallet& wallet) {
    const std::lock_guard lock(mutex_);
    by_tag_[wallet.tag()] = wallet;
    tags_[index_of(wallet.name(), wallet.currency())] = wallet.tag();
}

void WalletBook::put(node::KvBatch& batch, const v1::Wallet& wallet) {
    Journal::put(batch, wallet_prefix, wallet.tag(), wallet);
}

}  // namespace remit::gateway
