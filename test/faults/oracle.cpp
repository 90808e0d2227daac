#include "test/faults/oracle.h"

#include <algorithm>

namespace remit::test {

namespace {

using v1::LedgerService;

std::string at_height(std::uint64_t height) {
    return " at height " + std::to_string(height);
}

/// Answers that judge a network are waited for: a busy machine is no fault.
MemberClient patient_client(const Cluster& cluster, std::size_t node) {
    auto out = cluster.client(node);
    out.wait_at_most(std::chrono::seconds(60));
    return out;
}

}  // namespace

std::vector<std::string> Oracle::check_blocks() {
    std::vector<std::string> found;
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        if (const auto last = cluster_.height(node)) {
            check_blocks_of(node, seen_[node] + 1, *last, found);
        }
    }
    return found;
}

void Oracle::check_blocks_of(std::size_t node, std::uint64_t from, std::uint64_t last,
                             std::vector<std::string>& found) {
    const auto client = patient_client(cluster_, node);
    for (auto height = from; height <= last; ++height) {
        v1::GetBlockRequest request;
        request.set_height(height);
        v1::GetBlockResponse answer;
        if (!client.call(&LedgerService::Stub::GetBlock, request, answer).ok()) {
            return;
        }
        const Block block{answer.digest(), answer.state_root(), answer.receipts_root()};
        const auto [first, fresh] = blocks_.emplace(height, block);
        const auto& name = cluster_.devnet().name(node);
        if (answer.height() != height) {
            found.push_back(name + " gives another block" + at_height(height));
        } else if (first->second.digest != block.digest) {
            found.push_back("FORK: " + name + " has another block" + at_height(height));
        } else if (first->second != block) {
            found.push_back("DIVERGENCE: " + name + " has other roots" + at_height(height));
        }
        seen_[node] = std::max(seen_[node], height);
    }
}

