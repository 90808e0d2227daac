#include "ledger/base/consensus_params.h"

#include <algorithm>
#include <array>

namespace remit {

namespace {
constexpr std::array governed{
#define X(number, field, least, most, meaning) \
    ParamBounds{GovernedParam::field, #field, least, most, meaning, &ConsensusParams::field},
#include "ledger/base/consensus_params.def"
#undef X
};
}  // namespace

void ConsensusParams::write(Writer& writer) const {
    writer.u16(protocol_version).u32(delta_ms_min).u32(delta_ms_max).u32(skew_ms);
    writer.u32(expiry_window).u32(lag_max).u32(author_window).u32(batch_bytes_max);
    writer.u32(inline_bytes_max).u32(block_batches_max).u32(block_bytes_max);
    writer.u32(seal_delay_ms).u32(skip_window_ms).u32(resend_ms);
    if (snapshot_interval != 0) {
        writer.u32(snapshot_interval).u32(snapshot_delay).u32(snapshot_chunk_bytes);
    }
}

ConsensusParams ConsensusParams::read(Reader& reader) {
    ConsensusParams out;
    out.protocol_version = reader.u16();
    for (auto* field :
         {&out.delta_ms_min, &out.delta_ms_max, &out.skew_ms, &out.expiry_window, &out.lag_max,
          &out.author_window, &out.batch_bytes_max, &out.inline_bytes_max, &out.block_batches_max,
          &out.block_bytes_max, &out.seal_delay_ms, &out.skip_window_ms, &out.resend_ms}) {
        *field = reader.u32();
    }
    if (reader.ok() && !reader.rest().empty()) {
        out.snapshot_interval = reader.u32();
        out.snapshot_delay = reader.u32();
        out.snapshot_chunk_bytes = reader.u32();
        if (out.snapshot_interval == 0) {
            reader.fail();  // one encoding only: without snapshots the fields are left out
        }
    }
    return out;
}

bool ConsensusParams::acceptable() const {
    return protocol_version >= 1 && delta_ms_min > 0 && delta_ms_min <= delta_ms_max &&
           delta_ms_max <= 60000 && expiry_window >= 2 && lag_max > 0 && lag_max <= expiry_window &&
           author_window > 0 && batch_bytes_max > 0 && batch_bytes_max <= batch_bytes_limit &&
           inline_bytes_max <= batch_bytes_max && block_batches_max > 0 &&
           block_batches_max <= block_batches_limit && block_bytes_max >= batch_bytes_max &&
           skip_window_ms > 0 && resend_ms > 0 && snapshots_acceptable();
}

bool ConsensusParams::snapshots_acceptable() const {
    if (snapshot_interval == 0) {
        return snapshot_delay == 0 && snapshot_chunk_bytes == 0;
    }
    return snapshot_delay > 0 && snapshot_delay <= snapshot_interval &&
           snapshot_chunk_bytes >= snapshot_chunk_bytes_least &&
           snapshot_chunk_bytes <= snapshot_chunk_bytes_limit / 2;
}

std::uint64_t ConsensusParams::snapshot_named_at(std::uint64_t height) const {
    if (snapshot_interval == 0 || height < snapshot_delay) {
        return 0;
    }
    return (height - snapshot_delay) / snapshot_interval * snapshot_interval;
}

Hash ConsensusParams::hash() const {
    Writer writer;
    write(writer);
    return remit::hash(domain::params, writer.take());
}

std::span<const ParamBounds> governed_params() {
    return governed;
}

std::optional<ConsensusParams> changed(const ConsensusParams& params,
                                       std::span<const ParamChange> changes) {
    ConsensusParams out = params;
    auto bounds = governed.begin();
    for (const ParamChange& change : changes) {
        bounds = std::find_if(bounds, governed.end(),
                              [&](const ParamBounds& each) { return each.param == change.param; });
        if (bounds == governed.end() || change.value < bounds->least ||
            change.value > bounds->most) {
            return std::nullopt;
        }
        out.*(bounds->field) = change.value;
        ++bounds;
    }
    return out.acceptable() ? std::optional(out) : std::nullopt;
}

}  // namespace remit
