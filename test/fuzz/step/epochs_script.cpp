#include "test/fuzz/step/epochs_script.h"

#include <algorithm>
#include <cstdio>

#include "test/fuzz/require.h"

namespace remit::fuzz {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {

/// Tight, so that short inputs reach the limits.
Params tight_params() {
    Params out;
    out.delta_ms_min = 10;
    out.delta_ms_max = 40;
    out.resend_ms = 100;
    out.skip_window_ms = 200;
    out.expiry_window = 12;
    out.lag_max = 3;
    out.author_window = 4;
    return out;
}

}  // namespace

/// Four or five of the five, each set a change or two away from the one before.
test::Epochs EpochsScript::draw_epochs(Input& input) {
    test::Epochs out;
    out.length = 2 + input.below(4);
    out.nodes = nodes;
    std::vector<test::Seat> seats = {{0}, {1}, {2}, {3}};
    constexpr Epoch changing = 5;
    for (Epoch epoch = 2; epoch < 2 + changing; ++epoch) {
        const auto choice = input.u8();
        const auto at = choice / 8U % seats.size();
        switch (choice % 8) {
            case 0:
            case 1:  // the one that is outside comes in
                for (Node node = 0; seats.size() < nodes && node < nodes; ++node) {
                    if (std::none_of(seats.begin(), seats.end(),
                                     [node](const auto& seat) { return seat.node == node; })) {
                        seats.push_back({node});
                    }
                }
                break;
            case 2:
            case 3:
                if (seats.size() == nodes) {
                    seats.erase(seats.begin() + static_cast<std::ptrdiff_t>(at));
                }
                break;
            case 4:
                seats[at].key = 1;
                break;
            case 5:
                out.demoted[epoch] = {static_cast<ValidatorIndex>(at)};
                break;
            default:
                break;
        }
        out.sets[epoch] = seats;
    }
    return out;
}

EpochsScript::EpochsScript(Input input)
    : input_(input),
      fault_(static_cast<Fault>(input_.below(3))),
      faulty_(any_node()),
      network_(4, tight_params(), draw_epochs(input_)) {
    network_.filter = [this](Node from, Node to, const Message& message) {
        constexpr std::size_t remembered = 256;
        sent_.push_back({from, to, message});
        if (sent_.size() > remembered) {
            sent_.pop_front();
        }
        if (dropping_ > 0) {
            --dropping_;
            return false;
        }
        return !cut_.contains({from, to});
    };
}

void EpochsScript::run() {
    for (int event = 0; event < events_max && !input_.empty(); ++event) {
        one_event();
        judge();
    }
    heal();
}

const EpochsScript::Sent* EpochsScript::recent() {
    const auto back = input_.u8();
    return sent_.empty() ? nullptr : &sent_[sent_.size() - 1 - back % sent_.size()];
}

void EpochsScript::one_event() {
    switch (input_.below(16)) {
        case 0:
        case 1:
        case 2:
            network_.run_for(1 + input_.u8());
            break;
        case 3:
        case 4:
        case 5:
            network_.submit(any_node(), "item " + std::to_string(items_++));
            network_.run_for(static_cast<std::int64_t>(input_.below(32)));
            break;
        case 6:
            crash_or_restart(any_node());
            break;
        case 7: {
            const auto from = any_node();
            cut_.insert({from, any_node()});
            break;
        }
        case 8: {  // one hears nobody, or nobody hears it
            const auto lonely = any_node();
            const bool deaf = input_.flag();
            for (Node other = 0; other < nodes; ++other) {
                cut_.insert(deaf ? std::pair(other, lonely) : std::pair(lonely, other));
            }
            break;
        }
        case 9:
            cut_.clear();
            break;
        case 10:
        case 11:
            come_again();
            break;
        case 12:
            dropping_ = input_.below(64);
            break;
        case 13:
            network_.set_wake(network_.wall_ms() + input_.u8());
            break;
        default:
            fault_ == Fault::liar ? lie() : crash_or_restart(faulty_);
            break;
    }
}

/// Who forgets comes back without its journal, each second time.
void EpochsScript::crash_or_restart(Node node) {
    if (network_.node(node).engine) {
        network_.crash(node);
        return;
    }
    if (fault_ == Fault::forgetful && node == faulty_ && input_.flag()) {
        network_.lose_journal(node);
    }
    network_.restart(node);
}

/// Late, or twice: the network may do that to anybody's messages.
void EpochsScript::come_again() {
    const auto* sent = recent();
    if (sent != nullptr && network_.node(sent->to).engine) {
        const auto copy = *sent;
        network_.inject(copy.from, copy.to, copy.message);
    }
}

void EpochsScript::say_to_all(const Message& message) {
    const auto audience = input_.u8();
    for (Node to = 0; to < nodes; ++to) {
        if (to != faulty_ && ((audience >> to) & 1U) == 0 && network_.node(to).engine) {
            network_.inject(faulty_, to, message);
        }
    }
}

void EpochsScript::lie() {
    switch (input_.below(4)) {
        case 0:
            lie_a_vote();
            break;
        case 1:
            lie_a_proposal();
            break;
        case 2:
            lie_a_hand_over();
            break;
        default:
            lie_bytes();
            break;
    }
}

/// For anything that somebody has proposed, near where the others are, in this epoch or the one
/// before or behind.
void EpochsScript::lie_a_vote() {
    const auto& chain = network_.chain();
    Epoch epoch = 1;
    View view = 1;
    for (Node node = 0; node < nodes; ++node) {
        if (network_.node(node).engine) {
            const auto metrics = network_.node(node).engine->metrics();
            if (std::pair(metrics.epoch, metrics.view) > std::pair(epoch, view)) {
                epoch = metrics.epoch;
                view = metrics.view;
            }
        }
    }
    const auto where = input_.u8();
    epoch += where % 3;
    epoch -= epoch > 1 ? 1 : 0;
    view += where / 3 % 4;
    view -= view > 2 ? 2 : 0;
    const auto index = chain.index_of(faulty_, epoch);
    if (!index) {
        return;
    }
    Vote vote{.kind = static_cast<VoteKind>(1 + where / 12 % 3),
              .epoch = epoch,
              .view = view,
              .digest = {},
              .signer = *index,
              .signature = {}};
    if (vote.kind != VoteKind::nullify) {
        const auto* sent = recent();
        const auto* proposal = sent == nullptr ? nullptr : std::get_if<Proposal>(&sent->message);
        vote.digest = proposal != nullptr ? proposal->header.digest()
                                          : hash(domain::header, std::to_string(where));
    }
    vote.signature =
        chain.signer(chain.seats(epoch)[*index])
            .sign(vote_bytes(chain.chain_id, chain.set_of(epoch), vote.kind, view, vote.digest));
    say_to_all(vote);
}

/// A second block for a view that it leads, of another time or without payload.
void EpochsScript::lie_a_proposal() {
    const auto& chain = network_.chain();
    const auto found = std::find_if(sent_.rbegin(), sent_.rend(), [this](const Sent& each) {
        return each.from == faulty_ && std::holds_alternative<Proposal>(each.message);
    });
    if (found == sent_.rend()) {
        return;
    }
    auto proposal = std::get<Proposal>(found->message);
    auto& header = proposal.header;
    const auto index = chain.index_of(faulty_, header.epoch);
    if (!index) {
        return;
    }
    const auto how = input_.u8();
    header.time_ms += 1 + how % 4;
    if (how / 4 % 2 == 1) {
        header.batches.clear();
    }
    if (how / 8 % 2 == 1) {
        header.flags = static_cast<std::uint8_t>(how / 16 % 3);
    }
    proposal.leader_signature =
        chain.signer(chain.seats(header.epoch)[*index])
            .sign(vote_bytes(chain.chain_id, chain.set_of(header.epoch), VoteKind::notarize,
                             header.view, header.digest()));
    say_to_all(proposal);
}

/// A way into an epoch that it knows, with another set, end or root than the old set has signed.
void EpochsScript::lie_a_hand_over() {
    const auto& known = network_.node(faulty_).disk.hand_overs;
    if (known.empty()) {
        return;
    }
    const auto how = input_.u8();
    auto way =
        std::next(known.begin(), static_cast<std::ptrdiff_t>(how / 4U % known.size()))->second;
    auto validators = way.next.set.validators();
    switch (how % 4) {
        case 0:
            way.next.end_height += 1;
            break;
        case 1:
            validators.pop_back();
            way.next.set = ValidatorSet(way.epoch(), std::move(validators));
            break;
        case 2:
            way.headers.front().time_ms += 1;
            break;
        default:
            way.finalization.view += 1;
            break;
    }
    say_to_all(way);
}

/// Something that anybody sent, a byte of it changed, said in its own name.
void EpochsScript::lie_bytes() {
    const auto* sent = recent();
    if (sent == nullptr) {
        return;
    }
    auto bytes = encode_message(sent->message);
    const auto at = input_.u16() % bytes.size();
    bytes[at] = static_cast<char>(static_cast<std::uint8_t>(bytes[at]) ^ input_.u8());
    if (const auto message = decode_message(bytes)) {
        say_to_all(*message);
    }
}

/// Everybody is started anew and hears everybody: an item of each must be executed by all.
void EpochsScript::heal() {
    cut_.clear();
    dropping_ = 0;
    for (Node node = 0; node < nodes; ++node) {
        if (!network_.node(node).engine) {
            network_.restart(node);
        }
    }
    std::set<Bytes> missing;
    for (Node node = 0; node < nodes; ++node) {
        missing.insert("the last item of node " + std::to_string(node));
    }
    // As a client does: what was refused is asked again, of another one.
    constexpr std::size_t rounds = 60;
    for (std::size_t round = 0; round < rounds && !missing.empty(); ++round) {
        auto node = round;
        for (const auto& item : missing) {
            network_.submit(static_cast<Node>(node++ % nodes), item);
        }
        network_.run_for(1000);
        std::erase_if(missing, [this](const auto& item) { return network_.all_executed(item); });
    }
    judge();
    for (Node node = 0; node < nodes && !missing.empty(); ++node) {
        const auto metrics = network_.node(node).engine->metrics();
        std::fprintf(
            stderr, "node %u: epoch %llu, view %llu, finalised %llu, executed %llu, %s, %s\n",
            unsigned{node}, static_cast<unsigned long long>(metrics.epoch),
            static_cast<unsigned long long>(metrics.view),
            static_cast<unsigned long long>(metrics.finalised_height),
            static_cast<unsigned long long>(network_.executed(node)),
            metrics.member ? "member" : "no member", metrics.voting ? "voting" : "not voting");
    }
    require(missing.empty(), "what everybody is asked on a healed network is executed everywhere");
}

void EpochsScript::judge() {
    for (const auto& fault : network_.faults()) {
        require(false, fault);
    }
    const auto& chain = network_.chain();
    for (Node node = 0; node < nodes; ++node) {
        const auto& here = network_.node(node);
        require(!here.divergence, "nobody diverges");
        require(!here.unsupported, "nobody meets a version that it does not know");
        for (const auto& [epoch, way] : here.disk.hand_overs) {
            require(way.next.hash() == chain.description(epoch).hash(),
                    "everybody enters the epoch that the ledger describes");
        }
        require(fault_ == Fault::liar || here.misbehaviour.empty(), "nobody honest is blamed");
        for (const auto& evidence : here.evidence) {
            require(fault_ == Fault::liar &&
                        chain.index_of(faulty_, evidence.first.epoch) == evidence.first.signer,
                    "evidence names the liar alone");
        }
    }
}

}  // namespace remit::fuzz
