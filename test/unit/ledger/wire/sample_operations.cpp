#include "test/unit/ledger/wire/sample_operations.h"

#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/governance.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

SecretKey sample_key(std::string_view label) {
    return SecretKey(*KeySeed::from(hash(domain::genesis, label).view()));
}

Uuid sample_uuid(std::uint8_t number) {
    Uuid random;
    random.data.fill(number);
    return uuid_v4_from(random);
}

namespace {

CustomerTag tag_of(std::uint8_t number) {
    return *CustomerTag::from(sample_uuid(number).view());
}

Prepare sample_prepare() {
    Quote quote{.quote_id = sample_uuid(3),
                .maker = {5},
                .requester = {1},
                .source_asset = {1},
                .target_asset = {2},
                .fixed = FixedSide::send,
                .source = 100'000,
                .target = 747'350,
                .rate = {.mantissa = 74735, .scale = 4},
                .mark_id = 9,
                .fees = {{.participant = {5}, .amount = 50}},
                .return_days = 5,
                .return_bps = 20,
                .issued_at = {1'735'776'000'000},
                .expires_at = {1'735'776'060'000},
                .nonce = 77,
                .key = {},
                .signature = {}};
    sign_quote(quote, sample_chain, sample_key("maker"));
    return {.uetr = sample_uuid(1),
            .end_to_end_id = "E2E-1",
            .source_asset = {1},
            .payer_tag = tag_of(10),
            .payee_operator = {2},
            .target_asset = {2},
            .payee_tag = tag_of(11),
            .source = 100'000,
            .target = 747'350,
            .quotes = {quote},
            .fees = {{.participant = {1}, .amount = 1'200}, {.participant = {5}, .amount = 50}},
            .purpose = "CASH",
            .travel_commit = hash(domain::genesis, "travel"),
            .screening = {.list_hash = hash(domain::genesis, "list"), .result = 1},
            .expires_at = {1'735'776'030'000}};
}

AttestationClaim sample_claim() {
    return {.participant = {1},
            .asset = {1},
            .kind = AttestationKind::release,
            .balance = 2'000'000,
            .as_of_height = 12,
            .statement_reference = "CAMT053-1"};
}

template <class Set>
Set approved(Set operation) {
    operation.approvals.push_back(
        wire::approve(operation.bytes, sample_chain, sample_key("govern A")));
    operation.approvals.push_back(
        wire::approve(operation.bytes, sample_chain, sample_key("govern G")));
    return operation;
}

void add_evidence(std::vector<Operation>& out) {
    VotePair votes;
    votes.kind = EvidenceKind::double_notarize;
    votes.validator.data.fill(1);
    votes.epoch = 1;
    votes.valset_hash.data.fill(2);
    votes.view = 77;
    votes.first_digest.data.fill(3);
    votes.first_signature.data.fill(4);
    votes.second_digest.data.fill(5);
    votes.second_signature.data.fill(6);
    out.emplace_back(ReportEvidence{votes});
    votes.kind = EvidenceKind::nullify_and_finalize;
    votes.first_digest = {};
    out.emplace_back(ReportEvidence{votes});
}

void add_governance(std::vector<Operation>& out) {
    const wire::ActionTerms terms{
        .nonce = sample_uuid(20), .valid_until = {1'735'776'090'000}, .as_of_height = 41};
    ParticipantChange change;
    change.id = {8};
    change.name = "third wallet";
    change.roles = {Role::wallet_operator, Role::validator};
    change.bic = "ABCDHKHH";
    change.lei = "529900T8BM49AURSDO55";
    change.jurisdiction = "HK";
    change.status = ParticipantStatus::suspended;
    change.add_keys = {{.key = sample_key("new").public_key(), .purpose = KeyPurpose::quote}};
    change.revoke_keys = {sample_key("old").public_key()};
    out.emplace_back(approved(wire::propose(change, terms)));
    Policy policy;
    policy.corridors = {{.source = {1}, .target = {2}, .single_limit = 50'000'000}};
    out.emplace_back(approved(wire::propose(policy, terms)));
    const Calendar calendar{.cut_offs = {{.at = {1'735'804'800'000}, .value_date = "2025-01-02"},
                                         {.at = {1'735'891'200'000}, .value_date = "2025-01-03"}}};
    out.emplace_back(approved(wire::propose(calendar, terms)));
    const EpochPlan plan{
        .validators = {{.participant = {3},
                        .name = "clearbank",
                        .validate_key = sample_key("validate").public_key(),
                        .transport_pin = hash(domain::hello, "certificate"),
                        .address = "node.clearbank.example:7000"}},
        .epoch_blocks = 5'000,
        .protocol_version = 2,
        .params = {{{GovernedParam::lag_max, 8}, {GovernedParam::seal_delay_ms, 0}}}};
    out.emplace_back(approved(wire::propose(plan, terms)));
    out.emplace_back(Ready{.as_of_height = 77, .version_min = 1, .version_max = 2});
}

}  // namespace

std::vector<Operation> every_operation() {
    std::vector<Operation> out = {
        OpenAccount{.asset = {1}, .tag = tag_of(10)},
        FundWallet{
            .asset = {1}, .tag = tag_of(10), .amount = 100'000, .fiat_reference = "FPS-0001"},
        DefundWallet{.step = DefundStep::lock,
                     .payout_id = sample_uuid(2),
                     .asset = {2},
                     .tag = tag_of(11),
                     .amount = 747'350,
                     .rail_reference = {}},
        DefundWallet{.step = DefundStep::final,
                     .payout_id = sample_uuid(2),
                     .asset = {},
                     .tag = {},
                     .amount = 0,
                     .rail_reference = "INSTAPAY-1"},
        BankMark{.mark_id = 9,
                 .source = {1},
                 .target = {2},
                 .bid = {.mantissa = 74735, .scale = 4},
                 .ask = {.mantissa = 74780, .scale = 4},
                 .valid_from = {1'735'776'000'000},
                 .valid_to = {1'735'779'600'000}},
        sample_prepare(),
        Accept{.uetr = sample_uuid(1),
               .screening = {.list_hash = hash(domain::genesis, "list"), .result = 0}},
        Reject{.uetr = sample_uuid(1), .reason = "AC04"},
        ConfirmCredit{.uetr = sample_uuid(1), .credit_reference = "WALLET-5", .paid_out = true},
        FailCredit{.uetr = sample_uuid(1), .reason = "AC06"},
        ReturnPrepare{.return_id = sample_uuid(4),
                      .uetr = sample_uuid(1),
                      .source = 100'000,
                      .target = 747'350,
                      .mode = ReturnMode::same_rate,
                      .reason = "CUST",
                      .operator_bears = true,
                      .expires_at = {1'735'776'030'000}},
        ReturnAccept{.return_id = sample_uuid(4)},
        AttestCover{sample_claim()},
        AttestReserve{sample_claim()},
        SettleConfirm{.window = {1},
                      .participant = {1},
                      .asset = {1},
                      .entries = {{.account = "HK-CLEARING",
                                   .booking_date = "2025-01-02",
                                   .entry_reference = "NTRY-1",
                                   .amount = 848'955}},
                      .source = SettleSource::reserve},
        SettleFail{
            .window = {1}, .participant = {1}, .asset = {1}, .bank_line_reference = "LINE-1"}};
    add_governance(out);
    add_evidence(out);
    return out;
}

Transaction sample_transaction(Operation operation) {
    Transaction out;
    out.participant = {1};
    out.client_key = sample_uuid(30);
    out.valid_until = {1'735'776'060'000};
    out.operations.push_back(std::move(operation));
    return out;
}

v1::Body sample_body(const Operation& operation) {
    v1::Body body;
    body.ParseFromString(wire::encode_body(sample_transaction(operation)));
    return body;
}

std::optional<LedgerError> refusal_of(const Bytes& body) {
    const auto decoded =
        wire::decode(wire::sign(body, sample_key("operate"), sample_chain), sample_chain);
    return decoded ? std::nullopt : std::optional(decoded.error());
}

std::optional<LedgerError> refusal_of(const v1::Body& body) {
    return refusal_of(body.SerializeAsString());
}

}  // namespace remit::test
