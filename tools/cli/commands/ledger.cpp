#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

using Stub = v1::LedgerService::Stub;

Status<Failure> run_totals(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto answer, call(*node.stub<v1::LedgerService>(), &Stub::GetTotals,
                                       v1::GetTotalsRequest{}, CallKind::read, node.name));
    Table table({"asset", ">sum of all accounts", ">tokens held", ">clearing"});
    for (const auto& total : answer.totals()) {
        const auto amount = [&](std::int64_t minor) {
            return session.network().amount(minor, total.asset_id());
        };
        table.row({total.currency(), amount(total.sum_minor()), amount(total.supply_minor()),
                   amount(total.clearing_minor())});
    }
    Table states({"remittances", ">count"});
    for (const auto& [state, count] : std::map<std::string, std::uint64_t>(
             answer.remittances_by_state().begin(), answer.remittances_by_state().end())) {
        states.row({state, std::to_string(count)});
    }
    context.out.text(table.text() + (states.empty() ? "" : "\n" + states.text()));
    context.out.message(answer);
    return {};
}

Status<Failure> run_positions(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto answer, call(*node.stub<v1::LedgerService>(), &Stub::ListPositions,
                                       v1::ListPositionsRequest{}, CallKind::read, node.name));
    Table table(
        {"participant", ">position", ">open", ">reserved", ">cap", ">cover", ">reserve", "flags"});
    for (const auto& position : answer.positions()) {
        const auto amount = [&](std::int64_t minor) {
            return session.network().amount(minor, position.asset_id());
        };
        table.row({session.network().member_name(position.participant_id()),
                   amount(position.position_minor()), amount(position.open_minor()),
                   amount(position.reserved_minor()), amount(position.cap_minor()),
                   amount(position.cover_minor()), amount(position.reserve_minor()),
                   std::string(position.over_cap() ? "OVER_CAP " : "") +
                       (position.shortfall() ? "SHORTFALL" : "")});
    }
    context.out.text(table.text());
    context.out.message(answer);
    return {};
}

Status<Failure> run_participants(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto answer, call(*node.stub<v1::LedgerService>(), &Stub::ListParticipants,
                                       v1::ListParticipantsRequest{}, CallKind::read, node.name));
    Table table({">id", "name", "roles", "status"});
    constexpr std::string_view prefix = "PARTICIPANT_STATUS_";
    for (const auto& participant : answer.participants()) {
        std::string roles;
        for (const auto& role : participant.roles()) {
            roles += (roles.empty() ? "" : ", ") + role;
        }
        auto status = v1::ParticipantStatus_Name(participant.status());
        status = status.starts_with(prefix) ? status.substr(prefix.size()) : status;
        table.row(
            {std::to_string(participant.participant_id()), participant.name(), roles, status});
    }
    Table assets({">id", "currency", "issuer"});
    for (const auto& asset : answer.assets()) {
        assets.row({std::to_string(asset.asset_id()), asset.currency(),
                    session.network().member_name(asset.issuer_id())});
    }
    context.out.text(table.text() + "\n" + assets.text());
    context.out.message(answer);
    return {};
}

/// `double_notarize` of EVIDENCE_KIND_DOUBLE_NOTARIZE.
std::string kind_name(v1::EvidenceKind kind) {
    constexpr std::string_view prefix = "EVIDENCE_KIND_";
    auto name = v1::EvidenceKind_Name(kind).substr(prefix.size());
    for (auto& letter : name) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return name;
}

Status<Failure> run_evidence(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto answer, call(*node.stub<v1::LedgerService>(), &Stub::ListEvidence,
                                       v1::ListEvidenceRequest{}, CallKind::read, node.name));
    Table table({"participant", "what its validator signed", ">epoch", ">view", ">height",
                 "reported by", "key"});
    for (const auto& evidence : answer.evidence()) {
        table.row({session.network().member_name(evidence.participant_id()),
                   kind_name(evidence.votes().kind()), std::to_string(evidence.votes().epoch()),
                   std::to_string(evidence.votes().view()), std::to_string(evidence.height()),
                   session.network().member_name(evidence.reporter_id()),
                   to_hex(evidence.votes().validator_key())});
    }
    context.out.text(answer.evidence().empty()
                         ? "no validator was proven to have signed contradicting votes\n"
                         : table.text());
    context.out.message(answer);
    return {};
}

}  // namespace

Noun ledger_noun() {
    return {"ledger",
            "the whole ledger at a glance",
            {{.verb = "totals",
              .summary = "per asset the sum of all accounts (always 0) and the tokens held",
              .options = {},
              .arguments = {},
              .examples = {"remit ledger totals"},
              .run = run_totals},
             {.verb = "positions",
              .summary = "what each participant owes or is owed, its cap, cover and reserve",
              .options = {},
              .arguments = {},
              .examples = {"remit ledger positions -o json"},
              .run = run_positions},
             {.verb = "participants",
              .summary = "who is registered, in which roles, and the assets",
              .options = {},
              .arguments = {},
              .examples = {"remit ledger participants"},
              .run = run_participants},
             {.verb = "evidence",
              .summary = "which validators were proven to have signed contradicting votes",
              .options = {},
              .arguments = {},
              .examples = {"remit ledger evidence"},
              .run = run_evidence}}};
}

}  // namespace remit::cli
