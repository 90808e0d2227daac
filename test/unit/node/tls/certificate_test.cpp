#include "node/tls/certificate.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "test/support/node/temporary_folder.h"

namespace remit::node {

TEST_CASE("certificate: what is written is read again, the key file for its owner only",
          "[node][tls]") {
    const TemporaryFolder folder;
    const auto made = make_tls_identity("gcash").value();
    REQUIRE(write_tls_identity(folder.path(), made));
    const auto read = read_tls_identity(folder.path()).value();
    REQUIRE(read.certificate_pem == made.certificate_pem);
    REQUIRE(read.key_pem == made.key_pem);
    struct stat facts{};
    REQUIRE(::stat((folder.path() / "tls.key").c_str(), &facts) == 0);
    REQUIRE((facts.st_mode & 0777U) == 0600U);
    REQUIRE(read_certificate(read.certificate_pem)->common_name == "gcash");
    REQUIRE(write_tls_identity(folder.path(), made).error().exit == ExitCode::wrong_usage);
}

TEST_CASE("certificate: two identities of one name have different pins", "[node][tls]") {
    const auto one = read_certificate(make_tls_identity("a")->certificate_pem).value();
    const auto two = read_certificate(make_tls_identity("a")->certificate_pem).value();
    REQUIRE(one.pin != two.pin);
    REQUIRE_FALSE(one.pin.is_zero());
}

TEST_CASE("certificate: a key file open to others is refused", "[node][tls]") {
    const TemporaryFolder folder;
    REQUIRE(write_tls_identity(folder.path(), make_tls_identity("a").value()));
    ::chmod((folder.path() / "tls.key").c_str(), 0644);
    REQUIRE(read_tls_identity(folder.path()).error().exit == ExitCode::not_allowed);
}

TEST_CASE("certificate: a key of another certificate is refused", "[node][tls]") {
    const TemporaryFolder one;
    const TemporaryFolder two;
    REQUIRE(write_tls_identity(one.path(), make_tls_identity("a").value()));
    REQUIRE(write_tls_identity(two.path(), make_tls_identity("a").value()));
    REQUIRE(read_tls_identity(one.path() / "tls.crt", two.path() / "tls.key").error().exit ==
            ExitCode::bad_configuration);
}

TEST_CASE("certificate: bytes that are no certificate are refused", "[node][tls]") {
    REQUIRE_FALSE(read_certificate(""));
    REQUIRE_FALSE(read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"));
}

}  // namespace remit::node
