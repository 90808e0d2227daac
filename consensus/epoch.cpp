#include "consensus/epoch.h"

#include "consensus/leader_schedule.h"

namespace remit::consensus {

namespace {
constexpr Domain epoch_domain{"remit.epoch"};

/// Every header but the first closes on top of the one before.
bool closes(const Header& header, const Header& parent, const Hash& parent_digest) {
    return header.is_closing() && header.epoch == parent.epoch &&
           header.parent_digest == parent_digest && header.parent_view == parent.view &&
           header.view > parent.view && header.height == parent.height &&
           header.time_ms == parent.time_ms && header.exec == parent.exec && header.batches.empty();
}
}  // namespace

void EpochDescription::write(Writer& writer) const {
    set.write(writer);
    // Their bytes have no fixed length.
    writer.bytes(encode(params)).u64(end_height);
    writer.u16(static_cast<std::uint16_t>(demoted.size()));
    for (const auto index : demoted) {
        writer.u16(index);
    }
    writer.bytes(host);
}

EpochDescription EpochDescription::read(Reader& reader) {
    EpochDescription out;
    out.set = ValidatorSet::read(reader);
    const auto params = decode<Params>(reader.bytes(limits::host_bytes));
    if (!params) {
        reader.fail();
        return out;
    }
    out.params = *params;
    out.end_height = reader.u64();
    const auto count = reader.u16();
    for (std::uint16_t i = 0; i < count && reader.ok(); ++i) {
        out.demoted.push_back(reader.u16());
    }
    out.host = reader.bytes(limits::host_bytes);
    return out;
}

Hash EpochDescription::hash() const {
    return remit::hash(epoch_domain, encode(*this));
}

bool EpochDescription::acceptable() const {
    return set.size() > 0 && params.acceptable() && may_be_demoted(demoted, set);
}

void HandOver::write(Writer& writer) const {
    next.write(writer);
    writer.u32(static_cast<std::uint32_t>(headers.size()));
    for (const auto& header : headers) {
        header.write(writer);
    }
    finalization.write(writer);
}

HandOver HandOver::read(Reader& reader) {
    HandOver out;
    out.next = EpochDescription::read(reader);
    const auto count = reader.count(limits::closing_headers);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.headers.push_back(Header::read(reader));
    }
    out.finalization = Certificate::read(reader);
    if (out.headers.empty()) {
        reader.fail();
    }
    return out;
}

bool agrees(const HandOver& hand_over, const std::optional<TrustedRoot>& trusted) {
    return !trusted || hand_over.epoch() != trusted->epoch ||
           (!hand_over.headers.empty() && hand_over.headers.front().digest() == trusted->block);
}

bool verify(const HandOver& hand_over, const ValidatorSet& set, const Hash& chain_id) {
    const auto& headers = hand_over.headers;
    const auto& finalization = hand_over.finalization;
    if (headers.empty() || headers.front().epoch != set.epoch() ||
        !headers.front().is_epoch_last() || hand_over.epoch() != set.epoch() + 1 ||
#ifndef SIM_BUG_hand_over_unverified
        hand_over.next.hash() != headers.front().exec.next_epoch_hash ||
#endif
        !hand_over.next.acceptable()) {
        return false;
    }
    auto digest = headers.front().digest();
    for (std::size_t i = 1; i < headers.size(); ++i) {
        if (!closes(headers[i], headers[i - 1], digest)) {
            return false;
        }
        digest = headers[i].digest();
    }
    return finalization.kind == VoteKind::finalize && finalization.view == headers.back().view &&
           finalization.digest == digest && verify(finalization, set, chain_id).has_value();
}

}  // namespace remit::consensus
