#include "test/faults/load.h"

#include "node/seams/random.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t wait_ms = 2000;
constexpr int operations = 6;

/// What a client of a network with faults must expect and answers by asking again.
bool is_passing(const grpc::Status& status) {
    switch (static_cast<int>(status.error_code())) {
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::RESOURCE_EXHAUSTED:
        case grpc::StatusCode::CANCELLED:
            return true;
        default:
            return false;
    }
}

}  // namespace

void Load::begin(std::size_t clients) {
    last_ = Clock::now();
    for (std::size_t i = 0; i < clients; ++i) {
        threads_.emplace_back([this, i] { run_client(i); });
    }
}

Load::~Load() {
    finish(0s);
}

void Load::finish(std::chrono::seconds limit) {
    give_up_ = (Clock::now() + limit).time_since_epoch().count();
    stopping_ = true;
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void Load::run_client(std::size_t client) {
    std::vector<MemberClient> nodes;
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        nodes.push_back(cluster_.client(i));
    }
    std::mt19937_64 random(seed_ + client);
    while (!stopping_) {
        node::SystemRandom tags;  // never those of an earlier run
        Payment payment;
        payment.payer = tags.draw<ledger::CustomerTag>();
        payment.payee = tags.draw<ledger::CustomerTag>();
        payment.paid = static_cast<ledger::Minor>(1 + random() % 10'000);
        payment.funded = payment.paid + static_cast<ledger::Minor>(random() % 10'000);
        if (!pay(nodes, client + random() % nodes.size(), payment)) {
            return;
        }
        std::this_thread::sleep_for(30ms);
    }
}

bool Load::pay(const std::vector<MemberClient>& nodes, std::size_t first, Payment payment) {
    const auto envelope =
        nodes[0].payment(payment.payer, payment.payee, payment.funded, payment.paid);
    for (std::size_t turn = first;; ++turn) {
        const auto done = nodes[turn % nodes.size()].submit(envelope, wait_ms);
        if (take(done, payment)) {
            return true;
        }
        if (Clock::now().time_since_epoch().count() > give_up_) {
            add_violation("payment of wallet " + payment.payer.hex() +
                          " was never answered: " + done.status.error_message());
            return false;
        }
        std::this_thread::sleep_for(50ms);
    }
}

bool Load::take(const MemberClient::Submitted& done, Payment& payment) {
    if (!done.status.ok()) {
        if (!is_passing(done.status)) {
            add_violation("payment of wallet " + payment.payer.hex() + ": " +
                          reason_of(done.status) + " " + done.status.error_message());
            return true;
        }
        return false;
    }
    if (!done.is_final()) {
        return false;
    }
    for (const auto& receipt : done.response.receipts()) {
        if (receipt.has_refusal()) {
            add_violation("payment of wallet " + payment.payer.hex() + ": operation " +
                          receipt.verb() + " was refused: " + receipt.refusal().name());
            return true;
        }
    }
    if (done.response.receipts_size() != operations) {
        add_violation("payment of wallet " + payment.payer.hex() + " has " +
                      std::to_string(done.response.receipts_size()) + " receipts");
        return true;
    }
    payment.transaction_id = done.response.transaction_id();
    payment.height = done.response.receipts(0).height();
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    longest_ = std::max(longest_, now - last_);
    last_ = now;
    acknowledged_.push_back(payment);
    return true;
}

void Load::add_violation(const std::string& text) {
    const std::lock_guard lock(mutex_);
    violations_.push_back(text);
}

std::vector<Payment> Load::acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
}

std::size_t Load::acknowledged_count() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_.size();
}

std::vector<std::string> Load::violations() const {
    const std::lock_guard lock(mutex_);
    return violations_;
}

std::chrono::milliseconds Load::take_longest_pause() {
    const std::lock_guard lock(mutex_);
    const auto out = std::max(longest_, Clock::now() - last_);
    longest_ = Clock::duration(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(out);
}

}  // namespace remit::test
