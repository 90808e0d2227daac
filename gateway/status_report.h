#pragma once

#include "gateway/engine.h"
#include "remit/gateway/v1/wallet.pb.h"

namespace remit::gateway {

/// What every kind of gateway tells of itself: how far it has read, what is under way and where.
void fill_status(const Engine& engine, v1::GetGatewayStatusResponse& response);

}  // namespace remit::gateway
