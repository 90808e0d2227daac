#include "node/signer/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "node/ops/log.h"

namespace remit::node::signer {

namespace {

constexpr int answer_wait_ms = 1000;

Status<Failure> check_folder(const std::string& socket) {
    const auto folder = std::filesystem::path(socket).parent_path();
    struct stat facts{};
    if (::stat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        return fail_with(ExitCode::bad_configuration, "no folder " + folder.string(),
                         "make it: install -d -m 700 " + folder.string());
    }
    if (facts.st_uid != ::geteuid() || (facts.st_mode & 022U) != 0) {
        return fail_with(
            ExitCode::not_allowed,
            "folder " + folder.string() + " is another user's, or others may write to it",
            "chmod 700 " + folder.string());
    }
    return {};
}

}  // namespace

Server::~Server() {
    if (listener_.is_open()) {
        ::unlink(config_.socket.c_str());
    }
}

Status<Failure> Server::open() {
    TRY(check_folder(config_.socket));
    // Somebody answers there: another signer. Nobody: what a killed one left behind.
    if (connect_to(config_.socket)) {
        return fail_with(ExitCode::bad_configuration,
                         "another signer listens on " + config_.socket);
    }
    ::unlink(config_.socket.c_str());
    const bool own = config_.client_uid == ::geteuid();
    auto listener = listen_at(config_.socket, own ? 0600 : 0666);
    if (!listener) {
        return fail_with(ExitCode::bad_configuration, "cannot listen on " + listener.error());
    }
    listener_ = std::move(*listener);
    return {};
}

void Server::run(int stop) {
    while (true) {
        std::array<pollfd, 3> wait{{{.fd = stop, .events = POLLIN, .revents = 0},
                                    {.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = client_.get(), .events = POLLIN, .revents = 0}}};
        if (::poll(wait.data(), wait.size(), -1) < 0) {
            continue;  // interrupted
        }
        if (wait[0].revents != 0) {
            return;
        }
        if (wait[2].revents != 0 && !serve_client()) {
            client_.close();
            log_info("node_left");
        }
        if (wait[1].revents != 0) {
            accept_client();
        }
    }
}

void Server::accept_client() {
    Descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.is_open()) {
        return;
    }
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 ||
        who.uid != config_.client_uid) {
        log_warning("stranger_refused", {{"uid", who.uid}, {"pid", who.pid}});
        return;
    }
    if (client_.is_open()) {
        log_error("second_node_refused", {{"pid", who.pid}});
        send_all(client.get(), frame_of(Reply(Refused{.reason = Refusal::busy})), 0);
        return;
    }
    log_info("node_connected", {{"pid", who.pid}});
    client_ = std::move(client);
    frames_ = {};
    greeted_ = false;
    told_.reset();
}

bool Server::serve_client() {
    std::array<char, frame_bytes_max> buffer{};
    const auto got = ::recv(client_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    frames_.add(ByteView(buffer.data(), static_cast<std::size_t>(got)));
    while (const auto body = frames_.next()) {
        if (!answer(*body)) {
            return false;
        }
    }
    return !frames_.broken();
}

bool Server::answer(ByteView body) {
    const auto request = request_from(body);
    Reply reply = Refused{.reason = Refusal::malformed};
    if (request) {
        if (const auto* hello = std::get_if<Hello>(&*request)) {
            const bool was_locked = keeper_.status().locked;
            const auto status = keeper_.hello(*hello);
            greeted_ = status.has_value();
            reply = status ? Reply(*status) : Reply(Refused{.reason = status.error()});
            if (!was_locked && keeper_.status().locked) {
                log_error("signer_locked", {{"reason", keeper_.lost()}});
            }
        } else if (const auto* wanted = std::get_if<SignRequest>(&*request); wanted && greeted_) {
            const auto signature = keeper_.sign(wanted->statement);
            reply = signature ? Reply(Signed{.signature = *signature})
                              : Reply(Refused{.reason = signature.error()});
        } else if (greeted_) {
            reply = keeper_.status();
        }
    }
    const auto* refused = std::get_if<Refused>(&reply);
    const auto reason = refused == nullptr ? std::nullopt : std::optional(refused->reason);
    // Once, not for every repetition of a node that asks again and again.
    if (reason && reason != told_) {
        log_error("signature_refused",
                  {{"number", static_cast<int>(*reason)}, {"reason", name_of(*reason)}});
    }
    told_ = reason ? reason : told_;
    return send_all(client_.get(), frame_of(reply), answer_wait_ms) && request && greeted_;
}

}  // namespace remit::node::signer
