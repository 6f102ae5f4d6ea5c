#include "common/rpc/watchdog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "common/observe/log.h"

namespace yilian::rpc {
namespace {

constexpr int kMostFailures = 3;
constexpr int kExitCode = 70;  // EX_SOFTWARE

int Connect(const std::string& address, int port) {
  sockaddr_in6 six{};
  sockaddr_in four{};
  const bool ipv6 = address.find(':') != std::string::npos;
  six.sin6_family = AF_INET6;
  four.sin_family = AF_INET;
  six.sin6_port = four.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(),
                ipv6 ? static_cast<void*>(&six.sin6_addr) : &four.sin_addr) != 1) {
    return -1;
  }
  const int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const timeval limit{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const auto* target =
      ipv6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  if (connect(fd, target, ipv6 ? sizeof(six) : sizeof(four)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

// The listen address as one can connect to it.
std::string Reachable(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host == "::" || host.empty()) return "::1";
  if (host == "0.0.0.0" || host == "localhost") return "127.0.0.1";
  return host;
}

}  // namespace

Watchdog::Watchdog(const std::string& listen, int port, TlsFiles tls, std::function<void()> on_dead)
    : address_(Reachable(listen)), port_(port), tls_(std::move(tls)), on_dead_(std::move(on_dead)) {
  if (on_dead_ != nullptr) return;
  on_dead_ = [this] {
    observe::Log(observe::Level::kError,
                 "the own port accepts no connection any more; ending so that the supervisor "
                 "starts this process anew",
                 {{"address", address_}, {"port", port_}});
    _exit(kExitCode);
  };
}

Watchdog::~Watchdog() = default;

bool Watchdog::Answers() const {
  const int fd = Connect(address_, port_);
  if (fd < 0) return false;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_use_certificate_chain_file(context, tls_.certificate_file.c_str());
  SSL_CTX_use_PrivateKey_file(context, tls_.key_file.c_str(), SSL_FILETYPE_PEM);
  // Who answers does not matter here, only that someone does.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, fd);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls, kHttp2, sizeof(kHttp2));
  // A refused handshake is an answer too; silence is not.
  const int result = SSL_connect(tls);
  const bool answered = result == 1 || SSL_get_error(tls, result) == SSL_ERROR_SSL;
  if (result == 1) SSL_shutdown(tls);
  SSL_free(tls);
  SSL_CTX_free(context);
  ERR_clear_error();
  close(fd);
  return answered;
}

void Watchdog::Look() {
  failures_ = Answers() ? 0 : failures_ + 1;
  if (failures_ >= kMostFailures) on_dead_();
}

}  // namespace yilian::rpc
