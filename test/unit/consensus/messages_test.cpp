#include "consensus/messages.h"

#include <catch2/catch.hpp>

#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "consensus/params.h"
#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;

namespace {

BatchHandle a_batch(const Chain& chain, std::vector<Bytes> items) {
    Batch batch;
    batch.epoch = 1;
    batch.author = 2;
    batch.nonce = 7;
    batch.expires_height = 100;
    batch.items = std::move(items);
    batch.bytes = static_cast<std::uint32_t>(encoded_items_bytes(batch.items));
    batch.items_root = items_root_of(batch.items);
    batch.author_signature =
        chain.signers[2]->sign(batch_signed_bytes(chain.chain_id, batch.digest()));
    return std::make_shared<const Batch>(std::move(batch));
}

/// One message of every kind, with every optional part present.
std::vector<Message> all_messages(const Chain& chain) {
    const auto batch = a_batch(chain, {"one", "", "three"});
    auto header = chain.child(chain.genesis, 3);
    header.batches = {batch->entry()};
    const auto digest = header.digest();
    const auto notarization = chain.certificate(VoteKind::notarize, 2, digest, {0, 1, 2});
    const auto nullification = chain.certificate(VoteKind::nullify, 2, Hash{}, {1, 2, 3});
    const auto finalization = chain.certificate(VoteKind::finalize, 3, digest, {0, 2, 3});
    SignatureMap two;
    two[0] = notarization.signers.signatures[0];
    two[3] = notarization.signers.signatures[1];
    const AvailabilityCertificate available{.epoch = 1,
                                            .valset_hash = chain.set.hash(),
                                            .entry = batch->entry(),
                                            .signers = Signers::from(two, 2, 4)};
    ExecutionResult result;
    result.height = 9;
    result.state_root = digest;
    const ExecutionCertificate executed{.epoch = 1,
                                        .valset_hash = chain.set.hash(),
                                        .result = result,
                                        .signers = notarization.signers};
    return {
        PeerStatus{1, 2, 3, 4, 5, 6, -7, 8},
        Pong{-9},
        Proposal{.header = header,
                 .leader_signature = two[0],
                 .justification = {.parent = notarization,
                                   .nullifications = {nullification, nullification},
                                   .availability = {available},
                                   .execution = executed},
                 .inline_batch = batch},
        chain.vote(VoteKind::finalize, 5, digest, 3),
        nullification,
        batch,
        Ack{.epoch = 1, .entry = batch->entry(), .signer = 1, .signature = two[0]},
        available,
        Offer{{batch->entry(), batch->entry()}},
        ExecutionVote{.epoch = 1, .result = result, .signer = 2, .signature = two[3]},
        executed,
        CertificatesRequest{4, 9},
        CertificatesAnswer{{notarization, nullification, finalization}},
        HeadersRequest{digest, 5},
        HeadersAnswer{{header, chain.genesis}},
        BatchesRequest{{digest, digest}},
        ExecutionCertificateRequest{77},
        BlocksRequest{10, 64},
        BlocksAnswer{{StoredBlock{header, finalization, executed},
                      StoredBlock{header, std::nullopt, std::nullopt}}},
        ViewRequest{1, digest},
        ViewAnswer{.epoch = 1,
                   .nonce = digest,
                   .view = 8,
                   .entry = nullification,
                   .signer = 3,
                   .signature = two[0]},
        VotesRequest{1, digest},
        VotesAnswer{1, digest, {chain.vote(VoteKind::finalize, 5, digest, 3)}},
        SnapshotRequest{41, 3},
        SnapshotAnswer{.anchor = header,
                       .finalization = finalization,
                       .execution = executed,
                       .manifest = "what it says"},
        ChunkRequest{digest, 12},
        ChunkAnswer{digest, 12, "records"},
        HandOver{.next = {.set = chain.set,
                          .params = chain.params,
                          .end_height = 77,
                          .host = "what the host adds"},
                 .headers = {header, chain.genesis},
                 .finalization = finalization},
        Forward{{"one item", "another"}},
    };
}

}  // namespace

TEST_CASE("messages: every kind comes back from its bytes as it was", "[consensus]") {
    const Chain chain(4);
    const auto messages = all_messages(chain);
    REQUIRE(messages.size() == std::variant_size_v<Message>);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CAPTURE(name_of(messages[i]));
        CHECK(messages[i].index() == i);
        const auto bytes = encode_message(messages[i]);
        const auto back = decode_message(bytes);
        REQUIRE(back.has_value());
        CHECK(back->index() == i);
        CHECK(encode_message(*back) == bytes);
    }
}

TEST_CASE("messages: cut short at any byte or followed by one, they are refused", "[consensus]") {
    const Chain chain(4);
    for (const auto& message : all_messages(chain)) {
        CAPTURE(name_of(message));
        const auto bytes = encode_message(message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            if (decode_message(ByteView(bytes).substr(0, size)).has_value()) {
                FAIL_CHECK("accepted " << size << " of " << bytes.size() << " bytes");
            }
        }
        CHECK_FALSE(decode_message(bytes + '\0').has_value());
    }
}

