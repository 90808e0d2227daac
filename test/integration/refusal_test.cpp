#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "ledger/wire/envelope.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

/// A node that must refuse to start: its exit status and what it said.
struct Refused {
    int status = -1;
    std::string output;
};

Refused start_refused(Devnet& devnet, std::size_t node,
                      const std::vector<std::string>& extra = {}) {
    std::filesystem::remove(devnet.folder_of(node) + "/log");
    auto& process = devnet.start(node, extra);
    const auto status = process.wait(20s);
    return {status.value_or(-1), process.output()};
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replace_in_file(const std::string& path, const std::string& from, const std::string& to) {
    auto text = read_file(path);
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    write_file(path, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("start: an unknown key is refused with its line and the nearest name", "[integration]") {
    Devnet devnet;
    replace_in_file(devnet.config_file(0), "[api]\nlisten", "[api]\nlisen");
    const auto refused = start_refused(devnet, 0);
    REQUIRE(refused.status == 7);
    REQUIRE_THAT(refused.output, Catch::Contains("unknown key 'api.lisen'") &&
                                     Catch::Contains("node.toml:14:") &&
                                     Catch::Contains("did you mean api.listen?"));
}

TEST_CASE("start: a key that others can read is refused", "[integration]") {
    Devnet devnet;
    const auto file = GENERATE(std::string("validate.key"), std::string("tls.key"));
    ::chmod((devnet.folder_of(0) + "/" + file).c_str(), 0644);
    const auto refused = start_refused(devnet, 0);
    CAPTURE(refused.output);
    REQUIRE(refused.status == 6);
    REQUIRE_THAT(refused.output, Catch::Contains(file) && Catch::Contains("chmod 600"));
}

TEST_CASE("start: a missing key is refused", "[integration]") {
    Devnet devnet;
    std::filesystem::remove(devnet.folder_of(0) + "/validate.key");
    const auto refused = start_refused(devnet, 0);
    REQUIRE(refused.status == 6);
    REQUIRE_THAT(refused.output, Catch::Contains("validate.key"));
}

TEST_CASE("start: keys of another validator are refused", "[integration]") {
    Devnet devnet;
    const auto file = GENERATE(std::string("validate.key"), std::string("tls"));
    for (const auto& name : file == "tls" ? std::vector<std::string>{"tls.crt", "tls.key"}
                                          : std::vector<std::string>{file}) {
        std::filesystem::copy_file(devnet.folder_of(1) + "/" + name,
                                   devnet.folder_of(0) + "/" + name,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    const auto refused = start_refused(devnet, 0);
    CAPTURE(refused.output);
    REQUIRE(refused.status == 6);
    REQUIRE_THAT(refused.output, Catch::Contains("that of validator gcash"));
    REQUIRE_THAT(refused.output, Catch::Contains(file == "tls" ? "code 1223" : "code 1222"));
}

TEST_CASE("start: a port in use is named, whichever it is", "[integration]") {
    Devnet devnet;
    devnet.start(1);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(1), "/healthz").status == 200; }));
    const auto key = GENERATE(std::string("peer"), std::string("api"), std::string("ops"));
    const auto port = key == "peer"  ? devnet.peer_port(1)
                      : key == "api" ? devnet.api_port(1)
                                     : devnet.ops_port(1);
    if (key == "peer") {
        // Otherwise the peers list, which names that address, is refused first.
        replace_in_file(devnet.config_file(0), "gcash = \"127.0.0.1:" + std::to_string(port),
                        "gcash = \"127.0.0.1:1");
    }
    const auto refused =
        start_refused(devnet, 0, {"--set", key + ".listen=127.0.0.1:" + std::to_string(port)});
    CAPTURE(refused.output);
    REQUIRE(refused.status == 7);
    REQUIRE_THAT(refused.output, Catch::Contains(key + ".listen") &&
                                     Catch::Contains(std::to_string(port)) &&
                                     Catch::Contains("in use"));
}

TEST_CASE("start: another genesis file than at the first start is refused", "[integration]") {
    Devnet devnet;
    Devnet other;
    devnet.start(0);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/healthz").status == 200; }));
    devnet.process(0).kill();
    // The same keys under another genesis: only certificates and time differ.
    for (const auto* name : {"tls.crt", "tls.key"}) {
        std::filesystem::copy_file(other.folder_of(0) + "/" + name,
                                   devnet.folder_of(0) + "/" + name,
                                   std::filesystem::copy_options::overwrite_existing);
    }
    const auto refused =
        start_refused(devnet, 0, {"--set", "node.genesis=" + other.genesis_file()});
    REQUIRE(refused.status == 7);
    REQUIRE_THAT(refused.output, Catch::Contains(devnet.chain_id().hex()) &&
                                     Catch::Contains(other.chain_id().hex()));
}

TEST_CASE("start: a damaged genesis file is refused", "[integration]") {
    Devnet devnet;
    auto bytes = read_file(devnet.genesis_file());
    write_file(devnet.genesis_file(), bytes.substr(0, bytes.size() - 1));
    const auto refused = start_refused(devnet, 0);
    REQUIRE(refused.status == 7);
    REQUIRE_THAT(refused.output, Catch::Contains("genesis"));
}

TEST_CASE("start: a second node on one data folder is refused", "[integration]") {
    Devnet devnet;
    devnet.start(0);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/healthz").status == 200; }));
    NodeProcess second({REMIT_BIN_DIR "/remit-node", "--config", devnet.config_file(0)},
                       devnet.folder_of(0) + "/second.log");
    REQUIRE(second.wait(20s) == 7);
    REQUIRE_THAT(second.output(), Catch::Contains("in use by another node"));
}

TEST_CASE("start: peers that make no network are refused", "[integration]") {
    Devnet devnet;
    const auto [from, to, said] = GENERATE(table<std::string, std::string, std::string>({
        {"\ngcash = ", "\ngkash = ", "did you mean gcash?"},
        {"\ngcash = \"127", "\nalipayhk = \"127", "is this node"},
        {"\ngcash = \"127.0.0.1:", "\ngcash = \"127.0.0.1:9", "peers"},
    }));
    if (said == "peers") {
        auto text = read_file(devnet.config_file(0));
        const auto line = text.find("gcash = ");
        write_file(devnet.config_file(0), text.erase(line, text.find('\n', line) - line));
    } else {
        replace_in_file(devnet.config_file(0), from, to);
    }
    const auto refused = start_refused(devnet, 0);
    CAPTURE(refused.output);
    REQUIRE(refused.status == 7);
    REQUIRE_THAT(refused.output, Catch::Contains(said));
}

TEST_CASE("start: fewer than four validators need dev, and then one is a network",
          "[integration]") {
    Devnet devnet(1);
    REQUIRE(start_refused(devnet, 0, {"--set", "node.dev=false"}).status == 7);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    REQUIRE(client.must_open(2).receipts_size() == 2);
}

TEST_CASE("api: what is found before ordering is an error with its reason", "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    const auto good = client.open_accounts();
    const auto reason = [&](const v1::Envelope& envelope) {
        const auto done = client.submit(envelope);
        REQUIRE_FALSE(done.status.ok());
        return std::to_string(done.status.error_code()) + " " + reason_of(done.status);
    };
    auto forged = good;
    forged.mutable_signature()->at(5) ^= 1;
    REQUIRE(reason(forged) == "16 BAD_SIGNATURE");
    auto truncated = good;
    truncated.mutable_body()->pop_back();
    REQUIRE_THAT(reason(truncated), Catch::Contains("BAD_"));
    auto keyless = good;
    keyless.set_key_id("short");
    REQUIRE(reason(keyless) == "3 BAD_ENCODING");
    const SecretKey stranger(KeySeed{hash(domain::hello, "stranger").data});
    REQUIRE(reason(ledger::wire::to_proto(
                ledger::wire::sign(good.body(), stranger, devnet.chain_id()))) == "7 UNKNOWN_KEY");
    REQUIRE(reason(ledger::wire::to_proto(ledger::wire::sign(good.body(), Devnet::operate_key(),
                                                             hash(domain::genesis, "another")))) ==
            "16 BAD_SIGNATURE");

    // Replayed: the first receipts again, and nothing new.
    const auto first = client.submit(good);
    const auto second = client.submit(good);
    REQUIRE(first.is_final());
    REQUIRE(second.is_final());
    REQUIRE(first.response.receipts(0).height() == second.response.receipts(0).height());

    v1::GetRemittanceRequest request;
    request.set_uetr(std::string(16, 'x'));
    v1::GetRemittanceResponse response;
    const auto missing = client.call(&v1::LedgerService::Stub::GetRemittance, request, response);
    REQUIRE(missing.error_code() == grpc::StatusCode::NOT_FOUND);
    REQUIRE(reason_of(missing) == "REMITTANCE_NOT_FOUND");

    v1::ListAccountsRequest list;
    list.set_page_token("zz");
    v1::ListAccountsResponse accounts;
    REQUIRE(client.call(&v1::LedgerService::Stub::ListAccounts, list, accounts).error_code() ==
            grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace remit::test
