#include "test/sim/byzantine/actors.h"

// B11: certificates with a vote too few, a signer twice, spare bits, too many or strange
// signatures, moved to another view, kind or digest.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
class BadCertificate final : public Actor {
public:
    using Actor::Actor;

private:
    void on_send(std::size_t to, const Message& message) override {
        send(to, message);
        if (const auto* good = std::get_if<Certificate>(&message);
            good && random_.chance(300'000)) {
            misdeed();
            send(to, spoilt(*good));
        }
        if (const auto* good = std::get_if<AvailabilityCertificate>(&message);
            good && random_.chance(300'000)) {
            misdeed();
            auto bad = *good;
            bad.entry.expires_height += 1;
            send(to, bad);
        }
        if (const auto* good = std::get_if<ExecutionCertificate>(&message)) {
            misdeed();
            auto bad = *good;
            bad.result.height += 1;
            send(to, bad);
        }
    }

    /// Not of a view that the receiver holds already: that would be dropped unseen.
    Certificate spoilt(Certificate out) {
        auto& signers = out.signers;
        const auto how = random_.below(7);
        if (how != 6) {
            out.kind = VoteKind::finalize;
        }
        if (how == 0) {
            drop_signer(signers);
        } else if (how == 1) {
            drop_signer(signers);
            signers.signatures.push_back(signers.signatures.back());
        } else if (how == 2) {
            signers.bitmap.back() = static_cast<char>(0xF0 | signers.bitmap.back());
            signers.signatures.resize(4 + signers.signatures.size());
        } else if (how == 3) {
            signers.bitmap.push_back('\0');
        } else if (how == 4) {
            out.digest = some_hash();
        } else if (how == 5) {
            forge_alone(out);
        } else {
            out.view += 1;
        }
        return out;
    }
    static void drop_signer(Signers& signers) {
        for (auto& byte : signers.bitmap) {
            if (byte != 0) {
                byte = static_cast<char>(byte & (byte - 1));
                break;
            }
        }
        signers.signatures.erase(signers.signatures.begin());
    }
    /// My one vote, said three times.
    void forge_alone(Certificate& out) {
        out.view = view_ + 1;
        out.digest = some_hash();
        const auto mine = vote(out.kind, out.view, out.digest);
        out.signers.bitmap = Bytes(1, static_cast<char>(7));
        out.signers.signatures.assign(3, mine.signature);
    }
};
}  // namespace

std::unique_ptr<Actor> bad_certificate(Seat seat) {
    return std::make_unique<BadCertificate>(std::move(seat));
}

}  // namespace remit::sim
