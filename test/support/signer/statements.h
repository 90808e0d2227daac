#pragma once

#include "consensus/messages.h"
#include "node/signer/vote_keeper.h"
#include "test/support/consensus/network.h"
#include "test/support/node/memory_disk.h"

namespace remit::test {

/// What validator 0 of a small chain signs.
struct Statements {
    Chain chain{4};
    [[nodiscard]] const SeedSigner& key() const { return *chain.signers[0]; }

    [[nodiscard]] Bytes vote(consensus::VoteKind kind, consensus::View view, char block) const {
        const auto digest = kind == consensus::VoteKind::nullify
                                ? Hash{}
                                : remit::hash(domain::header, Bytes(1, block));
        return consensus::vote_bytes(chain.chain_id, chain.set, kind, view, digest);
    }
    [[nodiscard]] Bytes notarize(consensus::View view, char block = 'a') const {
        return vote(consensus::VoteKind::notarize, view, block);
    }
    [[nodiscard]] Bytes nullify(consensus::View view) const {
        return vote(consensus::VoteKind::nullify, view, 'a');
    }
    [[nodiscard]] Bytes finalize(consensus::View view, char block = 'a') const {
        return vote(consensus::VoteKind::finalize, view, block);
    }
    [[nodiscard]] Bytes view_answer(consensus::View view) const {
        return consensus::view_answer_bytes(chain.chain_id, chain.set, Hash{}, view);
    }
    [[nodiscard]] Bytes acknowledgement() const {
        return consensus::ack_bytes(chain.chain_id, chain.set, {});
    }
    [[nodiscard]] Bytes execution() const {
        return consensus::execution_bytes(chain.chain_id, chain.set, {});
    }
    [[nodiscard]] Bytes batch() const {
        return consensus::batch_signed_bytes(chain.chain_id, Hash{});
    }
    [[nodiscard]] node::signer::SignedStatement is_signed(Bytes statement) const {
        const auto signature = key().sign(statement);
        return {.statement = std::move(statement), .signature = signature};
    }
    [[nodiscard]] node::signer::Place place(consensus::View view) const {
        return {.epoch = chain.set.epoch(), .view = view};
    }
};

/// A signer's journal on a disk in memory.
struct SignerDisk {
    Statements statements;
    MemoryDisk disk;
    Prng random{1, "signer"};
    static constexpr const char* folder = "journal";

    [[nodiscard]] node::signer::VoteKeeperParts parts() {
        return {.disk = disk,
                .random = random,
                .key = statements.key(),
                .public_key = statements.key().public_key(),
                .chain_id = statements.chain.chain_id};
    }
    [[nodiscard]] Status<node::IoError> init(consensus::View first = 1) {
        return node::signer::VoteKeeper::init(disk, random, folder, statements.place(first));
    }
    [[nodiscard]] Result<std::unique_ptr<node::signer::VoteKeeper>, node::IoError> open() {
        return node::signer::VoteKeeper::open(parts(), folder);
    }
};

}  // namespace remit::test
