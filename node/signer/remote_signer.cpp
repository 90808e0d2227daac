#include "node/signer/remote_signer.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace remit::node::signer {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds pause_between_tries{250};

/// One reply, or nothing by the deadline or from an end that is gone or talks nonsense.
std::optional<Reply> receive(int socket, Clock::time_point deadline) {
    FrameReader frames;
    std::array<char, frame_bytes_max> buffer{};
    while (true) {
        if (const auto body = frames.next()) {
            return reply_from(*body);
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
        if (frames.broken() || left < 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) {
            return std::nullopt;
        }
        const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return std::nullopt;
        }
        frames.add(ByteView(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))));
    }
}

/// What is new for whoever watches: not the counters alone.
bool differs(const SignerReading& a, const SignerReading& b) {
    const auto kinds = [](const SignerReading& of) { return of.refusals.size(); };
    return a.connected != b.connected || a.locked != b.locked || a.trouble != b.trouble ||
           kinds(a) != kinds(b);
}

}  // namespace

Result<std::unique_ptr<RemoteSigner>, Failure> RemoteSigner::open(RemoteSignerConfig config,
                                                                  OnChange on_change) {
    std::unique_ptr<RemoteSigner> out(new RemoteSigner(std::move(config), std::move(on_change)));
    TRY(out->connect());
    out->tell();
    out->keeper_ = std::thread([signer = out.get()] { signer->keep(); });
    return out;
}

RemoteSigner::~RemoteSigner() {
    {
        const std::lock_guard lock(keep_mutex_);
        stopping_ = true;
    }
    keep_wake_.notify_all();
    if (keeper_.joinable()) {
        keeper_.join();
    }
}

Result<Reply, std::string> RemoteSigner::greet(int socket) const {
    Hello hello{.chain_id = config_.chain_id, .newest_votes = {}};
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [kind, vote] : newest_votes_) {
            hello.newest_votes.push_back(vote);
        }
    }
    const auto wait_ms = static_cast<int>(config_.wait.count());
    // One that has closed already may have said why.
    static_cast<void>(send_all(socket, frame_of(Request(hello)), wait_ms));
    auto reply = receive(socket, Clock::now() + config_.wait);
    if (!reply) {
        return fail(std::string("the signer does not answer"));
    }
    return std::move(*reply);
}

Status<Failure> RemoteSigner::connect() {
    const auto away = [this](std::string why) {
        const std::lock_guard lock(mutex_);
        reading_.trouble = std::move(why);
    };
    auto socket = connect_to(config_.socket);
    if (!socket) {
        away(socket.error());
        return {};
    }
    const auto reply = greet(socket->get());
    if (!reply) {
        away(reply.error());
        return {};
    }
    if (const auto* refused = std::get_if<Refused>(&*reply)) {
        const auto why = std::to_string(static_cast<int>(refused->reason)) + " " +
                         std::string(name_of(refused->reason));
        away("the signer refuses: " + why);
        return fail_with(ExitCode::bad_configuration,
                         "the signer at " + config_.socket + " refuses this node: " + why,
                         "one signer serves one node of one chain");
    }
    const auto* status = std::get_if<SignerStatus>(&*reply);
    if (status == nullptr || status->key != config_.key) {
        away("the signer has another key");
        return fail_with(ExitCode::not_allowed,
                         "the signer at " + config_.socket + " holds " +
                             (status == nullptr ? "no key" : status->key.hex()) +
                             ", this validator needs " + config_.key.hex(),
                         "start the signer of this validator");
    }
    const std::lock_guard lock(mutex_);
    socket_ = std::move(*socket);
    reading_.connected = true;
    reading_.locked = status->locked;
    reading_.trouble.clear();
    return {};
}

