#pragma once

#include <memory>

#include "consensus/signer.h"
#include "node/signer/protocol.h"
#include "node/storage/vote_journal.h"

namespace remit::node::signer {

/// What a signer is built on; all outlive it.
struct VoteKeeperParts {
    Disk& disk;
    Random& random;
    const consensus::Signer& key;  ///< the bare key
    PublicKey public_key;
    Hash chain_id;
};

/// The signer without its socket: key, guard and journal. Every vote is durable in its journal
/// before its signature leaves; what contradicts an earlier one is refused. One thread.
///
/// A journal that is damaged, or that lacks a vote which a node can show, is given up: the signer
/// is then locked (ADR 0015), signs nothing that rests on remembering, and stays so over restarts
/// until `raise`.
class VoteKeeper {
public:
    /// Begins a journal where there is none. `first` is the first place this key may vote in:
    /// epoch 1, view 1 for a key that has never signed. Errors: corrupt when there is a journal.
    static Status<IoError> init(Disk& disk, Random& random, const std::string& folder, Place first);
    /// Errors: not_found without a journal; those of the disk.
    static Result<std::unique_ptr<VoteKeeper>, IoError> open(VoteKeeperParts parts,
                                                             const std::string& folder);

    /// Compares the node's newest votes with the own ones. Errors: foreign_chain, unknown_version.
    Result<SignerStatus, Refusal> hello(const Hello& hello);
    Result<Signature, Refusal> sign(ByteView statement);
    [[nodiscard]] SignerStatus status() const;
    /// Unlocks: no vote below this place from now on. A floor never goes back.
    Status<IoError> raise(Place floor);
    /// An orderly end.
    Status<IoError> close() { return journal_->close(); }

    /// Why the journal was given up, since the start or in it; empty when it was not.
    [[nodiscard]] const std::string& lost() const { return lost_; }

private:
    VoteKeeper(VoteKeeperParts parts, std::string folder)
        : parts_(parts), folder_(std::move(folder)) {}
    Result<Signature, Refusal> sign_vote(const VoteStatement& vote, ByteView bytes);
    void give_up(const std::string& why);

    VoteKeeperParts parts_;
    std::string folder_;
    VoteGuard guard_;
    std::unique_ptr<VoteJournal> journal_;
    bool locked_ = false;
    std::uint64_t boot_counter_ = 0;
    std::uint64_t votes_ = 0;
    std::string lost_;
};

}  // namespace remit::node::signer
