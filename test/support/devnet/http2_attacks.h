#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/tls/certificate.h"

// Debian's gRPC carries no patch for what HTTP/2 allows a connection to cost (CVE-2023-33953,
// CVE-2023-44487): what a listed party with a program of its own may try.
namespace remit::test::http2 {

/// Bytes sent so many times over, behind the preface.
struct Attack {
    std::string name;
    std::string first;
    std::string repeated;
    int times = 0;
};

/// Every attack we know, calls among them go to `path`.
std::vector<Attack> attacks(const std::string& path);

/// Everything the attack has, until the other end closes or takes no more.
void carry_out(const Attack& attack, std::uint16_t port, const node::TlsIdentity& identity);

}  // namespace remit::test::http2