TEST_CASE("messages: a flipped bit is refused or changes the message, never crashes",
          "[consensus]") {
    const Chain chain(4);
    for (const auto& message : all_messages(chain)) {
        const auto bytes = encode_message(message);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            auto changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
            const auto back = decode_message(changed);
            if (back && encode_message(*back) != changed) {
                FAIL_CHECK(name_of(message) << " has two encodings, byte " << at);
            }
        }
    }
}

TEST_CASE("messages: counts above their limit are refused before anything is allocated",
          "[consensus]") {
    Writer writer;
    writer.u8(12).u32(0xffffffffU);  // certificates_answer
    CHECK_FALSE(decode_message(writer.view()).has_value());
    Writer unknown;
    unknown.u8(std::variant_size_v<Message>);
    CHECK_FALSE(decode_message(unknown.view()).has_value());
    CHECK_FALSE(decode_message("").has_value());
}

TEST_CASE("messages: a vote of no kind and a nullify with a digest are refused", "[consensus]") {
    const Chain chain(4);
    auto vote = chain.vote(VoteKind::nullify, 3, Hash{}, 1);
    CHECK(decode<Vote>(encode(vote)).has_value());
    vote.digest.data[0] = 1;
    CHECK_FALSE(decode<Vote>(encode(vote)).has_value());
    auto bytes = encode(chain.vote(VoteKind::notarize, 3, Hash{}, 1));
    bytes[0] = 0;
    CHECK_FALSE(decode<Vote>(bytes).has_value());
    bytes[0] = 4;
    CHECK_FALSE(decode<Vote>(bytes).has_value());
}

TEST_CASE("messages: a batch whose stated size is not its items' is refused", "[consensus]") {
    const Chain chain(4);
    auto batch = *a_batch(chain, {"abc"});
    CHECK(decode<Batch>(encode(batch)).has_value());
    batch.bytes += 1;
    CHECK_FALSE(decode<Batch>(encode(batch)).has_value());
}

TEST_CASE("messages: a batch's digest covers its fields and binds its items", "[consensus]") {
    const Chain chain(4);
    const auto batch = *a_batch(chain, {"ab", "c"});
    auto other = batch;
    other.nonce += 1;
    CHECK(other.digest() != batch.digest());
    other = batch;
    other.expires_height += 1;
    CHECK(other.digest() != batch.digest());
    other = batch;
    other.author_signature.data[0] ^= 1;
    CHECK(other.digest() == batch.digest());
    CHECK(items_root_of({"ab", "c"}) != items_root_of({"a", "bc"}));
}

TEST_CASE("messages: the signed bytes of a vote are 129 and differ in every field", "[consensus]") {
    const Chain chain(4);
    const auto digest = chain.genesis.digest();
    const auto bytes = vote_bytes(chain.chain_id, chain.set, VoteKind::notarize, 5, digest);
    CHECK(bytes.size() == 129);
    CHECK(bytes != vote_bytes(chain.chain_id, chain.set, VoteKind::finalize, 5, digest));
    CHECK(bytes != vote_bytes(chain.chain_id, chain.set, VoteKind::notarize, 6, digest));
    CHECK(bytes != vote_bytes(digest, chain.set, VoteKind::notarize, 5, digest));
    const ValidatorSet next_epoch(2, chain.set.validators());
    CHECK(bytes != vote_bytes(chain.chain_id, next_epoch, VoteKind::notarize, 5, digest));
}

TEST_CASE("header: every field changes the digest", "[consensus]") {
    const Chain chain(4);
    const auto header = chain.child(chain.genesis, 1);
    const std::vector<std::function<void(Header&)>> changes{
        [](Header& each) { each.version += 1; },
        [](Header& each) { each.epoch += 1; },
        [](Header& each) { each.view += 1; },
        [](Header& each) { each.height += 1; },
        [](Header& each) { each.leader += 1; },
        [](Header& each) { each.parent_view += 1; },
        [](Header& each) { each.parent_digest.data[0] ^= 1; },
        [](Header& each) { each.time_ms += 1; },
        [](Header& each) { each.batches.push_back({}); },
        [](Header& each) { each.exec.height += 1; },
        [](Header& each) { each.exec.next_epoch_hash.data[31] ^= 1; },
        [](Header& each) { each.params_hash.data[0] ^= 1; },
        [](Header& each) { each.leader_schedule_hash.data[0] ^= 1; },
        [](Header& each) { each.flags = header_flag::epoch_last; },
    };
    for (const auto& change : changes) {
        auto other = header;
        change(other);
        CHECK(other.digest() != header.digest());
        CHECK(decode<Header>(encode(other)) == other);
    }
    auto unknown_flag = header;
    unknown_flag.flags = 4;
    CHECK_FALSE(decode<Header>(encode(unknown_flag)).has_value());
}

