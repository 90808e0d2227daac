#include "tools/cli/remittance_text.h"

#include <algorithm>

#include "tools/cli/ids.h"
#include "tools/cli/rate_text.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

std::string signer(const devnet::Network& network, const v1::TimelineStep& step) {
    return step.participant_id() == 0
               ? "the ledger"
               : network.member_name(step.participant_id()) + " " + short_hex(step.key_id());
}

}  // namespace

bool is_final(std::string_view state) {
    constexpr std::string_view last[] = {"CREDITED", "REJECTED", "EXPIRED",
                                         "REFUSED",  "RETURNED", "PARTLY_RETURNED"};
    return std::find(std::begin(last), std::end(last), state) != std::end(last);
}

std::string step_text(const devnet::Network& network, const v1::TimelineStep& step) {
    constexpr std::size_t state_width = 14;
    constexpr std::size_t verb_width = 14;
    auto state = step.state();
    auto verb = step.verb();
    state.resize(std::max(state.size(), state_width), ' ');
    verb.resize(std::max(verb.size(), verb_width), ' ');
    return state + "  " + verb + "  " + time_text(step.time_ms()) + "  block " +
           std::to_string(step.height()) + "  " + signer(network, step) + "\n";
}

std::string remittance_text(const devnet::Network& network, const v1::Remittance& remittance) {
    std::string fees;
    for (const auto& fee : remittance.fees()) {
        fees += (fees.empty() ? "" : ", ") +
                network.amount(fee.amount_minor(), remittance.source_asset_id()) + " to " +
                network.member_name(fee.participant_id());
    }
    std::string makers;
    for (const auto maker : remittance.maker_ids()) {
        makers += (makers.empty() ? "" : ", ") + network.member_name(maker);
    }
    const auto returned = remittance.returned_source_minor();
    auto text = properties(
        {{"remittance", uuid_text(remittance.uetr()) + "   " + remittance.state()},
         {"from", network.member_name(remittance.payer_operator_id()) + " " +
                      to_hex(remittance.payer_tag())},
         {"to", network.member_name(remittance.payee_operator_id()) + " " +
                    to_hex(remittance.payee_tag())},
         {"paid", network.amount(remittance.source_minor(), remittance.source_asset_id())},
         {"arrives", network.amount(remittance.target_minor(), remittance.target_asset_id())},
         {"rate", remittance.has_rate() && remittance.rate().mantissa() != 0
                      ? rate_text(remittance.rate())
                      : ""},
         {"maker", makers},
         {"fees", fees},
         {"returned", returned == 0 ? "" : network.amount(returned, remittance.source_asset_id())},
         {"reason", remittance.reason()},
         {"reference", remittance.end_to_end_id()},
         {"expires", time_text(remittance.expires_at_ms())},
         {"window", remittance.window_id() == 0 ? "" : std::to_string(remittance.window_id())}});
    Table timeline({"state", "verb", "iso", "time", ">block", "signer"});
    for (const auto& step : remittance.timeline()) {
        timeline.row({step.state(), step.verb(), step.iso_status(), time_text(step.time_ms()),
                      std::to_string(step.height()), signer(network, step)});
    }
    return text + "\n" + timeline.text();
}

std::string remittances_text(const devnet::Network& network,
                             const v1::ListRemittancesResponse& list) {
    Table table({"remittance", "state", "from", "to", ">paid", ">arrives", ">window"});
    for (const auto& remittance : list.remittances()) {
        table.row({uuid_text(remittance.uetr()), remittance.state(),
                   network.member_name(remittance.payer_operator_id()),
                   network.member_name(remittance.payee_operator_id()),
                   network.amount(remittance.source_minor(), remittance.source_asset_id()),
                   network.amount(remittance.target_minor(), remittance.target_asset_id()),
                   remittance.window_id() == 0 ? "-" : std::to_string(remittance.window_id())});
    }
    return table.text();
}

}  // namespace remit::cli
