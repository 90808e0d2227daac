#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "ledger/base/bytes.h"
#include "node/ops/failure.h"

namespace remit::node {

/// Who a TLS peer is: SHA-256 of its certificate's SubjectPublicKeyInfo in DER (as RFC 7469 pins,
/// `openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum`). These 32 bytes are what
/// the registry holds under purpose TRANSPORT.
using TransportPin = FixedBytes<32, struct TransportPinTag>;

/// A certificate and its private key, both PEM. The key's text lives as long as this object.
struct TlsIdentity {
    std::string certificate_pem;
    std::string key_pem;
};

/// What was read in a peer's certificate.
struct CertificateFacts {
    TransportPin pin;
    std::string common_name;
    std::int64_t not_after_s = 0;  // seconds since 1970
};

/// A new P-256 key and a certificate for it, signed by itself, with `common_name` and the loopback
/// names, valid from yesterday for `life`. There is no CA: the pin is the identity.
Result<TlsIdentity, Failure> make_tls_identity(const std::string& common_name,
                                               std::chrono::hours life = std::chrono::hours(24 *
                                                                                            825));

/// Facts of the first certificate in `pem`. Errors: bad_configuration when it is not one.
Result<CertificateFacts, Failure> read_certificate(ByteView pem);

/// Writes `<folder>/tls.crt` (0644) and `<folder>/tls.key` (0600); refuses to overwrite.
Status<Failure> write_tls_identity(const std::filesystem::path& folder,
                                   const TlsIdentity& identity);

/// Reads both. Errors: not_allowed when the key file is open to others, bad_configuration when
/// key and certificate do not belong together.
Result<TlsIdentity, Failure> read_tls_identity(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key);
/// `tls.crt` and `tls.key` of a folder.
Result<TlsIdentity, Failure> read_tls_identity(const std::filesystem::path& folder);

}  // namespace remit::node