void RemoteSigner::keep() {
    std::unique_lock lock(keep_mutex_);
    while (!keep_wake_.wait_for(lock, pause_between_tries, [this] { return stopping_; })) {
        lock.unlock();
        bool connected = false;
        {
            const std::lock_guard talk(mutex_);
            connected = socket_.is_open();
            if (connected) {
                const auto reply = ask(StatusRequest{});
                const auto* status = reply ? std::get_if<SignerStatus>(&*reply) : nullptr;
                if (status != nullptr) {
                    reading_.locked = status->locked;
                } else if (reply) {
                    lose("the signer answers nonsense");
                }
            }
        }
        if (!connected) {
            static_cast<void>(connect());  // what is wrong is in the reading
        }
        tell();
        lock.lock();
    }
}

std::optional<Reply> RemoteSigner::ask(const Request& request) const {
    const auto deadline = Clock::now() + config_.wait;
    const auto wait_ms = static_cast<int>(config_.wait.count());
    if (!send_all(socket_.get(), frame_of(request), wait_ms)) {
        lose("the signer is gone");
        return std::nullopt;
    }
    auto reply = receive(socket_.get(), deadline);
    if (!reply) {
        lose("the signer did not answer in time, or is gone");
    }
    return reply;
}

std::optional<Signature> RemoteSigner::signature_of(ByteView message) const {
    std::optional<Signature> out;
    {
        const std::lock_guard lock(mutex_);
        if (!socket_.is_open()) {
            return std::nullopt;
        }
        // The signer would end the connection: no frame of it holds so much.
        const auto reply = message.size() > statement_bytes_max
                               ? std::optional<Reply>(Refused{.reason = Refusal::malformed})
                               : ask(SignRequest{.statement = Bytes(message)});
        if (!reply) {
            // Told below.
        } else if (const auto* refused = std::get_if<Refused>(&*reply)) {
            ++reading_.refusals[refused->reason];
            reading_.locked = reading_.locked || refused->reason == Refusal::locked;
        } else if (const auto* good = std::get_if<Signed>(&*reply);
                   good != nullptr && verify(config_.key, message, good->signature)) {
            ++reading_.signatures;
            note_vote({.statement = Bytes(message), .signature = good->signature});
            return good->signature;
        } else {
            lose("the signer gives wrong signatures");
        }
    }
    tell();
    return out;
}

void RemoteSigner::note_vote(SignedStatement vote) const {
    const auto statement = statement_of(vote.statement, config_.chain_id);
    const auto* said = statement ? std::get_if<VoteStatement>(&*statement) : nullptr;
    if (said == nullptr) {
        return;
    }
    const Place place{.epoch = said->epoch, .view = said->view};
    if (place < newest_place_) {
        return;
    }
    if (newest_place_ < place) {
        newest_votes_.clear();
        newest_place_ = place;
    }
    newest_votes_.insert_or_assign(said->kind, std::move(vote));
}

void RemoteSigner::show(const std::vector<SignedStatement>& votes) {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& vote : votes) {
            note_vote(vote);
        }
        if (newest_votes_.empty() || !socket_.is_open()) {
            return;
        }
        Hello hello{.chain_id = config_.chain_id, .newest_votes = {}};
        for (const auto& [kind, vote] : newest_votes_) {
            hello.newest_votes.push_back(vote);
        }
        const auto reply = ask(hello);
        if (const auto* status = reply ? std::get_if<SignerStatus>(&*reply) : nullptr) {
            reading_.locked = status->locked;
        }
    }
    tell();
}

void RemoteSigner::lose(std::string why) const {
    socket_.close();
    reading_.connected = false;
    reading_.trouble = std::move(why);
}

SignerReading RemoteSigner::reading() const {
    const std::lock_guard lock(mutex_);
    return reading_;
}

void RemoteSigner::tell() const {
    const auto now = reading();
    {
        const std::lock_guard lock(tell_mutex_);
        if (!differs(now, told_)) {
            return;
        }
        told_ = now;
    }
    if (on_change_) {
        on_change_(now);
    }
}

}  // namespace remit::node::signer
