#include "gateway/status_report.h"

namespace remit::gateway {

void fill_status(const Engine& engine, v1::GetGatewayStatusResponse& response) {
    const auto live = engine.live();
    response.set_next_height(engine.next_height());
    response.set_sagas_live(static_cast<std::uint32_t>(live.size()));
    response.set_envelopes_open(static_cast<std::uint32_t>(engine.envelopes_open()));
    std::uint32_t open = 0;
    for (const auto& item : engine.journal().breaks()) {
        open += item.closed_at_ms() == 0 ? 1 : 0;
    }
    response.set_breaks_open(open);
    for (const auto& saga : live) {
        ++(*response.mutable_sagas_by_step())[name_of(saga.kind()) + "." + name_of(saga.step())];
    }
}

}  // namespace remit::gateway
