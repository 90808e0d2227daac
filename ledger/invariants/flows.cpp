#include "ledger/invariants/flows.h"

namespace remit::ledger {

std::vector<Flow> flows_of(const Remittance& remittance) {
    std::vector<Flow> out;
    ParticipantId holder = remittance.payer_operator;
    for (const Exchange& exchange : remittance.exchanges) {
        out.push_back({.from = holder, .to = exchange.maker, .money = exchange.source});
        holder = exchange.maker;
    }
    out.push_back({.from = holder, .to = remittance.payee_operator, .money = remittance.target});
    for (const Fee& fee : remittance.fees) {
        out.push_back({.from = remittance.payer_operator,
                       .to = fee.participant,
                       .money = {remittance.source.asset, fee.amount}});
    }
    return out;
}

std::vector<Flow> flows_of(const Return& movement, const Remittance& remittance) {
    std::vector<Flow> out;
    ParticipantId holder = remittance.payee_operator;
    for (auto exchange = movement.exchanges.rbegin(); exchange != movement.exchanges.rend();
         ++exchange) {
        out.push_back({.from = holder, .to = exchange->maker, .money = exchange->target});
        holder = exchange->maker;
    }
    out.push_back({.from = holder,
                   .to = remittance.payer_operator,
                   .money = {remittance.source.asset, movement.source}});
    return out;
}

bool is_committed(const Remittance& remittance) {
    switch (remittance.state) {
        case RemittanceState::committed:
        case RemittanceState::credited:
        case RemittanceState::credit_failed:
        case RemittanceState::return_pending:
        case RemittanceState::returned:
        case RemittanceState::partly_returned:
            return true;
        case RemittanceState::none:
        case RemittanceState::prepared:
        case RemittanceState::refused:
        case RemittanceState::rejected:
        case RemittanceState::expired:
        case RemittanceState::held:
        case RemittanceState::blocked:
            return false;
    }
    return false;
}

bool is_live(const Remittance& remittance) {
    return remittance.state == RemittanceState::prepared ||
           remittance.state == RemittanceState::held;
}

bool holds_escrow(const Remittance& remittance) {
    return is_live(remittance) || remittance.state == RemittanceState::blocked;
}

void add_open(Sums& sums, const std::vector<Flow>& flows, int sign) {
    for (const Flow& flow : flows) {
        if (flow.from != flow.to) {
            sums[{flow.from, flow.money.asset}] -= Wide{flow.money.minor} * sign;
            sums[{flow.to, flow.money.asset}] += Wide{flow.money.minor} * sign;
        }
    }
}

void add_reserved(Sums& sums, const std::vector<Flow>& flows, int sign) {
    for (const Flow& flow : flows) {
        if (flow.from != flow.to) {
            sums[{flow.from, flow.money.asset}] += Wide{flow.money.minor} * sign;
        }
    }
}

std::optional<Place> first_difference(const Sums& left, const Sums& right) {
    for (const auto& [place, sum] : left) {
        if (sum != at(right, place)) {
            return place;
        }
    }
    for (const auto& [place, sum] : right) {
        if (sum != at(left, place)) {
            return place;
        }
    }
    return std::nullopt;
}

Wide at(const Sums& sums, Place place) {
    const auto found = sums.find(place);
    return found != sums.end() ? found->second : 0;
}

std::string to_text(Wide value) {
    if (value == 0) {
        return "0";
    }
    const bool negative = value < 0;
    std::string out;
    for (Wide rest = negative ? -value : value; rest > 0; rest /= 10) {
        out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    return negative ? "-" + out : out;
}

}  // namespace remit::ledger
