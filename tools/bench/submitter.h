#pragma once

#include <atomic>
#include <mutex>

#include "ledger/operation.h"
#include "tools/bench/load.h"
#include "tools/cli/connection.h"

namespace remit::bench {

/// Signs operations and hands them to the nodes in turn until they are final. Thread-safe.
class Submitter {
public:
    static Result<std::unique_ptr<Submitter>, cli::Failure> open(const devnet::Network& network);

    /// Receipts in the order of the operations. A lost answer is asked for again at the next node
    /// with the same bytes. Errors: exit 5 when no node tells the outcome within a minute.
    Result<std::vector<v1::Receipt>, cli::Failure> submit(
        const ledger::ParticipantId& signer, const SecretKey& key,
        std::vector<ledger::Operation> operations);

    [[nodiscard]] std::map<std::string, std::size_t> envelopes() const;
    [[nodiscard]] std::size_t retries() const { return retries_; }

private:
    struct Node {
        std::string name;
        std::unique_ptr<v1::LedgerService::Stub> stub;
        std::atomic<std::size_t> envelopes{0};
    };
    Submitter(const Hash& chain_id, std::vector<std::unique_ptr<Node>> nodes)
        : chain_id_(chain_id), nodes_(std::move(nodes)) {}

    Hash chain_id_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> retries_{0};
};

}  // namespace remit::bench
