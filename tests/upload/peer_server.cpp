#include "peer_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace respand::upload::test {
namespace {

constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

SSL_CTX* server_context(const respand::test::Certificate& certificate) {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    BIO* const cert =
        BIO_new_mem_buf(certificate.cert_pem.data(), static_cast<int>(certificate.cert_pem.size()));
    BIO* const key =
        BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size()));
    X509* const x509 = PEM_read_bio_X509(cert, nullptr, nullptr, nullptr);
    EVP_PKEY* const pkey = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    const bool good =
        SSL_CTX_use_certificate(context, x509) == 1 && SSL_CTX_use_PrivateKey(context, pkey) == 1;
    X509_free(x509);
    EVP_PKEY_free(pkey);
    BIO_free(cert);
    BIO_free(key);
    if (!good) throw std::runtime_error("the test certificate is not usable");
    return context;
}

}  // namespace

Peer::Peer(UniqueFd fd, SSL_CTX* tls) : fd_(std::move(fd)) {
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_.get());
    ready_ = SSL_accept(ssl_) == 1;
}

Peer::~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
}

int Peer::receive(char* into, int size) {
    if (ssl_ != nullptr) return SSL_read(ssl_, into, size);
    return static_cast<int>(::recv(fd_.get(), into, static_cast<std::size_t>(size), 0));
}

std::string Peer::read_head() {
    char buffer[16'384];
    std::size_t end = 0;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
        const int got = receive(buffer, sizeof buffer);
        if (got <= 0) return {};
        rest_.append(buffer, static_cast<std::size_t>(got));
    }
    std::string head = rest_.substr(0, end + 4);
    rest_.erase(0, end + 4);
    return head;
}

std::string Peer::read_request() {
    std::string request = read_head();
    const auto at = request.find("Content-Length: ");
    if (at == std::string::npos) return request;
    const std::size_t size = std::strtoul(request.c_str() + at + 16, nullptr, 10);
    char buffer[16'384];
    while (rest_.size() < size) {
        const int got = receive(buffer, sizeof buffer);
        if (got <= 0) return {};
        rest_.append(buffer, static_cast<std::size_t>(got));
    }
    request += rest_.substr(0, size);
    rest_.erase(0, size);
    return request;
}

void Peer::write(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const auto left = text.size() - sent;
        const auto wrote =
            ssl_ != nullptr
                ? static_cast<ssize_t>(SSL_write(ssl_, text.data() + sent, static_cast<int>(left)))
                : ::send(fd_.get(), text.data() + sent, left, MSG_NOSIGNAL);
        if (wrote <= 0) return;
        sent += static_cast<std::size_t>(wrote);
    }
}

void Peer::answer(int status, const std::string& body, const std::string& headers) {
    write("HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void Peer::wait_for_close() {
    char buffer[16'384];
    while (::recv(fd_.get(), buffer, sizeof buffer, 0) > 0) {
    }
}

/// The wait is poll()'s, which ends early when the client closes.
void Peer::drip(const std::string& piece) {
    while (true) {
        pollfd watched{.fd = fd_.get(), .events = POLLRDHUP, .revents = 0};
        if (::poll(&watched, 1, 1) != 0) return;
        if (::send(fd_.get(), piece.data(), piece.size(), MSG_NOSIGNAL) <= 0) return;
    }
}

std::string Peer::server_name() const {
    const char* const name = ssl_ == nullptr ? nullptr : SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
}

void Peer::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
}

PeerServer::PeerServer(Serve serve, const respand::test::Certificate* certificate,
                       const std::function<void(SSL_CTX*)>& tune)
    : serve_(std::move(serve)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    if (certificate != nullptr) tls_.reset(server_context(*certificate));
    if (tune) tune(tls_.get());
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("can't listen on loopback");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

PeerServer::~PeerServer() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
}

void PeerServer::run() {
    while (!stopping_) {
        UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd) return;
        const int number = connections_++;
        Peer peer(std::move(fd), tls_.get());
        if (peer.ready()) serve_(peer, number);
    }
}

}  // namespace respand::upload::test