std::vector<std::string> Oracle::check_all(const std::vector<Payment>& acknowledged) {
    std::vector<std::string> found;
    // The same on all nodes twice, a moment apart: the chain is idle.
    std::uint64_t last = 0;
    const auto heights_agree = [&] {
        const auto before = last;
        last = cluster_.height(0).value_or(0);
        for (std::size_t node = 1; node < cluster_.size(); ++node) {
            if (cluster_.height(node) != last) {
                return false;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        return last > 0 && last == before;
    };
    if (!eventually(heights_agree, std::chrono::seconds(120))) {
        found.emplace_back("nodes stay at different heights without load");
        return found;
    }
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        seen_[node] = 0;
        check_blocks_of(node, 1, last, found);
        if (seen_[node] < last) {
            found.push_back(cluster_.devnet().name(node) + " does not give block " +
                            std::to_string(seen_[node] + 1));
        }
        check_receipts_of(node, acknowledged, found);
        check_balances_of(node, acknowledged, found);
        check_totals_of(node, acknowledged, found);
    }
    return found;
}

void Oracle::check_receipts_of(std::size_t node, const std::vector<Payment>& acknowledged,
                               std::vector<std::string>& found) const {
    std::uint64_t last = 0;
    for (const auto& payment : acknowledged) {
        last = std::max(last, payment.height);
    }
    auto client = patient_client(cluster_, node);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    v1::WatchEventsRequest request;
    request.set_from_height(1);
    const auto reader = client.stub().WatchEvents(&context, request);
    // How often each operation of each transaction ran, and at which height.
    std::map<std::string, std::map<std::uint32_t, int>> ran;
    std::map<std::string, std::uint64_t> height_of;
    v1::WatchEventsResponse block;
    std::uint64_t reached = 0;
    while (reached < last && reader->Read(&block)) {
        reached = block.height();
        for (const auto& receipt : block.receipts()) {
            ran[receipt.transaction_id()][receipt.operation_index()] += 1;
            height_of[receipt.transaction_id()] = receipt.height();
        }
    }
    context.TryCancel();
    (void)reader->Finish();
    const auto& name = cluster_.devnet().name(node);
    if (reached < last) {
        found.push_back(name + " streams blocks up to " + std::to_string(reached) + " of " +
                        std::to_string(last));
    }
    for (const auto& payment : acknowledged) {
        const auto& operations = ran[payment.transaction_id];
        constexpr std::size_t expected = 6;
        if (operations.size() != expected) {
            found.push_back("LOST: " + name + " has no whole receipt of wallet " +
                            payment.payer.hex() + at_height(payment.height));
        } else if (height_of[payment.transaction_id] != payment.height) {
            found.push_back(name + " has the receipt of wallet " + payment.payer.hex() +
                            at_height(height_of[payment.transaction_id]) +
                            ", its client was told " + std::to_string(payment.height));
        }
    }
    for (const auto& [transaction, operations] : ran) {
        for (const auto& [index, times] : operations) {
            if (times > 1) {
                found.push_back("TWICE: " + name + " ran operation " + std::to_string(index) +
                                " of a transaction " + std::to_string(times) + " times");
            }
        }
    }
    if (ran.size() != acknowledged.size()) {
        found.push_back(name + " has receipts of " + std::to_string(ran.size()) +
                        " transactions, clients of " + std::to_string(acknowledged.size()));
    }
}

void Oracle::check_balances_of(std::size_t node, const std::vector<Payment>& acknowledged,
                               std::vector<std::string>& found) const {
    const auto client = patient_client(cluster_, node);
    std::map<std::string, std::int64_t> balances;
    v1::ListAccountsRequest request;
    request.set_participant_id(1);
    request.set_page_size(500);
    const auto& name = cluster_.devnet().name(node);
    do {
        v1::ListAccountsResponse page;
        const auto status = client.call(&LedgerService::Stub::ListAccounts, request, page);
        if (!status.ok()) {
            found.push_back(name + " does not list its accounts: " + status.error_message());
            return;
        }
        for (const auto& account : page.accounts()) {
            if (account.id().kind() == "CUSTOMER") {
                balances[account.id().tag()] = account.balance_minor();
            }
        }
        request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    const auto check = [&](const ledger::CustomerTag& tag, std::int64_t expected) {
        const auto account = balances.find(std::string(tag.view()));
        if (account == balances.end()) {
            found.push_back("LOST: " + name + " has no wallet " + tag.hex());
        } else if (account->second != expected) {
            found.push_back("MONEY: " + name + " has " + std::to_string(account->second) +
                            " in wallet " + tag.hex() + ", not " + std::to_string(expected));
        }
    };
    for (const auto& payment : acknowledged) {
        check(payment.payer, payment.funded - payment.paid);
        check(payment.payee, payment.paid);
    }
    if (balances.size() != 2 * acknowledged.size()) {
        found.push_back(name + " has " + std::to_string(balances.size()) +
                        " wallets, clients know " + std::to_string(2 * acknowledged.size()));
    }
}

void Oracle::check_totals_of(std::size_t node, const std::vector<Payment>& acknowledged,
                             std::vector<std::string>& found) const {
    std::int64_t supply = 0;
    for (const auto& payment : acknowledged) {
        supply += payment.funded;
    }
    v1::GetTotalsResponse totals;
    const auto status = patient_client(cluster_, node)
                            .call(&LedgerService::Stub::GetTotals, v1::GetTotalsRequest{}, totals);
    const auto& name = cluster_.devnet().name(node);
    if (!status.ok() || totals.totals_size() == 0) {
        found.push_back(name + " gives no totals: " + status.error_message());
        return;
    }
    for (const auto& asset : totals.totals()) {
        const auto expected = asset.asset_id() == 1 ? supply : 0;
        if (asset.sum_minor() != 0) {
            found.push_back("MONEY: " + name + ": all accounts of " + asset.currency() +
                            " sum to " + std::to_string(asset.sum_minor()));
        }
        if (asset.supply_minor() != expected) {
            found.push_back("MONEY: " + name + ": supply of " + asset.currency() + " is " +
                            std::to_string(asset.supply_minor()) + ", clients brought in " +
                            std::to_string(expected));
        }
    }
}

}  // namespace remit::test
