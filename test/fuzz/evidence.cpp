// Evidence as the ledger takes it: one encoding, and what holds is what the key really signed.
#include "ledger/evidence.h"
#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/support/consensus/network.h"

namespace remit::fuzz {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)

/// The chain whose keys signed the corpus: validator 3 nullified and finalized view 5, seeds.cpp.
const test::Chain& chain() {
    static const test::Chain out(4);
    return out;
}

void judge(const VotePair& votes) {
    if (!holds(votes, chain().chain_id)) {
        return;
    }
    require(votes.validator == chain().set.key(3) && votes.view == 5 && votes.epoch == 1,
            "evidence against a key that signed nothing wrong");
    require(votes.kind == EvidenceKind::nullify_and_finalize, "a contradiction of another kind");
}

void run(Input input) {
    const bool stored = input.below(2) == 0;
    const auto bytes = input.rest();
    if (stored) {
        if (const auto record = decode<EvidenceRecord>(bytes)) {
            require(encode(*record) == bytes, "a record has one encoding");
            judge(record->votes);
        }
        return;
    }
    v1::Operation proto;
    if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return;
    }
    const auto operation = wire::from_proto(proto);
    if (!operation) {
        return;
    }
    if (const auto* report = std::get_if<ReportEvidence>(&*operation)) {
        const auto again = wire::from_proto(wire::to_proto(*operation));
        require(again && std::get<ReportEvidence>(*again).votes == report->votes,
                "an operation comes back as it was");
        judge(report->votes);
    }
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run({data, size});
    return 0;
}
