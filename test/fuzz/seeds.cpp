// Writes the first inputs of every target from real encodings: `fuzz_seeds FOLDER`. The checked-in
// corpus began with these; run it again when an encoding changes.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include "consensus/evidence.h"
#include "consensus/params.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/quote.h"
#include "node/seams/keystore.h"
#include "node/signer/protocol.h"
#include "node/snapshot/manifest.h"
#include "node/storage/block_store.h"
#include "node/storage/vote_journal.h"
#include "test/fuzz/fixed_random.h"
#include "test/fuzz/merkle_sample.h"
#include "test/fuzz/receipt_sample.h"
#include "test/fuzz/stored_records.h"
#include "test/support/ledger/network.h"
#include "test/support/node/memory_disk.h"
#include "test/unit/ledger/wire/sample_operations.h"

namespace remit::fuzz {
namespace {

using namespace consensus;  // NOLINT(google-build-using-namespace)

/// Writes inputs 00, 01, ... of one target.
class Corpus {
public:
    Corpus(const std::filesystem::path& folder, const std::string& target)
        : folder_(folder / target) {
        std::filesystem::create_directories(folder_);
    }
    void add(ByteView bytes) {
        const auto number = std::to_string(next_++);
        std::ofstream out(
            folder_ /
                ("seed-" + std::string(2 - std::min<std::size_t>(number.size(), 2), '0') + number),
            std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    void add(std::uint8_t choice, ByteView bytes) {
        add(Bytes(1, static_cast<char>(choice)).append(bytes));
    }

private:
    std::filesystem::path folder_;
    int next_ = 0;
};

const test::Chain& chain() {
    static const test::Chain out(4);
    return out;
}

/// Everything that the keys of chain() ever signed: view 5, height 5.
struct Signed {
    Hash digest = remit::hash(domain::header, "block");
    BatchHandle batch;
    Header header;
    Certificate notarization;
    Certificate nullification;
    Certificate finalization;
    ExecutionCertificate executed;
    AvailabilityCertificate available;
    Evidence evidence;

    Signed() {
        Batch one;
        one.epoch = 1;
        one.author = 2;
        one.expires_height = 5;
        one.items = {"one", "", "three"};
        one.bytes = static_cast<std::uint32_t>(encoded_items_bytes(one.items));
        one.items_root = items_root_of(one.items);
        one.author_signature =
            chain().signers[2]->sign(batch_signed_bytes(chain().chain_id, one.digest()));
        batch = std::make_shared<const Batch>(std::move(one));
        header = chain().child(chain().genesis, 5);
        header.batches = {batch->entry()};
        notarization = chain().certificate(VoteKind::notarize, 5, digest, {0, 1, 2});
        nullification = chain().certificate(VoteKind::nullify, 5, Hash{}, {1, 2, 3});
        finalization = chain().certificate(VoteKind::finalize, 5, digest, {0, 2, 3});
        executed.epoch = available.epoch = 1;
        executed.valset_hash = available.valset_hash = chain().set.hash();
        executed.result.height = 5;
        available.entry = batch->entry();
        executed.signers = signers(execution_bytes(chain().chain_id, chain().set, executed.result));
        available.signers = signers(ack_bytes(chain().chain_id, chain().set, available.entry));
        const auto first = chain().vote(VoteKind::nullify, 5, Hash{}, 3);
        evidence = *contradiction(first, chain().vote(VoteKind::finalize, 5, digest, 3));
    }
    static Signers signers(ByteView message) {
        SignatureMap signatures;
        for (ValidatorIndex i = 0; i < 3; ++i) {
            signatures[i] = chain().signers[i]->sign(message);
        }
        return Signers::from(signatures, 3, 4);
    }
    [[nodiscard]] Proposal proposal() const {
        return {.header = header,
                .leader_signature = notarization.signers.signatures.front(),
                .justification = {.parent = notarization,
                                  .nullifications = {nullification},
                                  .availability = {available},
                                  .execution = executed},
                .inline_batch = batch};
    }
    [[nodiscard]] ExecutionVote execution_vote() const {
        return {.epoch = 1,
                .result = executed.result,
                .signer = 0,
                .signature = executed.signers.signatures.front()};
    }
};

void consensus_seeds(const std::filesystem::path& folder) {
    const Signed all;
    Corpus messages(folder, "message");
    const auto vote = chain().vote(VoteKind::finalize, 5, all.digest, 3);
    const Ack ack{.epoch = 1,
                  .entry = all.batch->entry(),
                  .signer = 0,
                  .signature = all.available.signers.signatures.front()};
    for (const auto& each : std::vector<Message>{
             PeerStatus{1, 2, 3, 4, 5, 6, -7, 8},
             Pong{-9},
             all.proposal(),
             vote,
             all.nullification,
             all.batch,
             ack,
             all.available,
             Offer{{all.batch->entry()}},
             all.execution_vote(),
             all.executed,
             CertificatesRequest{4, 9},
             CertificatesAnswer{{all.notarization, all.finalization}},
             HeadersRequest{all.digest, 5},
             HeadersAnswer{{all.header}},
             VotesRequest{1, all.digest},
             VotesAnswer{1, all.digest, {vote}},
             BatchesRequest{{all.digest}},
             ExecutionCertificateRequest{77},
             BlocksRequest{10, 64},
             BlocksAnswer{{StoredBlock{all.header, all.finalization, all.executed}}}}) {
        messages.add(encode_message(each));
    }
    Corpus evidence(folder, "evidence");
    ledger::EvidenceRecord record;
    record.votes = {.kind = ledger::EvidenceKind::nullify_and_finalize,
                    .validator = chain().set.key(3),
                    .epoch = 1,
                    .valset_hash = chain().set.hash(),
                    .view = 5,
                    .first_digest = {},
                    .first_signature = all.evidence.first.signature,
                    .second_digest = all.digest,
                    .second_signature = all.evidence.second.signature};
    record.participant = {4};
    record.reporter = {1};
    evidence.add(0, ledger::encode(record));
    evidence.add(1, ledger::wire::to_proto(ledger::Operation(ledger::ReportEvidence{record.votes}))
                        .SerializeAsString());
    record.votes.view = 6;
    evidence.add(0, ledger::encode(record));
    Corpus objects(folder, "consensus_object");
    objects.add(0, encode(all.header));
    for (const auto& each : {all.notarization, all.nullification, all.finalization}) {
        objects.add(1, encode(each));
    }
    objects.add(2, encode(all.executed));
    objects.add(3, encode(all.available));
    objects.add(4, encode(*all.batch));
    objects.add(5, encode(all.evidence));
    objects.add(6, encode(record_of(vote)));
    objects.add(7, encode(Params{}));
    objects.add(8, encode(chain().set));
    objects.add(9, encode(StoredBlock{all.header, all.finalization, all.executed}));
    objects.add(10, encode(all.proposal()));
    objects.add(11, encode(vote));
    objects.add(12, encode(all.execution_vote()));
}

/// The place of a record in the list.
template <class T, std::size_t Index = 0>
constexpr std::uint8_t place_of() {
    if constexpr (std::is_same_v<std::tuple_element_t<Index, StoredRecords>, T>) {
        return Index;
    } else {
        return place_of<T, Index + 1>();
    }
}

/// Those of epochs, and others of the node, with something in them.
void filled_record_seeds(Corpus& corpus) {
    node::ExecutedBlockRecord executed;
    executed.receipts = {"receipt"};
    executed.wake_at_ms = 5;
    executed.events.emplace_back();
    corpus.add(place_of<node::ExecutedBlockRecord>(), encode(executed));
    const ledger::EpochValidator validator{.participant = {1},
                                           .name = "one",
                                           .validate_key = chain().set.key(0),
                                           .transport_pin = remit::hash(domain::header, "pin"),
                                           .address = "127.0.0.1:7000"};
    const ledger::EpochRecord epoch{.epoch = 2,
                                    .validators = {validator},
                                    .consensus_params = encode(Params{}),
                                    .protocol_version = 1,
                                    .epoch_blocks = 9,
                                    .end_height = 18,
                                    .reason = ledger::EpochReason::joiner_not_ready,
                                    .not_ready = {chain().set.key(1)},
                                    .demoted = {0}};
    corpus.add(place_of<ledger::EpochRecord>(), ledger::encode(epoch));
    const ledger::EpochPlan plan{.validators = {validator},
                                 .epoch_blocks = 9,
                                 .protocol_version = 2,
                                 .params = {{{GovernedParam::block_bytes_max, 1'000'000}}}};
    corpus.add(place_of<ledger::EpochPlan>(), ledger::encode(plan));
    corpus.add(place_of<ledger::LeaderDebts>(), ledger::encode(ledger::LeaderDebts{{0, 30}}));
    corpus.add(place_of<ledger::ReadyRecord>(), ledger::encode(ledger::ReadyRecord{7, 1, 2}));
    const node::BaseRecord base{.height = 16,
                                .named = {{20, remit::hash(domain::header, "batch")}}};
    corpus.add(place_of<node::BaseRecord>(), encode(base));
}

template <std::size_t Index = 0>
void record_seeds(Corpus& corpus) {
    if constexpr (Index < std::tuple_size_v<StoredRecords>) {
        using Record = std::tuple_element_t<Index, StoredRecords>;
        if constexpr (NodeRecord<Record>) {
            corpus.add(Index, encode(Record{}));
        } else {
            corpus.add(Index, ledger::encode(Record{}));
        }
        record_seeds<Index + 1>(corpus);
    }
}

void ledger_seeds(const std::filesystem::path& folder) {
    Corpus envelopes(folder, "envelope");
    Corpus quotes(folder, "quote");
    for (const auto& operation : test::every_operation()) {
        envelopes.add(ledger::wire::item_of(ledger::wire::sign_transaction(
            test::sample_transaction(operation), test::sample_key("operate"), test::sample_chain)));
        if (const auto* prepare = std::get_if<ledger::Prepare>(&operation)) {
            const auto& quote = prepare->quotes.front();
            quotes.add(0, ledger::wire::to_proto(quote).SerializeAsString());
            quotes.add(1, ledger::encode(quote));
        }
    }
    Corpus records(folder, "stored_record");
    record_seeds(records);
    filled_record_seeds(records);
    Corpus genesis(folder, "genesis");
    auto network = test::Network().genesis();
    network.calendar.cut_offs.resize(3);
    network.consensus_params = encode(Params{});
    genesis.add(ledger::encode_genesis(network));
    network.participants.resize(4);
    network.validators.resize(1);
    network.cash = {{.participant = {3}, .asset = {1}, .cover = 5, .reserve = 6}};
    genesis.add(ledger::encode_genesis(network));
}

void proof_seeds(const std::filesystem::path& folder) {
    Corpus merkle(folder, "merkle_proof");
    const auto& sample = merkle_sample();
    for (const auto key : std::initializer_list<std::uint8_t>{3, 17, 31}) {
        merkle.add(Bytes{0, static_cast<char>(key), 0, static_cast<char>(key)} +
                   sample.tree.prove(sample_key(key)).encode());
        merkle.add(Bytes{0, 40, 1, 0} + sample.tree.prove(sample_key(40)).encode());
    }
    for (const auto index : std::initializer_list<std::uint8_t>{0, 5, 12}) {
        merkle.add(Bytes{1, static_cast<char>(index)} +
                   sample.receipts_tree.prove(index, sample.previous_root).encode());
    }
    Corpus receipts(folder, "receipt_proof");
    receipts.add(0, receipt_sample().proof.encode());
    receipts.add(Bytes{1, 0, 40, 9});
    receipts.add(Bytes{1, 2, 40, 0, 3, 0, 5, 'a', 'b'});
}

/// The files of a journal with two groups, as journal_bytes takes them apart.
void journal_seeds(const std::filesystem::path& folder) {
    test::MemoryDisk disk;
    FixedRandom random;
    auto opened =
        node::VoteJournal::open(disk, random, {.folder = "journal", .segment_bytes = 512}, true);
    const Signed all;
    const auto vote = record_of(chain().vote(VoteKind::nullify, 5, Hash{}, 0));
    static_cast<void>(opened->journal->append({vote}, {all.batch}));
    static_cast<void>(opened->journal->close());
    const auto& segment = disk.bytes("journal/segment-0000000000000001.journal");
    const auto size = static_cast<std::uint16_t>(segment.size());
    Corpus bytes(folder, "journal_bytes");
    bytes.add(Bytes{0, 0, 1, 0, static_cast<char>(size >> 8U), static_cast<char>(size)} + segment +
              Bytes(1, '\0') + disk.bytes("journal/high_water"));
    bytes.add(segment);
    bytes.add(disk.bytes("journal/high_water"));
    Corpus sequences(folder, "journal_sequence");
    sequences.add(Bytes{0, 2, 1, 50, 2, 60, 3, 0, 1, 1, 9, 4, 1, 2, 3, 4, 5, 6, 7, 8});
    sequences.add(Bytes{0, 3, 1, 90, 2, 90, 3, 90, 1, 90, 3, 5, 2, 6, 0, 0, 1, 5});
    sequences.add(Bytes{0, 1, 1, 99, 2, 99, 3, 7, 1, 3, 0, 90});
}

void snapshot_seeds(const std::filesystem::path& folder) {
    Corpus inputs(folder, "snapshot");
    node::SnapshotChunk small{{{Bytes(1, '\x01') + "a", "1"}, {Bytes(1, '\x7F') + "b", ""}}};
    const auto bytes = encode(small);
    inputs.add(0, bytes);
    inputs.add(0, encode(node::SnapshotChunk{{{Bytes(1, '\x02'), Bytes(300, 'v')}}}));
    node::SnapshotManifest manifest;
    manifest.chain_id = chain().chain_id;
    manifest.validators = chain().set;
    manifest.params.snapshot_interval = 8;
    manifest.params.snapshot_delay = 3;
    manifest.params.snapshot_chunk_bytes = 512;
    manifest.header = chain().child(chain().genesis, 9);
    manifest.header.height = 8;
    manifest.header.params_hash = manifest.params.hash();
    manifest.result.height = 8;
    manifest.result.block_digest = manifest.header.digest();
    inputs.add(1, encode(manifest));
    manifest.wake_at_ms = 1'700'000'000'000;
    manifest.named = {{9, manifest.chain_id}, {12, manifest.result.block_digest}};
    manifest.records = 2;
    manifest.chunks = {{node::chunk_hash(bytes), static_cast<std::uint32_t>(bytes.size()), 2,
                        small.records[0].first}};
    inputs.add(1, encode(manifest));
}

void signer_seeds(const std::filesystem::path& folder) {
    namespace signer = node::signer;
    Corpus requests(folder, "signer_request");
    const auto add = [&](const Bytes& frame) { requests.add(ByteView(frame).substr(4)); };
    const auto vote = vote_bytes(chain().chain_id, chain().set, VoteKind::notarize, 7,
                                 remit::hash(domain::header, "block"));
    add(frame_of(signer::Request(signer::Hello{
        .chain_id = chain().chain_id,
        .newest_votes = {{.statement = vote, .signature = chain().signers[0]->sign(vote)}}})));
    add(frame_of(signer::Request(signer::SignRequest{.statement = vote})));
    add(frame_of(signer::Request(signer::StatusRequest{})));
    add(frame_of(signer::Reply(signer::SignerStatus{.locked = true})));
    add(frame_of(signer::Reply(signer::Refused{.reason = signer::Refusal::locked})));
    requests.add(vote);
    requests.add(view_answer_bytes(chain().chain_id, chain().set, Hash{}, 7));
    requests.add(batch_signed_bytes(chain().chain_id, Hash{}));
    Bytes votes;  // of every kind, in rising views, with restarts and raised floors between
    for (int i = 0; i < 120; ++i) {
        const int choice = i % 17 == 0 ? 255 : i % 11 == 0 ? 251 : (i * 2) % 72 + i % 3;
        votes += static_cast<char>(choice);
        votes += static_cast<char>(i * 7);
    }
    requests.add(votes);
}

void text_seeds(const std::filesystem::path& folder) {
    Corpus config(folder, "config");
    config.add(
        "[node]\nname = \"gcash\"\n[api]\nlisten = \"127.0.0.1:9000\"\nlimit = 7\n"
        "wait = \"3m\"\nreflection = true\norigins = [\"a\", \"b\"]\n[peers]\n"
        "alipayhk = \"127.0.0.1:7000\"\n");
    config.add("# a comment\nnode.name = 'x \\ y'\napi.wait = \"250ms\"\npeers.\"a b\" = \"\"\n");
    Corpus keys(folder, "key_file");
    const KeySeed seed{};
    keys.add("remit-devnet-key\npurpose VALIDATE\npublic " + SecretKey(seed).public_key().hex() +
             "\nseed " + seed.hex() + "\n");
    Corpus keystores(folder, "keystore");
    if (const auto keystore =
            node::Keystore::lock(KeyPurpose::validate, seed, "corpus", node::keystore_cost_min)) {
        keystores.add(keystore->encode());
        keystores.add(keystore->encode().substr(0, 100));
    }
    Corpus ids(folder, "identifier");
    for (const ByteView text :
         {"019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41", "AAAAAAAAAAAAAAAAAAAAAA==", "DEADbeef",
          "00000000000000000000000000000000000000000000000000000000000000ab", "3/HKD/clearing",
          "3/HKD/customer/000000000000000000000000000000ab"}) {
        ids.add(text);
    }
    Corpus amounts(folder, "amount");
    for (const ByteView text :
         {"1000.00", "1,000.00", "0.05", "999999999999999", "7.4735 12345678ab",
          "0.0000000001 zzzzzzzzcd", "99999999999 00000000"}) {
        amounts.add(2, text);
        amounts.add(0, text);
    }
    Corpus rates(folder, "rates");
    rates.add("# Source: ECB\nDate,USD,JPY,CYP,\n2024-12-31,1.0389,163.06,N/A,\n");
    rates.add("Date,HKD,PHP\r\n2024-12-31,8.0686,60.301\r\n2024-12-30,1,2\r\n");
}

/// Short ways into depth: the numbers are events of StepScript.
void step_seeds(const std::filesystem::path& folder) {
    Corpus steps(folder, "consensus_step");
    const Bytes view = {19, 9, 127, 1, 1, 0, 0};
    for (char first = 0; first < 12; ++first) {
        Bytes script(1, first);
        for (char round = 0; round < 10; ++round) {
            script += view + Bytes{17, 0, 9, 21};
            script += round % 4 == 3 ? Bytes{18, 3, 2} : Bytes{3, 0, 1, 1, 40, 12, 99};
            script += round % 3 == 2 ? Bytes{16, 3, 24, static_cast<char>(round % 2), 21, 25}
                                     : Bytes{7, 0, 99, 25};
        }
        steps.add(script);
    }
}

/// Ways through several epochs: the numbers are events of EpochsScript. The first three say who is
/// faulty and how long an epoch is, the next five how the set changes.
void epoch_seeds(const std::filesystem::path& folder) {
    Corpus epochs(folder, "consensus_epochs");
    const Bytes changes = {0, 12, 2, 20, 3, 4, 8, 1, 11, 28, 5, 13, 0, 2, 10};
    for (char number = 0; number < 18; ++number) {
        Bytes script = {static_cast<char>(number % 3), static_cast<char>(number % 5),
                        static_cast<char>(number % 2)};
        for (int i = 0; i < 5; ++i) {
            script += changes[static_cast<std::size_t>(number * 2 + i) % changes.size()];
        }
        for (char round = 0; round < 12; ++round) {
            const auto node = static_cast<char>((round + number) % 5);
            script += Bytes{3, node, 20, 0, 60};
            const auto how = static_cast<char>(round * 5 + number);
            script += round % 4 == 0   ? Bytes{6, node, 0, 90, 6, node, 1}
                      : round % 4 == 1 ? Bytes{8, node, static_cast<char>(round % 2), 1, 80, 9}
                      : round % 4 == 2
                          ? Bytes{14, 0, 7, 20, 0, 14, 1, 9, 3, 14, 2, how, 0}
                          : Bytes{8, node, 1,  3, 0,   30, 3,  1, 30, 3, 2, 30, 3, 3,   30,
                                  0, 99,   14, 2, how, 0,  14, 2, 1,  0, 9, 14, 2, how, 0};
            script += Bytes{0, 120};
        }
        epochs.add(script);
    }
}

}  // namespace
}  // namespace remit::fuzz

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: fuzz_seeds FOLDER\n";
        return 2;
    }
    const std::filesystem::path folder(arguments[1]);  // NOLINT
    remit::fuzz::consensus_seeds(folder);
    remit::fuzz::ledger_seeds(folder);
    remit::fuzz::proof_seeds(folder);
    remit::fuzz::journal_seeds(folder);
    remit::fuzz::snapshot_seeds(folder);
    remit::fuzz::signer_seeds(folder);
    remit::fuzz::text_seeds(folder);
    remit::fuzz::step_seeds(folder);
    remit::fuzz::epoch_seeds(folder);
    return 0;
}
