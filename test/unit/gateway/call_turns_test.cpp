#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "gateway/channels.h"
#include "gateway/connectors/rail_service.h"
#include "node/seams/clock.h"
#include "test/support/node/free_port.h"
#include "test/support/node/memory_kv.h"
#include "test/support/node/temporary_folder.h"

using namespace std::chrono_literals;

namespace remit::gateway {
namespace {

constexpr std::size_t calls_max = 8;
constexpr std::size_t share = calls_max / 2;
constexpr std::uint32_t owner = 7;

/// A rail whose transfers take a second, its owner's certificate, and two other participants'.
class Rail {
public:
    Rail() : port_(node::free_ports(1).front()), book_(kv_, clock_) {
        std::map<std::string, std::string> pins;
        for (const std::string name : {"rail", "flooder", "other"}) {
            const auto folder = folder_.path() / name;
            std::filesystem::create_directories(folder);
            const auto identity = node::make_tls_identity(name).value();
            REQUIRE(node::write_tls_identity(folder, identity));
            const auto number = name == "rail" ? owner : name == "flooder" ? 1U : 2U;
            pins[name] = node::read_certificate(identity.certificate_pem)->pin.hex() + " " +
                         std::to_string(number);
        }
        for (const auto& [name, pin] : pins) {
            const auto folder = folder_.path() / name;
            identities_.emplace(name, Identity::load((folder / "tls.crt").string(),
                                                     (folder / "tls.key").string(), pins, calls_max)
                                          .value());
        }
        v1::Faults faults;
        faults.set_delay_ms(1'000);
        book_.set_faults(faults);
        server_.emplace(book_, identities_.at("rail"), owner);
        listener_.emplace(Listener::start({.host = "127.0.0.1", .port = port_},
                                          identities_.at("rail"), metrics_, {&*server_})
                              .value());
    }
    ~Rail() { listener_->stop(); }
    Rail(const Rail&) = delete;
    Rail& operator=(const Rail&) = delete;

    [[nodiscard]] std::shared_ptr<grpc::Channel> channel(const std::string& who) const {
        return identities_.at(who).channel("127.0.0.1:" + std::to_string(port_));
    }

private:
    node::TemporaryFolder folder_;
    std::uint16_t port_;
    test::MemoryKv kv_;
    node::SystemClock clock_;
    RailBook book_;
    node::Metrics metrics_;
    std::map<std::string, Identity> identities_;
    std::optional<RailServer> server_;
    std::optional<Listener> listener_;
};

/// A call of no transfers: it waits as long as any other, and moves nothing.
grpc::Status wait_a_second(v1::RailService::Stub& stub) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    set_deadline(context, 60s);
    v1::SubmitTransfersResponse response;
    return stub.SubmitTransfers(&context, v1::SubmitTransfersRequest{}, &response);
}

struct Answers {
    std::size_t done = 0;
    std::size_t exhausted = 0;
    std::size_t others = 0;

    void count(const grpc::Status& status) {
        const bool refused = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
                             refusal_of(status).name() == "EXHAUSTED";
        ++(status.ok() ? done : refused ? exhausted : others);
    }
};

}  // namespace

TEST_CASE("gateway calls: one certificate's flood leaves room for another's", "[gateway]") {
    Rail rail;
    const auto flooder = v1::RailService::NewStub(rail.channel("flooder"));
    const auto other = v1::RailService::NewStub(rail.channel("other"));
    REQUIRE(wait_a_second(*flooder).ok());
    REQUIRE(wait_a_second(*other).ok());

    std::vector<std::future<grpc::Status>> flood;
    for (std::size_t i = 0; i < 5 * calls_max; ++i) {
        flood.push_back(
            std::async(std::launch::async, [&flooder] { return wait_a_second(*flooder); }));
    }
    std::this_thread::sleep_for(200ms);
    std::vector<std::future<grpc::Status>> calls;
    for (std::size_t i = 0; i < share; ++i) {
        calls.push_back(std::async(std::launch::async, [&other] { return wait_a_second(*other); }));
    }
    for (auto& call : calls) {
        CHECK(call.get().ok());
    }
    Answers answers;
    for (auto& call : flood) {
        answers.count(call.get());
    }
    CHECK(answers.others == 0);
    CHECK(answers.done >= share);
    CHECK(answers.exhausted > 0);
    CHECK(answers.done + answers.exhausted == 5 * calls_max);
    // What has ended is given back, and so is what was refused for another reason.
    for (std::size_t i = 0; i < 2 * calls_max; ++i) {
        grpc::ClientContext context;
        set_deadline(context, 60s);
        v1::ListBalancesRequest request;
        request.set_account_prefix("own/7/");
        v1::ListBalancesResponse response;
        CHECK(flooder->ListBalances(&context, request, &response).error_code() ==
              grpc::StatusCode::PERMISSION_DENIED);
    }
    CHECK(wait_a_second(*flooder).ok());
}

}  // namespace remit::gateway