TEST_CASE("validator set: quorum and faults for the usual sizes", "[consensus]") {
    const std::vector<std::array<std::size_t, 3>> sizes{
        {1, 0, 1}, {2, 0, 2}, {3, 0, 3}, {4, 1, 3}, {7, 2, 5}, {13, 4, 9}, {31, 10, 21}};
    for (const auto& [n, f, q] : sizes) {
        const Chain chain(n);
        CHECK(chain.set.f() == f);
        CHECK(chain.set.q() == q);
        CHECK(decode<ValidatorSet>(encode(chain.set))->hash() == chain.set.hash());
    }
}

TEST_CASE("params: they come back from their bytes and each one changes the hash", "[consensus]") {
    Params params;
    CHECK(decode<Params>(encode(params)) == params);
    CHECK(params.acceptable());
    params.batch_bytes_max = limits::batch_bytes + 1;
    CHECK_FALSE(params.acceptable());
    auto other = params;
    other.skew_ms += 1;
    CHECK(other.hash() != params.hash());
}

TEST_CASE("params: without snapshots they have the bytes of networks that know none",
          "[consensus]") {
    const Params plain;
    CHECK(encode(plain).size() == 54);
    CHECK(plain.snapshot_named_at(1'000'000) == 0);
    auto params = plain;
    params.snapshot_interval = 100;
    CHECK_FALSE(params.acceptable());
    params.snapshot_delay = 10;
    params.snapshot_chunk_bytes = 4096;
    CHECK(params.acceptable());
    const auto bytes = encode(params);
    CHECK(decode<Params>(bytes) == params);
    CHECK(params.hash() != plain.hash());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK(decode<Params>(bytes.substr(0, size)).has_value() == (size == 54));
    }
    CHECK_FALSE(decode<Params>(encode(plain) + Bytes(12, '\0')).has_value());
    params.snapshot_delay = 101;
    CHECK_FALSE(params.acceptable());
    params.snapshot_delay = 0;
    CHECK_FALSE(params.acceptable());
    params.snapshot_interval = 0;
    CHECK_FALSE(params.acceptable());
}

TEST_CASE("params: results name a snapshot from its height and the delay on", "[consensus]") {
    Params params;
    params.snapshot_interval = 100;
    params.snapshot_delay = 10;
    CHECK(params.snapshot_named_at(0) == 0);
    CHECK(params.snapshot_named_at(100) == 0);
    CHECK(params.snapshot_named_at(109) == 0);
    CHECK(params.snapshot_named_at(110) == 100);
    CHECK(params.snapshot_named_at(209) == 100);
    CHECK(params.snapshot_named_at(210) == 200);
    params.snapshot_delay = 100;
    CHECK(params.snapshot_named_at(199) == 0);
    CHECK(params.snapshot_named_at(200) == 100);
}

TEST_CASE("journal record: comes back from its bytes; unknown types are refused", "[consensus]") {
    const Chain chain(4);
    const auto record = record_of(chain.vote(VoteKind::nullify, 3, Hash{}, 1));
    CHECK(decode<JournalRecord>(encode(record)) == record);
    auto bytes = encode(record);
    bytes[0] = 0;
    CHECK_FALSE(decode<JournalRecord>(bytes).has_value());
    bytes[0] = 9;
    CHECK_FALSE(decode<JournalRecord>(bytes).has_value());
}

TEST_CASE("evidence: only real contradictions with real signatures count", "[consensus]") {
    const Chain chain(4);
    const auto digest = chain.genesis.digest();
    const auto other = chain.chain_id;
    const auto nota = chain.vote(VoteKind::notarize, 3, digest, 1);
    const auto nota_other = chain.vote(VoteKind::notarize, 3, other, 1);
    const auto null = chain.vote(VoteKind::nullify, 3, Hash{}, 1);
    const auto fin = chain.vote(VoteKind::finalize, 3, digest, 1);
    CHECK_FALSE(contradiction(nota, nota).has_value());
    CHECK_FALSE(contradiction(nota, null).has_value());  // notarize then time out: honest
    CHECK_FALSE(contradiction(nota, fin).has_value());
    CHECK_FALSE(contradiction(nota, chain.vote(VoteKind::notarize, 3, other, 2)).has_value());
    CHECK_FALSE(contradiction(nota, chain.vote(VoteKind::notarize, 4, other, 1)).has_value());
    auto found = contradiction(nota, nota_other);
    REQUIRE(found.has_value());
    CHECK(found->kind == EvidenceKind::double_notarize);
    CHECK(verify(*found, chain.set, chain.chain_id));
    CHECK(decode<Evidence>(encode(*found)) == *found);
    found->second.signature.data[5] ^= 1;
    CHECK_FALSE(verify(*found, chain.set, chain.chain_id));
    found = contradiction(null, fin);
    REQUIRE(found.has_value());
    CHECK(found->kind == EvidenceKind::nullify_and_finalize);
    CHECK(verify(*found, chain.set, chain.chain_id));
}
