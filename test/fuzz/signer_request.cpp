// What a node's socket may send: frames in any pieces, one encoding each; and statements: whatever
// is asked in whatever order, no two signatures contradict each other.
#include "node/signer/protocol.h"

#include <map>

#include "test/fuzz/input.h"
#include "test/fuzz/require.h"

namespace {

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using consensus::VoteKind;

/// Small places and digests, so that they meet.
VoteStatement vote_from(std::uint8_t a, std::uint8_t b) {
    VoteStatement out;
    out.kind = static_cast<VoteKind>(1 + a % 3);
    out.epoch = 1 + b % 2;
    out.view = 1 + (a / 3) % 24;
    if (out.kind != VoteKind::nullify) {
        out.digest.data[0] = static_cast<std::uint8_t>(1 + (b / 2) % 3);
    }
    return out;
}

void judge(ByteView bytes) {
    VoteGuard guard(8);
    std::vector<consensus::JournalRecord> journal;
    std::map<std::pair<Place, VoteKind>, Hash> said;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto a = static_cast<std::uint8_t>(bytes[i]);
        const auto b = static_cast<std::uint8_t>(bytes[i + 1]);
        if (a >= 250) {  // a restart, or an operator
            VoteGuard again(8);
            for (const auto& record : journal) {
                fuzz::require(again.restore(record), "the own journal is taken back");
            }
            fuzz::require(again.floor() == guard.floor(), "the floor is durable");
            guard = again;
            if (a == 255) {
                journal.push_back(guard.raise({.epoch = 1, .view = b % 32U}));
            }
            continue;
        }
        const auto vote = vote_from(a, b);
        const Place place{.epoch = vote.epoch, .view = vote.view};
        if (!guard.check(vote)) {
            continue;
        }
        fuzz::require(place >= guard.floor(), "nothing below the floor");
        const auto before = said.find({place, vote.kind});
        fuzz::require(before == said.end() || before->second == vote.digest,
                      "one digest of a kind in a view");
        fuzz::require(!(vote.kind == VoteKind::notarize && before == said.end() &&
                        said.contains({place, VoteKind::nullify})),
                      "no notarize after a nullify");
        said[{place, vote.kind}] = vote.digest;
        fuzz::require(!(said.contains({place, VoteKind::nullify}) &&
                        said.contains({place, VoteKind::finalize})),
                      "never both nullify and finalize");
        if (!guard.remembers(vote)) {
            for (auto& record : guard.add(vote)) {
                journal.push_back(std::move(record));
            }
        }
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view_of(data, size);
    if (const auto request = request_from(bytes)) {
        FrameReader frames;
        for (const char byte : frame_of(*request)) {
            frames.add(Bytes(1, byte));
        }
        fuzz::require(frames.next() == Bytes(bytes), "one encoding of a request");
    }
    if (const auto reply = reply_from(bytes)) {
        FrameReader frames;
        frames.add(frame_of(*reply));
        fuzz::require(frames.next() == Bytes(bytes), "one encoding of a reply");
    }
    const Hash chain = size >= 48 ? Reader(bytes.substr(16)).fixed<Hash>() : Hash{};
    if (const auto statement = statement_of(bytes, chain)) {
        if (const auto* vote = std::get_if<VoteStatement>(&*statement)) {
            fuzz::require(signed_bytes(domain::vote, {chain.view(), consensus::encode(*vote)}) ==
                              Bytes(bytes),
                          "every byte of a vote is understood");
        }
    }
    judge(bytes);
    return 0;
}
