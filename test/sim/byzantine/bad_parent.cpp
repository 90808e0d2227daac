#include "test/sim/byzantine/actors.h"

// B8: proposals on an older certified block, without a Nullification of the views between: right in
// everything else, so that only the rule about skipped views stands in their way.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class BadParent final : public LyingLeader {
public:
    using LyingLeader::LyingLeader;

private:
    void on_epoch() override {
        LyingLeader::on_epoch();
        early_.clear();
    }
    std::optional<Header> rewrite(const Header& header) override {
        const auto* parent = known(header.parent_digest);
        const auto* older = parent == nullptr ? nullptr : known(parent->parent_digest);
        if (older == nullptr || !notarizations_.contains(older->view)) {
            return std::nullopt;
        }
        auto out = header;
        out.parent_view = older->view;
        out.parent_digest = older->digest();
        out.height = older->height + 1;
        out.exec = older->exec;
        return out;
    }
    /// Before its view begins, at the sight of the block to be skipped: voters hold it until they
    /// enter, when the floor is not above its parent yet.
    void on_receive(std::size_t from, const Message& message) override {
        if (const auto* proposal = std::get_if<Proposal>(&message)) {
            skip(proposal->header);
        }
        hand_in(from, message);
    }
    void on_send(std::size_t to, const Message& message) override {
        const auto* proposal = std::get_if<Proposal>(&message);
        if (proposal == nullptr || !early_.contains(proposal->header.view)) {
            LyingLeader::on_send(to, message);
        }
    }
    void skip(const Header& skipped) {
        const auto* parent = known(skipped.parent_digest);
        if (parent == nullptr || leader(skipped.view + 1) != me() ||
            !early_.insert(skipped.view + 1).second) {
            return;
        }
        misdeed();
        auto out = skipped;
        out.view += 1;
        out.leader = me();
        out.time_ms += 1;
        out.batches.clear();
        out.exec = parent->exec;
        auto proposal = with_header(Proposal{}, out);
        if (const auto found = notarizations_.find(parent->view); found != notarizations_.end()) {
            proposal.justification.parent = found->second;
        }
        send_all(proposal);
    }
    const Header* known(const Hash& digest) const {
        const auto found = headers_.find(digest);
        return found == headers_.end() ? nullptr : &found->second;
    }

    std::set<View> early_;
};
}  // namespace

std::unique_ptr<Actor> bad_parent(Seat seat) {
    return std::make_unique<BadParent>(std::move(seat));
}

}  // namespace remit::sim
