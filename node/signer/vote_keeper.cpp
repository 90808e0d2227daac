#include "node/signer/vote_keeper.h"

namespace remit::node::signer {

namespace {

VoteJournalConfig config_of(const std::string& folder) {
    constexpr std::uint64_t segment_bytes = std::uint64_t{4} * 1024 * 1024;
    return {.folder = folder, .segment_bytes = segment_bytes};
}

Refusal refusal_of(StatementFlaw flaw) {
    switch (flaw) {
        case StatementFlaw::unknown_domain:
            return Refusal::unknown_domain;
        case StatementFlaw::foreign_chain:
            return Refusal::foreign_chain;
        case StatementFlaw::foreign_verb:
            return Refusal::foreign_verb;
        case StatementFlaw::malformed:
            break;
    }
    return Refusal::malformed;
}

bool is_empty(Disk& disk, const std::string& folder) {
    const auto names = disk.list(folder);
    return !names || names->empty();
}

}  // namespace

Status<IoError> VoteKeeper::init(Disk& disk, Random& random, const std::string& folder,
                                 Place first) {
    if (!is_empty(disk, folder)) {
        return fail(IoError{IoFailure::corrupt, "begin a journal in", folder,
                            "there is one; raise its floor instead"});
    }
    TRY_ASSIGN(auto opened, VoteJournal::open(disk, random, config_of(folder), true));
    VoteGuard guard;
    TRY(opened.journal->append({guard.raise(first)}, {}));
    return opened.journal->close();
}

Result<std::unique_ptr<VoteKeeper>, IoError> VoteKeeper::open(VoteKeeperParts parts,
                                                              const std::string& folder) {
    if (is_empty(parts.disk, folder)) {
        return fail(IoError{IoFailure::not_found, "open journal", folder,
                            "there is none; remit-signer init begins one"});
    }
    std::unique_ptr<VoteKeeper> out(new VoteKeeper(parts, folder));
    auto opened = VoteJournal::open(parts.disk, parts.random, config_of(folder), false);
    bool foreign = false;
    if (opened) {
        for (const auto& record : opened->contents.records) {
            foreign = foreign || !out->guard_.restore(record);
        }
    }
    if (foreign || (!opened && opened.error().failure == IoFailure::corrupt)) {
        out->lost_ = foreign ? "the journal contradicts itself" : opened.error().text();
        opened = VoteJournal::begin_anew(parts.disk, parts.random, config_of(folder));
    }
    if (!opened) {
        return fail(opened.error());
    }
    out->journal_ = std::move(opened->journal);
    out->boot_counter_ = opened->contents.boot_counter;
    // Without a floor the record that began the journal is gone: nothing tells what was signed.
    out->locked_ = opened->contents.votes_lost || out->guard_.floor() == Place{};
    return out;
}

Result<SignerStatus, Refusal> VoteKeeper::hello(const Hello& hello) {
    if (hello.version != protocol_version) {
        return fail(Refusal::unknown_version);
    }
    if (hello.chain_id != parts_.chain_id) {
        return fail(Refusal::foreign_chain);
    }
    for (const auto& shown : hello.newest_votes) {
        const auto statement = statement_of(shown.statement, parts_.chain_id);
        const auto* vote = statement ? std::get_if<VoteStatement>(&*statement) : nullptr;
        if (vote == nullptr || !verify(parts_.public_key, shown.statement, shown.signature)) {
            continue;  // proves nothing
        }
        const Place place{.epoch = vote->epoch, .view = vote->view};
        if (place >= guard_.floor() && !guard_.remembers(*vote) && !locked_) {
            give_up("a node shows a vote of this key in view " + std::to_string(vote->view) +
                    " that the journal lacks");
        }
    }
    return status();
}

/// The votes that are known stay in memory and refuse what they refused before.
void VoteKeeper::give_up(const std::string& why) {
    lost_ = why;
    locked_ = true;
    journal_.reset();
    auto anew = or_die(VoteJournal::begin_anew(parts_.disk, parts_.random, config_of(folder_)));
    journal_ = std::move(anew.journal);
}

Result<Signature, Refusal> VoteKeeper::sign(ByteView bytes) {
    const auto statement = statement_of(bytes, parts_.chain_id);
    if (!statement) {
        return fail(refusal_of(statement.error()));
    }
    if (const auto* vote = std::get_if<VoteStatement>(&*statement)) {
        return sign_vote(*vote, bytes);
    }
    // What rests on this validator's remembering: that it keeps a batch, that it was not further,
    // that it can vote in the next epoch.
    if (locked_ && !std::holds_alternative<FreeStatement>(*statement)) {
        return fail(Refusal::locked);
    }
    if (const auto* view = std::get_if<ViewStatement>(&*statement)) {
        const auto highest = guard_.highest();
        if (Place{.epoch = view->epoch, .view = view->view} < highest) {
            return fail(Refusal::view_gone_back);
        }
    }
    const auto signature = parts_.key.signature_of(bytes);
    return signature ? Result<Signature, Refusal>(*signature) : fail(Refusal::key_failed);
}

Result<Signature, Refusal> VoteKeeper::sign_vote(const VoteStatement& vote, ByteView bytes) {
    if (locked_) {
        return fail(Refusal::locked);
    }
    TRY(guard_.check(vote));
    if (!guard_.remembers(vote)) {
        const auto before = guard_.floor();
        or_die(journal_->append(guard_.add(vote), {}));
        or_die(journal_->sync());
        if (guard_.floor() != before) {
            or_die(journal_->prune(0, VoteGuard::order_of(guard_.floor()), 0));
        }
    }
    const auto signature = parts_.key.signature_of(bytes);
    if (!signature) {
        return fail(Refusal::key_failed);  // remembered all the same: asked again, it is the same
    }
    ++votes_;
    return *signature;
}

SignerStatus VoteKeeper::status() const {
    return {.key = parts_.public_key,
            .locked = locked_,
            .floor = guard_.floor(),
            .highest = guard_.highest(),
            .boot_counter = boot_counter_,
            .votes = votes_};
}

Status<IoError> VoteKeeper::raise(Place floor) {
    TRY(journal_->append({guard_.raise(floor)}, {}));
    TRY(journal_->close());
    locked_ = false;
    lost_.clear();
    return {};
}

}  // namespace remit::node::signer
