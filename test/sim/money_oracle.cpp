#include "test/sim/money_oracle.h"

#include "ledger/account.h"
#include "ledger/position.h"
#include "ledger/return.h"
#include "test/sim/oracle.h"

namespace remit::sim {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {

// The oracle knows the tables by their documented prefixes, not by the code under test.
constexpr char account_table = 0x10;
constexpr char position_table = 0x11;
constexpr char remittance_table = 0x20;
constexpr char return_table = 0x22;
constexpr char redemption_table = 0x24;

template <class T, class Visit>
void each_record(const test::MemoryKv& kv, char table, Visit visit) {
    const auto& records = kv.records();
    for (auto at = records.lower_bound(Bytes(1, table));
         at != records.end() && at->first[0] == table; ++at) {
        const auto record = decode<T>(at->second);
        if (!record) {
            throw Breach("M6", "record " + to_hex(at->first) + " cannot be read");
        }
        visit(*record);
    }
}

using Place = std::pair<ParticipantId, AssetId>;
std::string text_of(const Place& place) {
    return "participant " + std::to_string(place.first.value) + ", asset " +
           std::to_string(place.second.value);
}

struct Books {
    std::map<AssetId, Wide> total;
    std::map<AssetId, Wide> positions_and_clearing;
    std::map<Place, Minor> own;  // accounts without CLEARING
    std::map<Place, Minor> escrow;
    std::map<Place, Minor> settlement;
};

Books books_of(const test::MemoryKv& kv) {
    Books out;
    each_record<Account>(kv, account_table, [&](const Account& account) {
        const auto kind = account.id.kind;
        const Place place(account.id.participant, account.id.asset);
        if (kind != AccountKind::settlement && kind != AccountKind::clearing &&
            account.balance < 0) {
            throw Breach("M4", "an account of " + text_of(place) + " is below zero");
        }
        if (kind == AccountKind::clearing && account.balance > 0) {
            throw Breach("M4", "CLEARING above zero");
        }
        out.total[place.second] += account.balance;
        if (kind == AccountKind::clearing) {
            out.positions_and_clearing[place.second] += account.balance;
        } else {
            out.own[place] += account.balance;
        }
        if (kind == AccountKind::escrow) {
            out.escrow[place] += account.balance;
        }
        if (kind == AccountKind::settlement) {
            out.settlement[place] += account.balance;
        }
    });
    return out;
}

void judge_positions(const test::MemoryKv& kv, Books& books) {
    each_record<Position>(kv, position_table, [&](const Position& position) {
        const Place place(position.participant, position.asset);
        Minor net = position.open;
        for (const auto& due : position.due) {
            net += due.amount;
        }
        if (net != books.own[place]) {
            throw Breach("M14", "the position of " + text_of(place) + " is " + std::to_string(net) +
                                    ", its accounts hold " + std::to_string(books.own[place]));
        }
        if (position.reserved < 0 || position.locked > position.cover) {
            throw Breach("M14", "impossible figures of " + text_of(place));
        }
        if (position.holds_customers && !position.shortfall &&
            -books.settlement[place] > position.reserve) {
            throw Breach("M2", "tokens of " + text_of(place) + " exceed its reserve");
        }
        books.positions_and_clearing[place.second] += net;
    });
    for (const auto& [asset, sum] : books.positions_and_clearing) {
        if (sum != 0) {
            throw Breach("M15", "positions and CLEARING of asset " + std::to_string(asset.value) +
                                    " do not sum to zero");
        }
    }
}

}  // namespace

void MoneyOracle::on_block(const test::MemoryKv& kv, const node::ExecutedBlockRecord& block) {
    if (!heights_.insert(block.result.height).second) {
        return;
    }
    judge_receipts(block);
    judge_state(kv, block.result.height);
}

void MoneyOracle::judge_receipts(const node::ExecutedBlockRecord& block) {
    for (const auto& bytes : block.receipts) {
        const auto receipt = decode<Receipt>(bytes);
        if (!receipt) {
            throw Breach("M6", "a receipt cannot be read");
        }
        if (receipt->time.ms != block.time_ms) {
            throw Breach("M8", "a receipt has another time than its block");
        }
        if (receipt->ok()) {
            judge_receipt(*receipt);
        } else {
            judge_refusal(*receipt);
        }
    }
}

void MoneyOracle::judge_receipt(const Receipt& receipt) {
    const auto uetr = Uetr::from(receipt.reference);
    const auto asked = uetr ? asked_.find(*uetr) : asked_.end();
    if (asked == asked_.end()) {
        return;
    }
    if (receipt.verb == Verb::prepare) {
        for (const auto& quote : asked->second.quotes) {
            const auto used = nonces_.try_emplace({quote.maker, quote.nonce}, *uetr).first;
            if (used->second != *uetr) {
                throw Breach("M3", "one quote was taken by two remittances");
            }
            // M11: the customer's side of the rate, rounded down; both currencies have two
            // decimals.
            Wide whole = 1;
            for (std::uint32_t i = 0; i < quote.rate.scale; ++i) {
                whole *= 10;
            }
            const Wide exact = Wide{quote.source} * quote.rate.mantissa;
            const Wide given = Wide{quote.target} * whole;
            if (given > exact || exact - given >= whole) {
                throw Breach("M11", "a quote was taken that does not give what its rate says");
            }
            if (receipt.time >= quote.expires_at) {
                throw Breach("M8", "a quote was taken after its expiry");
            }
        }
    }
    if (receipt.verb == Verb::accept && receipt.time >= asked->second.expires_at) {
        throw Breach("M8", "a remittance was accepted after its expiry");
    }
    if (receipt.verb == Verb::accept || receipt.verb == Verb::reject) {
        const auto ended = ended_.try_emplace(*uetr, receipt.verb).first;
        if (ended->second != receipt.verb) {
            throw Breach("M5", "a remittance was accepted and rejected");
        }
    }
}

/// M3 the other way: who is told that his quote is used finds it used by somebody.
void MoneyOracle::judge_refusal(const Receipt& receipt) const {
    const auto uetr = Uetr::from(receipt.reference);
    const auto asked = uetr ? asked_.find(*uetr) : asked_.end();
    if (asked == asked_.end() || receipt.verb != Verb::prepare ||
        receipt.code != static_cast<std::uint16_t>(LedgerError::quote_used)) {
        return;
    }
    for (const auto& quote : asked->second.quotes) {
        if (nonces_.contains({quote.maker, quote.nonce})) {
            return;
        }
    }
    throw Breach("M3", "a quote counts as used that no remittance took");
}

/// M2, M3: an operator has issued no more tokens than cash came to it, each sum counted once.
/// Makers issue against what they owe.
void MoneyOracle::judge_supply(const std::map<Place, Minor>& settlement) const {
    std::map<Place, Wide> came;
    for (const auto& [reference, each] : cash_) {
        came[{each.first, each.second.asset}] += each.second.minor;
    }
    for (const auto& [place, balance] : settlement) {
        const auto known = came.find(place);
        if (known != came.end() && -Wide{balance} > known->second) {
            throw Breach("M2", "more tokens of " + text_of(place) + " than cash came in");
        }
    }
}

/// M10: what has gone back, or is about to, is no more than what came.
void MoneyOracle::judge_returns(const std::map<Uetr, Both>& given_back) const {
    for (const auto& [uetr, sum] : given_back) {
        const auto original = asked_.find(uetr);
        if (original != asked_.end() &&
            (sum.first > original->second.source || sum.second > original->second.target)) {
            throw Breach("M10", "more of remittance " + uetr.hex() + " goes back than came");
        }
    }
}

void MoneyOracle::judge_state(const test::MemoryKv& kv, std::uint64_t height) {
    auto books = books_of(kv);
    for (const auto& [asset, sum] : books.total) {
        if (sum != 0) {
            throw Breach("M1", "accounts of asset " + std::to_string(asset.value) +
                                   " do not sum to zero at height " + std::to_string(height));
        }
    }
    judge_supply(books.settlement);
    judge_positions(kv, books);
    by_state_.clear();
    std::map<Place, Minor> held;
    each_record<Remittance>(kv, remittance_table, [&](const Remittance& remittance) {
        ++by_state_[remittance.state];
        if (remittance.state == RemittanceState::prepared) {
            Minor total = remittance.source.minor;
            for (const auto& fee : remittance.fees) {
                total += fee.amount;
            }
            held[{remittance.payer_operator, remittance.source.asset}] += total;
        }
    });
    std::map<Uetr, Both> given_back;
    each_record<Return>(kv, return_table, [&](const Return& movement) {
        if (movement.state != ReturnState::expired) {
            given_back[movement.uetr].first += movement.source;
            given_back[movement.uetr].second += movement.target;
        }
        if (movement.state == ReturnState::pending) {
            const auto original = asked_.find(movement.uetr);
            if (original != asked_.end()) {
                held[{original->second.payee_operator, original->second.target_asset}] +=
                    movement.target;
            }
        }
    });
    each_record<Redemption>(kv, redemption_table, [&](const Redemption& redemption) {
        if (redemption.state == RedemptionState::locked) {
            held[{redemption.owner, redemption.account.asset}] += redemption.amount;
        }
    });
    judge_returns(given_back);
    for (auto& [place, amount] : books.escrow) {
        if (amount != held[place]) {
            throw Breach("M12", "ESCROW of " + text_of(place) + " holds " + std::to_string(amount) +
                                    ", live movements " + std::to_string(held[place]));
        }
    }
}

}  // namespace remit::sim
