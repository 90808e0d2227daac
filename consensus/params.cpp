#include "consensus/params.h"

namespace remit::consensus {

void Params::write(Writer& writer) const {
    writer.u16(protocol_version).u32(delta_ms_min).u32(delta_ms_max).u32(skew_ms);
    writer.u32(expiry_window).u32(lag_max).u32(author_window).u32(batch_bytes_max);
    writer.u32(inline_bytes_max).u32(block_batches_max).u32(block_bytes_max);
    writer.u32(seal_delay_ms).u32(skip_window_ms).u32(resend_ms);
    if (snapshot_interval != 0) {
        writer.u32(snapshot_interval).u32(snapshot_delay).u32(snapshot_chunk_bytes);
    }
}

Params Params::read(Reader& reader) {
    Params out;
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

bool Params::acceptable() const {
    return protocol_version >= 1 && delta_ms_min > 0 && delta_ms_min <= delta_ms_max &&
           delta_ms_max <= 60000 && expiry_window >= 2 && lag_max > 0 && lag_max <= expiry_window &&
           author_window > 0 && batch_bytes_max > 0 && batch_bytes_max <= limits::batch_bytes &&
           inline_bytes_max <= batch_bytes_max && block_batches_max > 0 &&
           block_batches_max <= limits::header_entries && block_bytes_max >= batch_bytes_max &&
           skip_window_ms > 0 && resend_ms > 0 && snapshots_acceptable();
}

bool Params::snapshots_acceptable() const {
    if (snapshot_interval == 0) {
        return snapshot_delay == 0 && snapshot_chunk_bytes == 0;
    }
    return snapshot_delay > 0 && snapshot_delay <= snapshot_interval &&
           snapshot_chunk_bytes >= limits::snapshot_chunk_bytes_min &&
           snapshot_chunk_bytes <= limits::snapshot_chunk_bytes / 2;
}

Height Params::snapshot_named_at(Height height) const {
    if (snapshot_interval == 0 || height < snapshot_delay) {
        return 0;
    }
    return (height - snapshot_delay) / snapshot_interval * snapshot_interval;
}

Hash Params::hash() const {
    return remit::hash(domain::params, encode(*this));
}

}  // namespace remit::consensus
