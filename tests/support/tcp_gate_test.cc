#include "tests/support/tcp_gate.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"

namespace yilian::test_support {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Answers every byte with the same byte, a thread a client.
class Echo {
 public:
  Echo() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
        clients_.emplace_back([fd] {
          char buffer[4096];
          for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;)
            send(fd, buffer, n, MSG_NOSIGNAL);
          close(fd);
        });
      }
    });
  }
  ~Echo() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (std::thread& client : clients_) client.join();
    close(listener_);
  }
  int port = 0;

 private:
  int listener_;
  std::thread thread_;
  std::vector<std::thread> clients_;
};

class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = Loopback(port);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    Patience(absl::Seconds(10));
  }
  ~Client() { close(fd_); }
  void Patience(absl::Duration patience) {
    const timeval limit = absl::ToTimeval(patience);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  void Send(const std::string& text) { send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  // What arrived, "" when the link ended, "(silence)" when nothing came.
  std::string Receive(size_t bytes) {
    std::string text;
    char buffer[65536];
    while (text.size() < bytes) {
      const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
      if (n < 0 && errno == EAGAIN) return "(silence)";
      if (n <= 0) return "";
      text.append(buffer, n);
    }
    return text;
  }
  std::string Ask(const std::string& text) {
    Send(text);
    return Receive(text.size());
  }

 private:
  int fd_;
  bool connected_;
};

class TcpGateTest : public ::testing::Test {
 protected:
  Echo echo_;
  std::unique_ptr<TcpGate> gate_ = TcpGate::ToPort(echo_.port);
};

TEST_F(TcpGateTest, PassesBytesUnchanged) {
  Client client(gate_->port());
  EXPECT_EQ(client.Ask("hello"), "hello");
  const std::string big(3 << 20, 'x');
  std::thread sender([&] { client.Send(big); });
  EXPECT_TRUE(client.Receive(big.size()) == big);
  sender.join();
}

TEST_F(TcpGateTest, DelaysEachWay) {
  Client client(gate_->port());
  gate_->Delay(absl::Milliseconds(40));
  const absl::Time start = absl::Now();
  EXPECT_EQ(client.Ask("hello"), "hello");
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(80));
}

TEST_F(TcpGateTest, StallsAndGoesOn) {
  Client client(gate_->port());
  EXPECT_EQ(client.Ask("a"), "a");
  gate_->Stall();
  client.Patience(absl::Milliseconds(100));
  EXPECT_EQ(client.Ask("held"), "(silence)");
  gate_->Restore();
  client.Patience(absl::Seconds(10));
  EXPECT_EQ(client.Receive(4), "held");
}

TEST_F(TcpGateTest, HalfOpenSwallowsAnswers) {
  Client client(gate_->port());
  EXPECT_EQ(client.Ask("a"), "a");
  gate_->HalfOpen();
  client.Patience(absl::Milliseconds(100));
  EXPECT_EQ(client.Ask("lost"), "(silence)");
  gate_->Restore();
  client.Patience(absl::Seconds(10));
  EXPECT_EQ(client.Ask("b"), "b");
}

TEST_F(TcpGateTest, CutEndsLinksAndLetsNewOnesPass) {
  Client client(gate_->port());
  EXPECT_EQ(client.Ask("a"), "a");
  EXPECT_EQ(gate_->links(), 1);
  gate_->Cut();
  EXPECT_EQ(client.Receive(1), "");
  EXPECT_EQ(gate_->links(), 0);
  Client next(gate_->port());
  EXPECT_EQ(next.Ask("b"), "b");
  EXPECT_EQ(gate_->accepted(), 2);
}

TEST_F(TcpGateTest, RefusesUntilRestored) {
  gate_->Refuse();
  Client refused(gate_->port());
  EXPECT_EQ(refused.Ask("a"), "");
  gate_->Restore();
  Client next(gate_->port());
  EXPECT_EQ(next.Ask("b"), "b");
}

TEST_F(TcpGateTest, CutsAtTheGivenBytesOnce) {
  for (const auto point : {TcpGate::CutPoint::kBeforeServer, TcpGate::CutPoint::kBeforeAnswer}) {
    Client client(gate_->port());
    gate_->CutAt("COMMIT", point);
    EXPECT_EQ(client.Ask("BEGIN"), "BEGIN");
    EXPECT_FALSE(gate_->cut_happened());
    EXPECT_EQ(client.Ask("xxCOMMITxx"), "");
    EXPECT_TRUE(gate_->cut_happened());
    Client next(gate_->port());
    EXPECT_EQ(next.Ask("COMMIT"), "COMMIT");
  }
}

}  // namespace
}  // namespace yilian::test_support
