#include "consensus/amnesia.h"

#include <algorithm>

namespace remit::consensus {

namespace {

constexpr View views_skipped = 2;
constexpr std::int64_t answer_again_ms = 100;  // who lost its votes asks every `resend_ms`
constexpr Domain question_domain{"remit.viewask"};

/// What lets one be in this view: a Notarization or Nullification of the one before, or any
/// Finalization from there on.
bool opens(const Certificate& certificate, View view) {
    return certificate.kind == VoteKind::finalize ? certificate.view + 1 >= view
                                                  : certificate.view + 1 == view;
}

}  // namespace

void Amnesia::begin(const Hash& nonce) {
    nonce_ = nonce;
    waiting_ = false;
    views_.clear();
    safety_.votes_lost();
    context_.voting = false;
    ask_at_ = context_.now.mono_ms;
}

void Amnesia::discover(View shown, const Hash& seed) {
    context_.persist(votes_lost_record(context_.set().epoch(), shown));
    Writer writer;
    writer.fixed(seed).u64(++discoveries_);
    begin(remit::hash(question_domain, writer.view()));
}

void Amnesia::on_request(ValidatorIndex from, const ViewRequest& request) {
    const auto view = context_.metrics.view;
    context_.served(from, 1, 0);
    if (!context_.voting || request.epoch != context_.set().epoch()) {
        return;
    }
    const auto before = answered_ms_.find(from);
    if (before != answered_ms_.end() && context_.now.mono_ms < before->second + answer_again_ms) {
        return;  // each answer is a signature, perhaps of a signer far away
    }
    ViewAnswer answer{.epoch = request.epoch,
                      .nonce = request.nonce,
                      .view = view,
                      .entry = std::nullopt,
                      .signer = context_.self(),
                      .signature = {}};
    if (view > 1) {
        const auto* entry = tree_.entry_certificate(view - 1);
        if (entry == nullptr) {
            return;  // known to the database alone: peers will say it better
        }
        answer.entry = *entry;
    }
    const auto signature = context_.sign(
        view_answer_bytes(context_.config.chain_id, context_.set(), request.nonce, view));
    if (signature) {
        answered_ms_[from] = context_.now.mono_ms;
        answer.signature = *signature;
        context_.send(from, std::move(answer));
    }
}

std::optional<std::string> Amnesia::flaw_in(ValidatorIndex from, const ViewAnswer& answer) {
    const auto& set = context_.set();
    if (!context_.check_signature(
            from, view_answer_bytes(context_.config.chain_id, set, answer.nonce, answer.view),
            answer.signature)) {
        return "view answer has a bad signature";
    }
    const bool first = answer.view == 1;
    if (answer.view == 0 || first == answer.entry.has_value() ||
        (answer.entry &&
         (!opens(*answer.entry, answer.view) || !context_.check_certificate(*answer.entry)))) {
        return "view answer without the certificate that opens the view";
    }
    return std::nullopt;
}

void Amnesia::on_answer(ValidatorIndex from, const ViewAnswer& answer) {
    if (!nonce_ || answer.signer != from || answer.epoch != context_.set().epoch() ||
        answer.nonce != *nonce_ || views_.contains(from)) {
        return;
    }
    if (auto flaw = flaw_in(from, answer)) {
        context_.blame(from, std::move(*flaw));
        return;
    }
    views_.emplace(from, answer.view);
    if (views_.size() >= context_.set().q()) {
        resume();
    }
}

void Amnesia::resume() {
    const auto highest =
        std::max_element(views_.begin(), views_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    context_.persist(safety_.resume_at(highest->second + views_skipped));
    nonce_.reset();
    views_.clear();
    waiting_ = true;
}

void Amnesia::wait_for_first_view() {
    waiting_ = true;
    context_.voting = false;
}

void Amnesia::look() {
    waiting_ = waiting_ && (context_.ended || !safety_.may_sign(context_.metrics.view));
}

void Amnesia::ask() {
    if (nonce_ && !context_.ended && context_.now.mono_ms >= ask_at_) {
        ask_at_ = context_.now.mono_ms + context_.params().resend_ms;
        context_.broadcast(ViewRequest{.epoch = context_.set().epoch(), .nonce = *nonce_});
    }
}

std::optional<std::int64_t> Amnesia::deadline() const {
    return nonce_ && !context_.ended ? std::optional(ask_at_) : std::nullopt;
}

}  // namespace remit::consensus
