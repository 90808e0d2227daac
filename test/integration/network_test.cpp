#include <catch2/catch.hpp>
#include <csignal>
#include <set>

#include "node/storage/chain.h"
#include "node/storage/receipt_proof.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {

TEST_CASE("network: four nodes order, execute and prove alike", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    std::vector<MemberClient> clients;
    std::uint64_t height = 0;
    v1::SubmitEnvelopeResponse last;
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        clients.emplace_back(devnet, i);
        last = clients[i].must_open(3);
        REQUIRE(last.receipts_size() == 3);
        REQUIRE(last.receipts(0).verb() == "open_account");
        height = std::max<std::uint64_t>(height, last.receipts(0).height());
    }
    std::set<std::string> roots;
    for (const auto& client : clients) {
        const auto block = client.block(height);
        REQUIRE(block.height() == height);
        roots.insert(block.state_root() + block.receipts_root() + block.digest());
    }
    REQUIRE(roots.size() == 1);
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        CAPTURE(devnet.name(i));
        REQUIRE(metric(devnet.ops_port(i), "remit_signatures_verified_total") == 4);
        REQUIRE(metric(devnet.ops_port(i), "remit_block_height") >= static_cast<double>(height));
        REQUIRE(metric(devnet.ops_port(i), "remit_peers_connected") == 3);
        REQUIRE(http_get(devnet.ops_port(i), "/healthz").status == 200);
    }

    // A receipt proves itself against the genesis file alone, and only as it is.
    v1::GetReceiptRequest request;
    request.set_transaction_id(last.transaction_id());
    request.set_operation_index(2);
    v1::GetReceiptResponse receipt;
    REQUIRE(eventually([&] {
        return clients[0].call(&v1::LedgerService::Stub::GetReceipt, request, receipt).ok();
    }));
    const auto chain = node::chain_of(devnet.genesis_bytes()).value();
    const auto proof = node::PortableReceipt::decode(receipt.proof());
    REQUIRE(proof);
    REQUIRE(node::verify(*proof, chain.id, chain.validators));
    for (std::size_t i = 0; i < receipt.proof().size(); i += 7) {
        auto altered = receipt.proof();
        altered[i] = static_cast<char>(altered[i] ^ 1);
        const auto decoded = node::PortableReceipt::decode(altered);
        CAPTURE(i);
        REQUIRE_FALSE((decoded && node::verify(*decoded, chain.id, chain.validators)));
    }
}

TEST_CASE("network: goes on without one node, stops without two, and resumes", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    devnet.process(3).kill();
    for (int i = 0; i < 5; ++i) {
        client.must_open();
    }
    REQUIRE(http_get(devnet.ops_port(0), "/readyz").status == 200);

    devnet.process(2).kill();
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/readyz").status == 503; }));
    std::this_thread::sleep_for(500ms);  // what was under way when the second one went
    const auto before = client.status().finalized_height();
    const auto envelope = client.open_accounts();
    const auto waiting = client.submit(envelope, 1500);
    REQUIRE(waiting.status.ok());
    REQUIRE(waiting.response.state() == v1::TRANSACTION_STATE_PENDING);
    REQUIRE(waiting.response.receipts_size() == 0);
    REQUIRE(client.status().finalized_height() == before);

    devnet.start(2);
    v1::GetTransactionRequest request;
    request.set_transaction_id(waiting.response.transaction_id());
    v1::GetTransactionResponse found;
    REQUIRE(eventually([&] {
        const auto status = client.call(&v1::LedgerService::Stub::GetTransaction, request, found);
        return status.ok() && found.state() == v1::TRANSACTION_STATE_FINAL;
    }));
    REQUIRE_FALSE(found.receipts(0).has_refusal());

    // The one that was away longest catches up to the same root.
    devnet.start(3);
    const auto height = client.must_open().receipts(0).height();
    const MemberClient late(devnet, 3);
    REQUIRE(late.block(height).state_root() == client.block(height).state_root());
}

TEST_CASE("network: all nodes killed at once lose nothing they answered", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    std::vector<std::string> answered;
    const MemberClient client(devnet, 1);
    for (int i = 0; i < 10; ++i) {
        answered.push_back(client.must_open().transaction_id());
    }
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        devnet.process(i).kill();
    }
    devnet.start_all();
    const MemberClient again(devnet, 2);
    again.must_open();
    for (const auto& id : answered) {
        v1::GetTransactionRequest request;
        request.set_transaction_id(id);
        v1::GetTransactionResponse found;
        REQUIRE(again.call(&v1::LedgerService::Stub::GetTransaction, request, found).ok());
        REQUIRE(found.state() == v1::TRANSACTION_STATE_FINAL);
        REQUIRE_FALSE(found.receipts(0).has_refusal());
    }
}

TEST_CASE("network: SIGTERM ends a node with status 0, its height is kept", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    const auto height = client.status().executed_height();
    grpc::ClientContext context;
    v1::WatchEventsRequest request;
    const auto stream = client.stub().WatchEvents(&context, request);
    v1::WatchEventsResponse event;
    REQUIRE(stream->Read(&event));

    devnet.process(0).signal(SIGTERM);
    REQUIRE(devnet.process(0).wait(60s) == 0);
    while (stream->Read(&event)) {
    }
    REQUIRE(stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);

    devnet.start(0);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/readyz").status == 200; }));
    const MemberClient again(devnet, 0);
    REQUIRE(again.status().executed_height() >= height);
    again.must_open();
}

TEST_CASE("network: events are told in order, from any height on", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 4; ++i) {
        client.must_open();
    }
    const auto receipts_from = [&](std::uint64_t from, std::size_t wanted) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 20s);
        v1::WatchEventsRequest request;
        request.set_from_height(from);
        const auto stream = client.stub().WatchEvents(&context, request);
        std::vector<std::uint64_t> heights;
        v1::WatchEventsResponse event;
        std::uint64_t last = 0;
        while (heights.size() < wanted && stream->Read(&event)) {
            REQUIRE(event.height() > last);
            last = event.height();
            for (const auto& receipt : event.receipts()) {
                heights.push_back(receipt.height());
            }
        }
        context.TryCancel();
        return heights;
    };
    const auto all = receipts_from(0, 4);
    REQUIRE(all.size() == 4);
    REQUIRE(receipts_from(all[2], 2) == std::vector<std::uint64_t>(all.begin() + 2, all.end()));
}

TEST_CASE("network: an idle network makes no blocks", "[integration]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    const auto made_nothing_for = [&](std::chrono::milliseconds span) {
        const auto height = client.status().finalized_height();
        std::this_thread::sleep_for(span);
        return client.status().finalized_height() == height;
    };
    REQUIRE(eventually([&] { return made_nothing_for(1500ms); }));
    REQUIRE(made_nothing_for(2500ms));
}

}  // namespace remit::test
