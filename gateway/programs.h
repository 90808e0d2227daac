#pragma once

#include "gateway/settings.h"

/// The roles of remit-gateway: each runs until SIGTERM.
namespace remit::gateway {

Status<node::Failure> run_wallet(Settings settings);
Status<node::Failure> run_bank(Settings settings);
Status<node::Failure> run_maker(Settings settings);
Status<node::Failure> run_rail(Settings settings);

}  // namespace remit::gateway
