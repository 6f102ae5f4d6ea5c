// A blocking MLLP peer for tests; plain TCP, or TLS with a certificate.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/domain/mllp/framer.h"

namespace yilian::gateway::mllp {

// One connection, one thread. Everything it waits for ends after ten seconds.
class MllpClient {
 public:
  explicit MllpClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~MllpClient() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (context_ != nullptr) SSL_CTX_free(context_);
    ::close(socket_);
  }
  MllpClient(const MllpClient&) = delete;
  MllpClient& operator=(const MllpClient&) = delete;

  bool connected() const { return connected_; }
  // An empty certificate file shows none.
  bool StartTls(const std::string& certificate_file, const std::string& key_file) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (!certificate_file.empty()) {
      SSL_CTX_use_certificate_chain_file(context_, certificate_file.c_str());
      SSL_CTX_use_PrivateKey_file(context_, key_file.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    return SSL_connect(ssl_) == 1;
  }

  bool SendRaw(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ssl_ != nullptr
                               ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                               : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  bool Send(std::string_view message) { return SendRaw(Wrap(message)); }

  // The next message; "" when the connection ended or nothing came in time.
  std::string Receive() {
    while (true) {
      while (!pending_.empty()) {
        pending_.erase(0, framer_.Feed(pending_));
        if (auto frame = framer_.Take()) return std::move(frame->content);
      }
      char buffer[4096];
      const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof(buffer))
                                            : ::recv(socket_, buffer, sizeof(buffer), 0);
      if (count <= 0) {
        ended_ = true;
        return "";
      }
      pending_.assign(buffer, static_cast<size_t>(count));
    }
  }
  std::string Ask(std::string_view message) { return Send(message) ? Receive() : ""; }
  // True once the other end has closed.
  bool WaitForEnd() {
    while (!ended_) Receive();
    return true;
  }

 private:
  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  Framer framer_{FrameLimits()};
  std::string pending_;
};

}  // namespace yilian::gateway::mllp
