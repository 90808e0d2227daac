#include "test/fuzz/step/script.h"

#include <algorithm>

namespace remit::fuzz {

namespace {

/// The first byte: three low bits for the fuzzed validator, the next for the liar among the others.
ValidatorIndex self_of(Input input) {
    return static_cast<ValidatorIndex>(input.u8() % 4);
}
ValidatorIndex liar_of(Input input) {
    const auto first = input.u8();
    return static_cast<ValidatorIndex>((first % 4 + 1 + (first / 4) % 3) % 4);
}

}  // namespace

StepScript::StepScript(Input input)
    : input_(input), world_(self_of(input), liar_of(input)), replica_(world_) {
    input_.u8();
}

void StepScript::run() {
    for (int event = 0; event < events_max && !input_.empty(); ++event) {
        one_event(input_.u8());
    }
    replica_.merge_outputs(false);
}

void StepScript::one_event(std::uint8_t kind) {
    // The order is what the corpus means: append only.
    using Event = void (StepScript::*)();
    static constexpr std::array<Event, 20> messages{&StepScript::proposal,
                                                    &StepScript::vote,
                                                    &StepScript::certificate,
                                                    &StepScript::batch,
                                                    &StepScript::ack,
                                                    &StepScript::offer,
                                                    &StepScript::execution_vote,
                                                    &StepScript::execution_certificate,
                                                    &StepScript::request,
                                                    &StepScript::headers_answer,
                                                    &StepScript::blocks_answer,
                                                    &StepScript::certificates_answer,
                                                    &StepScript::known_batch,
                                                    &StepScript::status,
                                                    &StepScript::mangled,
                                                    &StepScript::finalise_newest,
                                                    &StepScript::nullify_view,
                                                    &StepScript::submit,
                                                    &StepScript::crash,
                                                    &StepScript::whole_view};
    constexpr std::size_t hosts = 8;
    const auto number = kind % (messages.size() + hosts);
    if (number < messages.size()) {
        (this->*messages[number])();
        return;
    }
    switch (number - messages.size()) {
        case 0:
            replica_.wait(std::int64_t{input_.u8()} * 16);
            replica_.step(Tick{});
            break;
        case 1:
        case 2:
            replica_.serve_deadline();
            break;
        case 3:
            replica_.execute();
            break;
        case 4:
            replica_.merge_outputs(input_.flag());
            break;
        case 5:
            replica_.drain();
            break;
        case 6:
            replica_.set_wall(std::int64_t{input_.u8()} * 64 - 8192);
            break;
        default:
            replica_.step(WakeAt{.height = replica_.floor_height(),
                                 .time_ms = replica_.wall_ms() + input_.u8() * 16 - 1024});
            break;
    }
}

ValidatorIndex StepScript::peer() {
    return world_.peers()[input_.below(3)];
}

/// Three views back to twelve ahead: the engine keeps votes of eight views ahead.
View StepScript::near_view() {
    const auto view = replica_.view() + input_.below(16);
    return view > 3 ? view - 3 : 1;
}

std::size_t StepScript::recent_header() {
    const auto count = world_.headers().size();
    return count - 1 - input_.below(std::min<std::size_t>(count, 12));
}

std::size_t StepScript::recent_final() {
    const auto& chain = world_.final_chain();
    return chain[chain.size() - 1 - input_.below(std::min<std::size_t>(chain.size(), 12))];
}

BatchHandle StepScript::recent_batch() {
    const auto& all = world_.batches();
    return all.empty() ? nullptr
                       : all[all.size() - 1 - input_.below(std::min<std::size_t>(all.size(), 12))];
}

void StepScript::submit() {
    SubmitItems items;
    const auto count = 1 + input_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
        items.items.push_back({next_token_++, Bytes(1 + input_.u8(), 'i')});
    }
    replica_.step(items);
}

void StepScript::crash() {
    const auto how = input_.u8();
    const auto kept = input_.below(8);
    replica_.wait(how * 4);
    replica_.crash((how & 1U) != 0, kept, (how & 2U) != 0);
}

/// Everybody else votes for the newest header of the newest view as far as the rules let them, and
/// the replica hears it.
void StepScript::finalise_newest() {
    const auto& known = world_.headers().back();
    if (known.header.view == 0) {
        return;
    }
    for (const auto kind : {VoteKind::notarize, VoteKind::finalize}) {
        for (const auto each : world_.peers()) {
            if (const auto vote = world_.vote(each, kind, known.header.view, known.digest)) {
                replica_.deliver(each, *vote, known.header.view + 3 > replica_.view());
            }
        }
    }
}

void StepScript::nullify_view() {
    nullify(near_view());
}

void StepScript::nullify(View view) {
    for (const auto each : world_.peers()) {
        if (const auto vote = world_.vote(each, VoteKind::nullify, view, Hash{})) {
            replica_.deliver(each, *vote, true);
        }
    }
}

/// One view as it goes when all is well, but for the batches: work, a proposal by whoever leads,
/// all votes, execution.
void StepScript::whole_view() {
    // The same bytes whoever leads, so that a script of such views keeps its meaning.
    constexpr std::size_t choices = 6;
    auto later = input_;
    input_ = Input(later.bytes(choices));
    const auto view = replica_.view();
    const auto leader = world_.leader(view);
    if (leader == world_.self()) {
        replica_.step(SubmitItems{{{next_token_++, Bytes(1 + input_.u8(), 'w')}}});
        replica_.serve_deadline();
    } else {
        const auto batch =
            world_.make_batch(leader, replica_.floor_height() + 8, {Bytes(1 + input_.u8(), 'w')});
        world_.add_batch(batch);
        replica_.deliver(leader, batch, true);
        const auto parent = world_.newest_certified();
        for (auto skipped = world_.headers()[parent].header.view + 1; skipped < view; ++skipped) {
            nullify(skipped);
        }
        const auto index = world_.add_header(header_on(parent, view));
        const auto known = world_.headers()[index];
        if (const auto vote = world_.vote(leader, VoteKind::notarize, view, known.digest)) {
            replica_.deliver(leader,
                             Proposal{.header = known.header,
                                      .leader_signature = vote->signature,
                                      .justification = justification(index),
                                      .inline_batch = nullptr},
                             known.sound);
        }
    }
    finalise_newest();
    replica_.execute();
    input_ = later;
}

}  // namespace remit::fuzz
