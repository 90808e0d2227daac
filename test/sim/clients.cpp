#include "test/sim/clients.h"

#include "ledger/state_access.h"
#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/envelope.h"
#include "test/sim/oracle.h"
#include "test/support/ledger/words.h"

namespace remit::sim {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {
constexpr std::int64_t wait_ms = 1500;
constexpr std::int64_t silence_ms = 4000;  // then the node is taken for dead
constexpr std::int64_t retry_ms = 300;
constexpr std::int64_t validity_ms = 3'600'000;
constexpr std::size_t wallets_each = 6;
constexpr Minor funding = 10'000'000;
constexpr std::uint64_t also_elsewhere = 150'000;  // per million: the same item to a second node
constexpr std::uint64_t quote_again = 120'000;
const Rate hkd_php{74735, 4};
const Rate php_hkd{1338, 4};
/// Fates of a remittance, drawn of ten.
constexpr int accepted_until = 5, failed = 6, rejected = 7, left_alone = 8;
}  // namespace

Clients::Clients(SharedWorld world, std::vector<std::unique_ptr<SimulatedNode>>& nodes,
                 const ChainId& chain_id)
    : world_(world),
      nodes_(nodes),
      chain_id_(chain_id),
      random_(world.seed, "clients"),
      a_{"A", ParticipantId{1}, test::hkd, {}},
      g_{"G", ParticipantId{2}, test::php, {}} {
    for (auto* side : {&a_, &g_}) {
        for (std::size_t i = 0; i < wallets_each; ++i) {
            side->wallets.push_back(random_.draw<CustomerTag>());
        }
    }
}

std::int64_t Clients::wall_ms() const {
    return world_.wall_start_ms + world_.scheduler.now_ms();
}

SimulatedNode* Clients::any_node(bool honest) {
    const auto first = random_.below(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto& node = *nodes_[(first + i) % nodes_.size()];
        if (node.up() && (node.honest() || !honest)) {
            return &node;
        }
    }
    return nullptr;
}

void Clients::request(const Signer& signer, std::vector<Operation> operations, Done done) {
    Transaction transaction;
    transaction.participant = ParticipantId{signer.name == "A" ? 1U : signer.name == "G" ? 2U : 3U};
    transaction.client_key = random_.draw<ClientKey>();
    transaction.valid_until = BlockTime{wall_ms() + validity_ms};
    transaction.operations = std::move(operations);
    const auto key = test::Network::key(signer.name, signer.purpose);
    const auto body = wire::sign_transaction(transaction, key, chain_id_);
    auto out = std::make_shared<Request>();
    out->item = wire::item_of(body);
    out->id = transaction_id(chain_id_, body.body);
    out->what = std::string(ledger::name_of(verb_of(transaction.operations.front())));
    out->done = std::move(done);
    open_[out->id] = out->what;
    ++open_requests_;
    attempt(out);
}

void Clients::attempt(const std::shared_ptr<Request>& request) {
    if (request->answered) {
        return;
    }
    const auto hear = [this, request](const node::SubmitAnswer& heard) {
        // Not inside the node's turn: a client is another process.
        world_.scheduler.after(1, [this, request, heard] { answer(request, heard); });
    };
    auto* node = any_node(false);
    if (node != nullptr && !node->honest()) {
        // Its word is worth nothing: what it hears is ordered or not, and another is asked as well.
        node->submit(request->item, wait_ms, [](const node::SubmitAnswer&) {});
        node = any_node(true);
    }
    if (node != nullptr) {
        node->submit(request->item, wait_ms, hear);
    }
    if (world_.rare.maybe("asked_of_all")) {
        for (auto& each : nodes_) {
            if (each->honest()) {
                each->submit(request->item, wait_ms, hear);
            }
        }
    }
    if (random_.chance(also_elsewhere)) {
        if (auto* second = any_node(true); second != nullptr && second != node) {
            second->submit(request->item, wait_ms, hear);
        }
    }
    world_.scheduler.after(silence_ms, [this, request] { attempt(request); });
}

void Clients::answer(const std::shared_ptr<Request>& request, const node::SubmitAnswer& heard) {
    using Outcome = node::SubmitAnswer::Outcome;
    if (heard.outcome == Outcome::refused) {
        throw Breach("M9", request->what + " of an honest client was refused unordered: " +
                               std::string(ledger::name_of(*heard.error)));
    }
    if (heard.outcome != Outcome::final) {
        // Who keeps no receipts so old says so at once: another one keeps everything.
        const bool elsewhere =
            heard.outcome == Outcome::exhausted || heard.outcome == Outcome::pruned;
        if (!request->answered && elsewhere) {
            world_.scheduler.after(retry_ms, [this, request] { attempt(request); });
        }
        return;
    }
    if (!heard.receipts) {
        throw Breach("C13", request->what + " is final without receipts");
    }
    const auto& receipts = heard.receipts->receipts;
    if (final_.try_emplace(request->id, receipts).first->second != receipts) {
        throw Breach("M9", request->what + " has two different final answers");
    }
    if (request->answered) {
        return;
    }
    if (world_.rare.maybe("answer_lost")) {
        return;  // asked again after a while, and the answer must be the same
    }
    request->answered = true;
    open_.erase(request->id);
    --open_requests_;
    request->done(receipts);
}

void Clients::begin(std::uint64_t count) {
    to_send_ = count;
    waiting_to_start_ = 3;
    govern_alone();
    open_wallets(a_);
    open_wallets(g_);
    publish_marks();
    world_.scheduler.after(1000, [this] { settle(); });
}

void Clients::open_wallets(Side& side) {
    std::vector<Operation> opening;
    std::vector<Operation> money;
    for (const auto& tag : side.wallets) {
        opening.emplace_back(OpenAccount{.asset = side.asset, .tag = tag});
        money.emplace_back(FundWallet{.asset = side.asset,
                                      .tag = tag,
                                      .amount = funding,
                                      .fiat_reference = "FUND-" + tag.hex()});
    }
    const auto must = [](const Receipts& receipts) {
        for (const auto& receipt : receipts) {
            if (!receipt.ok()) {
                throw Breach("M6", "set-up refused: code " + std::to_string(receipt.code));
            }
        }
    };
    request({side.name}, opening, [this, must, money, &side](const Receipts& opened) {
        must(opened);
        for (const auto& each : money) {
            const auto& deposit = std::get<FundWallet>(each);
            world_.money.expect_cash(deposit.fiat_reference, side.id,
                                     {deposit.asset, deposit.amount});
        }
        request({side.name}, money, [this, must, money, &side](const Receipts& funded) {
            must(funded);
            fund_again(side, money);
            if (--waiting_to_start_ == 0) {
                remit();
            }
        });
    });
}

void Clients::publish_marks() {
    std::vector<Operation> marks;
    for (const auto& [source, target, rate] :
         {std::tuple(test::hkd, test::php, hkd_php), std::tuple(test::php, test::hkd, php_hkd)}) {
        BankMark mark;
        mark.mark_id = 1;
        mark.source = source;
        mark.target = target;
        mark.bid = rate;
        mark.ask = rate;
        mark.valid_from = world_.chain.genesis.time;
        mark.valid_to = BlockTime{mark.valid_from.ms + test::day_ms};
        marks.emplace_back(mark);
    }
    request({"bank", KeyPurpose::bank}, marks, [this](const Receipts& receipts) {
        for (const auto& receipt : receipts) {
            if (!receipt.ok()) {
                throw Breach("M6", "mark refused: code " + std::to_string(receipt.code));
            }
        }
        if (--waiting_to_start_ == 0) {
            remit();
        }
    });
}

void Clients::remit() {
    if (to_send_ == 0) {
        return;
    }
    --to_send_;
    send_one();
    const auto gap =
        world_.profile.safety_ms / static_cast<std::int64_t>(world_.profile.remittances + 1);
    world_.scheduler.after(random_.between(gap / 4, gap), [this] { remit(); });
}

Quote Clients::quote(const Side& payer, const Side& payee, Minor source) {
    Quote out;
    out.quote_id = uuid_v4_from(random_.draw<Uuid>());
    out.maker = ParticipantId{5};
    out.requester = payer.id;
    out.source_asset = payer.asset;
    out.target_asset = payee.asset;
    out.fixed = FixedSide::send;
    out.source = source;
    out.rate = payer.asset == test::hkd ? hkd_php : php_hkd;
    const auto target = target_of(source, out.rate, {2, 2});
    out.target = target ? *target : 0;
    out.mark_id = 1;
    out.return_days = 1;
    out.issued_at = BlockTime{wall_ms() - 500};
    out.expires_at = BlockTime{wall_ms() + 50'000};
    out.nonce = ++nonce_;
    sign_quote(out, chain_id_, test::Network::key("M1", KeyPurpose::quote));
    return out;
}

void Clients::send_one() {
    ++running_;
    const bool outward = random_.chance(500'000);
    const Side& payer = outward ? a_ : g_;
    const Side& payee = outward ? g_ : a_;
    Prepare out;
    out.uetr = uuid_v4_from(random_.draw<Uuid>());
    out.end_to_end_id = "E2E-" + std::to_string(running_);
    out.source_asset = payer.asset;
    out.payer_tag = payer.wallets[random_.below(wallets_each)];
    out.payee_operator = payee.id;
    out.target_asset = payee.asset;
    out.payee_tag = payee.wallets[random_.below(wallets_each)];
    auto quoted = quote(payer, payee, random_.between(1000, 200'000));
    // Somebody tries to have a good rate twice.
    if (random_.chance(quote_again) && !used_quotes_.empty()) {
        const auto& old = used_quotes_[random_.below(used_quotes_.size())];
        if (old.requester == payer.id) {
            quoted = old;
        }
    }
    used_quotes_.push_back(quoted);
    out.source = quoted.source;
    out.target = quoted.target;
    out.quotes = {quoted};
    out.purpose = "CASH";
    out.travel_commit = test::hash_of("travel data");
    out.screening.list_hash = test::hash_of("list of the day");
    out.expires_at = BlockTime{wall_ms() + world_.profile.escrow_ms};
    prepare(std::move(out), payer, payee, static_cast<int>(random_.below(10)));
}

void Clients::prepare(Prepare prepare, const Side& payer, const Side& payee, int fate) {
    world_.money.expect(prepare);
    request({payer.name}, {Operation(prepare)},
            [this, prepare, &payer, &payee, fate](const Receipts& receipts) {
                if (!receipts.front().ok()) {
                    if (receipts.front().code ==
                        static_cast<std::uint16_t>(LedgerError::settlement_pending)) {
                        ++put_off_;
                    }
                    finish();
                    return;
                }
                if (fate == left_alone) {
                    redeem(payer);  // while its ESCROW holds other money
                }
                // Some wait so long that the money has gone home.
                const auto wait =
                    fate > left_alone ? world_.profile.escrow_ms : random_.between(0, 300);
                world_.scheduler.after(wait, [this, prepare, &payer, &payee, fate] {
                    decide(prepare, payer, payee, fate);
                });
            });
}

void Clients::decide(const Prepare& prepare, const Side& payer, const Side& payee, int fate) {
    if (fate == left_alone) {
        finish();
        return;
    }
    if (fate == rejected) {
        request({payee.name}, {Operation(Reject{prepare.uetr, "AC04"})},
                [this](const Receipts&) { finish(); });
        return;
    }
    Accept accept;
    accept.uetr = prepare.uetr;
    accept.screening = prepare.screening;
    request({payee.name}, {Operation(accept)},
            [this, prepare, &payer, &payee, fate](const Receipts& receipts) {
                if (receipts.front().ok()) {
                    ++accepted_;
                    credit(prepare, payer, payee, fate);
                } else {
                    finish();
                }
            });
}

void Clients::credit(const Prepare& prepare, const Side& payer, const Side& payee, int fate) {
    Operation operation = ConfirmCredit{prepare.uetr, "CREDIT-" + prepare.uetr.hex(), fate == 0};
    if (fate > accepted_until && fate <= failed) {
        operation = FailCredit{prepare.uetr, "AC04"};
    }
    request({payee.name}, {operation},
            [this, prepare, &payer, &payee, fate](const Receipts& receipts) {
                if (fate < failed && receipts.front().ok()) {
                    credited_ = prepare;
                }
                if (fate == failed && receipts.front().ok()) {
                    give_back(prepare, payer, payee);
                } else {
                    finish();
                }
            });
}

void Clients::give_back(const Prepare& prepare, const Side& payer, const Side& payee) {
    ReturnPrepare operation;
    operation.return_id = uuid_v4_from(random_.draw<Uuid>());
    operation.uetr = prepare.uetr;
    operation.source = prepare.source;
    operation.target = prepare.target;
    operation.mode = ReturnMode::same_rate;
    operation.reason = "AC04";
    operation.expires_at = BlockTime{wall_ms() + world_.profile.escrow_ms};
    request({payee.name}, {Operation(operation)},
            [this, operation, &payer](const Receipts& receipts) {
                if (!receipts.front().ok()) {
                    finish();
                    return;
                }
                request({payer.name}, {Operation(ReturnAccept{operation.return_id})},
                        [this](const Receipts&) { finish(); });
            });
}

void Clients::finish() {
    --running_;
    ++finished_;
}

/// The clearing bank's settlement desk: pays in and out the legs of the oldest open window.
void Clients::settle() {
    world_.scheduler.after(700, [this] { settle(); });
    auto* node = any_node(true);
    if (settling_ || node == nullptr) {
        return;
    }
    const auto snapshot = node->reads().latest();
    const StateReader state(*snapshot->view);
    const auto windows = state.windows();
    if (windows.unsettled.empty()) {
        return;
    }
    const auto window = windows.unsettled.front();
    std::optional<SettleConfirm> next;
    scan(*snapshot->view, keys::legs_of(window.value), [&](ByteView, ByteView value) {
        const auto leg = decode<Leg>(value);
        const auto due = leg ? state.position(leg->participant, leg->asset).due_of(window) : 0;
        if (due == 0 || (next && due > 0)) {
            return true;
        }
        SettleConfirm confirm;
        confirm.window = window;
        confirm.participant = leg->participant;
        confirm.asset = leg->asset;
        const auto maker = leg->participant.value > 2;
        confirm.source = due < 0 || maker ? SettleSource::own : SettleSource::reserve;
        confirm.entries.push_back({"CLEARING", "2025-01-02",
                                   "W" + std::to_string(window.value) + "-" +
                                       std::to_string(leg->participant.value) + "-" +
                                       std::to_string(leg->asset.value),
                                   due < 0 ? -due : due});
        if (!maker) {
            world_.money.expect_cash(confirm.entries.front().entry_reference, confirm.participant,
                                     {confirm.asset, due < 0 ? -due : due});
        }
        next = confirm;
        return due > 0;  // a pay-in goes first: nobody is paid before who owes has paid
    });
    if (next) {
        settling_ = true;
        request({"bank", KeyPurpose::bank}, {Operation(*next)},
                [this](const Receipts&) { settling_ = false; });
    }
}

std::string Clients::stuck() const {
    std::string out = std::to_string(running_) + " remittances under way";
    for (const auto& [id, what] : open_) {
        out += ", " + what + " " + id.hex().substr(0, 8);
    }
    return out;
}

}  // namespace remit::sim
