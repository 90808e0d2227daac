#include "test/sim/byzantine/actors.h"

// B7: votes reach one favourite alone, so that only it forms certificates in time; what this node
// certified itself it releases seconds later.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class WithheldCertificate final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        const bool certificate = std::holds_alternative<Certificate>(message) ||
                                 std::holds_alternative<CertificatesAnswer>(message);
        const bool notarize = std::holds_alternative<Vote>(message) &&
                              std::get<Vote>(message).kind == VoteKind::notarize;
        const auto favourite = others()[view_ % others().size()];
        if (!certificate && (!notarize || to == favourite)) {
            send(to, message);
            return;
        }
        misdeed();
        const auto late = random_.between(300, 4000);
        world_.scheduler.after(late, [this, to, message] { send(to, message); });
    }
};
}  // namespace

std::unique_ptr<Actor> withheld_certificate(Seat seat) {
    return std::make_unique<WithheldCertificate>(std::move(seat));
}

}  // namespace remit::sim
