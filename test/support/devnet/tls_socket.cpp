#include "test/support/devnet/tls_socket.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace remit::test {

namespace {

template <class Object, class Read>
Object* read_pem(const std::string& text, Read read) {
    BIO* in = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    Object* out = read(in, nullptr, nullptr, nullptr);
    BIO_free(in);
    return out;
}

void set_limit(int socket, int which, std::chrono::milliseconds limit) {
    const timeval patience{.tv_sec = limit.count() / 1000,
                           .tv_usec = (limit.count() % 1000) * 1000};
    ::setsockopt(socket, SOL_SOCKET, which, &patience, sizeof(patience));
}

}  // namespace

struct TlsSocket::State {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = nullptr;
    int socket = -1;
    bool open = false;
};

TlsSocket::TlsSocket(std::uint16_t port, const node::TlsIdentity& identity)
    : state_(std::make_unique<State>()) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    auto* certificate = read_pem<X509>(identity.certificate_pem, PEM_read_bio_X509);
    auto* key = read_pem<EVP_PKEY>(identity.key_pem, PEM_read_bio_PrivateKey);
    SSL_CTX_use_certificate(state_->context, certificate);
    SSL_CTX_use_PrivateKey(state_->context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    constexpr unsigned char protocols[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(state_->context, protocols, sizeof(protocols));
    state_->ssl = SSL_new(state_->context);
    state_->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    set_limit(state_->socket, SO_SNDTIMEO, std::chrono::seconds(5));
    set_limit(state_->socket, SO_RCVTIMEO, std::chrono::seconds(20));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(state_->socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
        SSL_set_fd(state_->ssl, state_->socket);
        state_->open = SSL_connect(state_->ssl) == 1;
    }
}

TlsSocket::~TlsSocket() {
    SSL_free(state_->ssl);
    SSL_CTX_free(state_->context);
    ::close(state_->socket);
}

bool TlsSocket::is_open() const {
    return state_->open;
}

bool TlsSocket::send(const std::string& bytes) {
    std::size_t sent = 0;
    state_->open = state_->open &&
                   SSL_write_ex(state_->ssl, bytes.data(), bytes.size(), &sent) == 1 &&
                   sent == bytes.size();
    return state_->open;
}

std::string TlsSocket::receive(std::chrono::milliseconds limit) {
    set_limit(state_->socket, SO_RCVTIMEO, limit);
    std::string out;
    char buffer[4096];
    std::size_t got = 0;
    constexpr std::size_t bytes_max = 1U << 20U;
    while (state_->open && out.size() < bytes_max) {
        ERR_clear_error();  // another connection's end, of this thread, would be taken for this
                            // one's
        if (SSL_read_ex(state_->ssl, buffer, sizeof(buffer), &got) != 1) {
            // A silent peer leaves the connection; everything else was its end.
            state_->open = SSL_get_error(state_->ssl, 0) == SSL_ERROR_WANT_READ;
            break;
        }
        out.append(buffer, got);
    }
    return out;
}

}  // namespace remit::test
