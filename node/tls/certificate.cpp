#include "node/tls/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>

#include "node/ops/secret_file.h"

namespace remit::node {

namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Freer<X509_free>>;
using BioHandle = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

std::string drain(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

BioHandle borrowed(ByteView text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool add_extension(X509* certificate, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key, const std::string& common_name,
                      std::chrono::hours life) {
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof(serial)) != 1) {
        return false;
    }
    serial[0] &= 0x7FU;  // positive, as DER wants it
    const std::unique_ptr<BIGNUM, Freer<BN_free>> number(
        BN_bin2bn(serial, sizeof(serial), nullptr));
    auto* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());  // NOLINT
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(life).count();
    constexpr long one_day_s = 86'400;
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) &&
           X509_set_version(certificate, X509_VERSION_3) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -one_day_s) != nullptr &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), seconds) != nullptr &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                                      static_cast<int>(common_name.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

CertificateHandle parse_certificate(ByteView pem) {
    const auto bio = borrowed(pem);
    return CertificateHandle(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)
                                 : nullptr);
}

TransportPin pin_of(X509* certificate) {
    TransportPin pin;
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size > 0) {
        unsigned int written = 0;
        EVP_Digest(der, static_cast<std::size_t>(size), pin.data.data(), &written, EVP_sha256(),
                   nullptr);
    }
    OPENSSL_free(der);
    return pin;
}

std::int64_t seconds_since_1970(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return 0;
    }
    return timegm(&parts);
}

Result<std::string, Failure> read_public_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail_with(ExitCode::bad_configuration, "cannot open certificate " + path.string());
    }
    std::string text(64U * 1024U, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace

Result<TlsIdentity, Failure> make_tls_identity(const std::string& common_name,
                                               std::chrono::hours life) {
    const KeyHandle key(EVP_EC_gen("P-256"));
    const CertificateHandle certificate(X509_new());
    const BioHandle key_bio(BIO_new(BIO_s_mem()));
    const BioHandle certificate_bio(BIO_new(BIO_s_mem()));
    const bool made = key && certificate && key_bio && certificate_bio &&
                      fill_certificate(certificate.get(), key.get(), common_name, life) &&
                      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0,
                                                    nullptr, nullptr) == 1 &&
                      PEM_write_bio_X509(certificate_bio.get(), certificate.get()) == 1;
    if (!made) {
        return fail_with(ExitCode::bug, "OpenSSL could not make a certificate");
    }
    return TlsIdentity{.certificate_pem = drain(certificate_bio.get()),
                       .key_pem = drain(key_bio.get())};
}

Result<CertificateFacts, Failure> read_certificate(ByteView pem) {
    const auto certificate = parse_certificate(pem);
    if (!certificate) {
        return fail_with(ExitCode::bad_configuration, "not a PEM certificate");
    }
    CertificateFacts facts;
    facts.pin = pin_of(certificate.get());
    if (facts.pin.is_zero()) {
        return fail_with(ExitCode::bad_configuration, "a certificate without a public key");
    }
    char name[128] = {};
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                                  sizeof(name)) > 0) {
        facts.common_name = name;
    }
    facts.not_after_s = seconds_since_1970(X509_get0_notAfter(certificate.get()));
    return facts;
}

Status<Failure> write_tls_identity(const std::filesystem::path& folder,
                                   const TlsIdentity& identity) {
    TRY(write_secret_file(folder / "tls.key", identity.key_pem));
    TRY(write_secret_file(folder / "tls.crt", identity.certificate_pem));
    std::error_code error;
    using std::filesystem::perms;
    std::filesystem::permissions(
        folder / "tls.crt",
        perms::owner_read | perms::owner_write | perms::group_read | perms::others_read, error);
    if (error) {
        return fail_with(ExitCode::io_error,
                         "cannot set the mode of " + (folder / "tls.crt").string());
    }
    return {};
}

Result<TlsIdentity, Failure> read_tls_identity(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key) {
    TlsIdentity identity;
    TRY_ASSIGN(identity.key_pem, read_secret_file(key));
    TRY_ASSIGN(identity.certificate_pem, read_public_file(certificate));
    const auto parsed = parse_certificate(identity.certificate_pem);
    const auto bio = borrowed(identity.key_pem);
    const KeyHandle secret(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)
                               : nullptr);
    if (!parsed || !secret || X509_check_private_key(parsed.get(), secret.get()) != 1) {
        return fail_with(
            ExitCode::bad_configuration,
            certificate.string() + " and " + key.string() + " are not a certificate and its key");
    }
    return identity;
}

Result<TlsIdentity, Failure> read_tls_identity(const std::filesystem::path& folder) {
    return read_tls_identity(folder / "tls.crt", folder / "tls.key");
}

}  // namespace remit::node
