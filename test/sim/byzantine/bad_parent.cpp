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
    const Header* known(const Hash& digest) const {
        const auto found = headers_.find(digest);
        return found == headers_.end() ? nullptr : &found->second;
    }
};
}  // namespace

std::unique_ptr<Actor> bad_parent(Seat seat) {
    return std::make_unique<BadParent>(std::move(seat));
}

}  // namespace remit::sim
