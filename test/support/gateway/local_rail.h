#pragma once

#include <functional>
#include <memory>

#include "gateway/connectors/rail.h"
#include "gateway/connectors/rail_book.h"
#include "test/support/gateway/crash.h"
#include "test/support/node/memory_kv.h"

namespace remit::test {

/// A rail's book called without a wire. Its process dies and comes back by itself at the book's own
/// crash points; the caller then sees silence.
class LocalRail final : public gateway::Rail {
public:
    explicit LocalRail(const node::Clock& clock) : clock_(clock) { revive(); }

    [[nodiscard]] gateway::RailBook& book() { return *book_; }
    /// Sees each transfer that reaches the rail, before it is booked.
    std::function<void(const gateway::v1::Transfer&)> on_transfer;

    Result<std::vector<gateway::v1::TransferResult>, gateway::RailSilent> submit(
        const std::vector<gateway::v1::Transfer>& transfers) override {
        if (book_->take_fault(gateway::RailFault::unknown_before, transfers)) {
            return fail(gateway::RailSilent{"fault before booking"});
        }
        for (const auto& transfer : transfers) {
            if (on_transfer) {
                on_transfer(transfer);
            }
        }
        try {
            auto results = book_->submit(transfers);
            if (book_->take_fault(gateway::RailFault::unknown_after, transfers)) {
                return fail(gateway::RailSilent{"fault after booking"});
            }
            return results;
        } catch (const Crash&) {
            revive();
            return fail(gateway::RailSilent{"the rail died"});
        }
    }
    Result<gateway::v1::QueryTransferResponse, gateway::RailSilent> query(
        const std::string& transfer_id) override {
        return book_->query(transfer_id);
    }
    Result<std::vector<std::string>, gateway::RailSilent> open(
        const std::vector<gateway::v1::RailAccount>& accounts) override {
        try {
            return book_->open(accounts);
        } catch (const Crash&) {
            revive();
            return fail(gateway::RailSilent{"the rail died"});
        }
    }
    Result<gateway::v1::ListEntriesResponse, gateway::RailSilent> entries(
        const gateway::v1::ListEntriesRequest& request) override {
        return book_->entries(request);
    }
    Result<gateway::v1::ListBalancesResponse, gateway::RailSilent> balances(
        const std::string& account_prefix) override {
        return book_->balances(account_prefix);
    }
    Result<std::vector<gateway::v1::Paid>, gateway::RailSilent> paid(
        const std::vector<std::string>& uetrs) override {
        return book_->paid(uetrs);
    }

    [[nodiscard]] std::int64_t balance(const std::string& account) const {
        const auto answer = book_->balances(account);
        for (const auto& balance : answer.balances()) {
            if (balance.account() == account) {
                return balance.balance_minor();
            }
        }
        return 0;
    }
    void open(const std::string& account, const std::string& currency, std::int64_t minor) {
        gateway::v1::RailAccount wanted;
        wanted.set_account(account);
        wanted.set_currency(currency);
        wanted.set_opening_minor(minor);
        while (!open({wanted})) {
        }
    }

private:
    void revive() {
        const auto faults = book_ ? book_->faults() : gateway::v1::Faults();
        book_ = std::make_unique<gateway::RailBook>(kv_, clock_);
        book_->set_faults(faults);
    }

    MemoryKv kv_;
    const node::Clock& clock_;
    std::unique_ptr<gateway::RailBook> book_;
};

}  // namespace remit::test
