#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "node/ops/config.h"

namespace remit::gateway {

enum class GatewayKind : std::uint8_t { wallet, bank, maker, rail };

/// Everything local to one gateway process; the keys of its file are in gateway/README.md.
struct Settings {
    std::string name;
    std::string data = "data";
    node::Endpoint listen{.host = "127.0.0.1", .port = 7100};
    node::Endpoint ops_listen{.host = "127.0.0.1", .port = 7102};
    std::string log_level = "info";
    std::string tls_certificate = "tls.crt";
    std::string tls_key = "tls.key";
    std::map<std::string, std::string> peers;

    std::string genesis;
    std::int64_t participant = 0;
    std::vector<std::string> nodes;
    bool spread = false;
    std::chrono::milliseconds valid_for{60'000};
    std::int64_t senders = 8;
    std::string rail_address;

    std::string operate_key;
    std::string screening_list;
    std::chrono::milliseconds expires_in{30'000};
    std::chrono::milliseconds return_expires_in{30'000};
    std::map<std::string, std::string> makers;  // participant -> address
    std::string clearing_address;
    std::map<std::string, std::string> operators;  // participant -> address

    std::string bank_key;
    std::string quote_key;
    std::string rates;
    std::chrono::milliseconds mark_life{3'600'000};
    std::int64_t mark_spread_bps = 0;
    std::chrono::milliseconds attest_every{3'600'000};
    bool settle_fail = true;
    std::chrono::milliseconds settle_fail_grace{0};
    std::int64_t maker = 0;
    std::int64_t maker_spread_bps = 20;
    std::chrono::milliseconds quote_life{60'000};
    std::int64_t open_quotes_max = 100'000;
    bool maker_pays_from_own = true;

    bool rail_admin = false;
    std::map<std::string, std::string> accounts;  // name -> opening minor units
};

/// Reads the file for this kind; relative paths become relative to its folder.
/// Errors: bad_configuration with file and line.
Result<Settings, node::Failure> load_settings(GatewayKind kind, const std::string& file);
/// Every key of this kind with default and help, as commented TOML.
std::string default_settings(GatewayKind kind);

}  // namespace remit::gateway
