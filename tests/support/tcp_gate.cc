#include "tests/support/tcp_gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <list>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace yilian::test_support {
namespace {

constexpr size_t kHeldBytes = 1 << 20;  // a direction that holds more back reads no further

void Check(bool ok, const char* what) {
  if (ok) return;
  std::cerr << "TcpGate: " << what << ": " << std::strerror(errno) << std::endl;
  std::abort();
}

// An address of either family.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  static Endpoint Port(int port) {
    Endpoint endpoint;
    auto* address = reinterpret_cast<sockaddr_in*>(&endpoint.storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(static_cast<uint16_t>(port));
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    endpoint.size = sizeof(sockaddr_in);
    return endpoint;
  }
  static Endpoint Socket(const std::string& path) {
    Endpoint endpoint;
    auto* address = reinterpret_cast<sockaddr_un*>(&endpoint.storage);
    address->sun_family = AF_UNIX;
    Check(path.size() < sizeof(address->sun_path), "socket path too long");
    std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
    endpoint.size = sizeof(sockaddr_un);
    return endpoint;
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int Open() const {
    return ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
};

// Closing with a reset rather than a farewell: what a cut looks like to the peer.
void Reset(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

struct Chunk {
  absl::Time due;
  std::string bytes;
};

// One way of one link.
struct Flow {
  int from;
  int to;
  std::deque<Chunk> held;
  size_t held_bytes = 0;
  bool ended = false;  // the sender has closed
};

struct Link {
  Flow up;    // client to server
  Flow down;  // server to client
  bool cut_at_answer = false;
  bool dead = false;
};

}  // namespace

class TcpGate::Loop {
 public:
  Loop(const Endpoint& listen_at, Endpoint target) : target_(target), listener_(listen_at.Open()) {
    wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    Check(bind(listener_, listen_at.get(), listen_at.size) == 0, "bind");
    Check(listen(listener_, 128) == 0, "listen");
    if (listen_at.storage.ss_family == AF_INET) {
      sockaddr_in bound{};
      socklen_t size = sizeof(bound);
      getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
      port_ = ntohs(bound.sin_port);
    } else {
      socket_ = reinterpret_cast<const sockaddr_un*>(&listen_at.storage)->sun_path;
    }
    thread_ = std::thread([this] { Run(); });
  }

  ~Loop() {
    Change([this] { stop_ = true; });
    thread_.join();
    for (Link& link : links_) Close(link);
    close(listener_);
    close(wake_);
    if (!socket_.empty()) unlink(socket_.c_str());
  }

  // Applies a change and makes the loop notice.
  template <typename Apply>
  void Change(const Apply& apply) {
    {
      absl::MutexLock lock(&mutex_);
      apply();
    }
    const uint64_t one = 1;
    Check(write(wake_, &one, sizeof(one)) == sizeof(one), "eventfd");
  }

  void CutAllLocked() {
    for (Link& link : links_) Close(link);
    links_.clear();
    open_ = 0;
  }

  int port_ = 0;
  std::string socket_;
  std::atomic<int> open_{0};
  std::atomic<int> accepted_{0};
  std::atomic<bool> cut_happened_{false};

  absl::Mutex mutex_;
  absl::Duration delay_;
  bool stalled_ = false;
  bool half_open_ = false;
  bool refusing_ = false;
  bool stop_ = false;
  std::string cut_at_;
  CutPoint cut_point_ = CutPoint::kBeforeServer;

 private:
  static void Close(Link& link) {
    Reset(link.up.from);
    Reset(link.up.to);
  }

  void Run() {
    for (;;) {
      std::vector<pollfd> fds;
      int timeout;
      {
        absl::MutexLock lock(&mutex_);
        if (stop_) return;
        fds = Interests();
        timeout = Timeout();
      }
      poll(fds.data(), fds.size(), timeout);
      uint64_t drained;
      while (read(wake_, &drained, sizeof(drained)) > 0) {
      }
      absl::MutexLock lock(&mutex_);
      Accept();
      for (Link& link : links_) {
        Pump(link, link.up, true);
        if (!link.dead) Pump(link, link.down, false);
        if (link.dead) Close(link);
      }
      links_.remove_if([](const Link& link) { return link.dead; });
      open_ = static_cast<int>(links_.size());
    }
  }

  std::vector<pollfd> Interests() {
    std::vector<pollfd> fds = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (stalled_) return fds;
    for (Link& link : links_) {
      for (Flow* flow : {&link.up, &link.down}) {
        if (!flow->ended && flow->held_bytes < kHeldBytes) fds.push_back({flow->from, POLLIN, 0});
        if (!flow->held.empty() && flow->held.front().due <= absl::Now())
          fds.push_back({flow->to, POLLOUT, 0});
      }
    }
    return fds;
  }

  // Until the next held chunk is due.
  int Timeout() {
    absl::Time next = absl::InfiniteFuture();
    if (!stalled_) {
      for (Link& link : links_) {
        for (Flow* flow : {&link.up, &link.down}) {
          if (!flow->held.empty()) next = std::min(next, flow->held.front().due);
        }
      }
    }
    if (next == absl::InfiniteFuture()) return -1;
    const absl::Duration wait = next - absl::Now();
    // Due already and not written: the peer's buffer is full, and POLLOUT tells.
    if (wait <= absl::ZeroDuration()) return -1;
    return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
  }

  void Accept() {
    for (;;) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (client < 0) return;
      ++accepted_;
      const int server = target_.Open();
      // A loopback connect is done at once or refused at once.
      if (refusing_ ||
          (connect(server, target_.get(), target_.size) != 0 && errno != EINPROGRESS)) {
        Reset(client);
        close(server);
        continue;
      }
      links_.push_back(
          Link{Flow{client, server, {}, 0, false}, Flow{server, client, {}, 0, false}});
    }
  }

  void Pump(Link& link, Flow& flow, bool up) {
    if (stalled_) return;
    Read(link, flow, up);
    while (!link.dead && !flow.held.empty() && flow.held.front().due <= absl::Now()) {
      std::string& bytes = flow.held.front().bytes;
      const ssize_t written = send(flow.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (written < 0) {
        link.dead = errno != EAGAIN && errno != EINPROGRESS && errno != ENOTCONN;
        return;
      }
      flow.held_bytes -= written;
      bytes.erase(0, written);
      if (bytes.empty()) flow.held.pop_front();
    }
    // The whole link ends with either end: no protocol behind this gate goes on half-closed.
    if (flow.ended && flow.held.empty()) link.dead = true;
  }

  void Read(Link& link, Flow& flow, bool up) {
    char buffer[65536];
    while (!link.dead && !flow.ended && flow.held_bytes < kHeldBytes) {
      const ssize_t got = recv(flow.from, buffer, sizeof(buffer), 0);
      if (got < 0) {
        if (errno != EAGAIN && errno != ENOTCONN) flow.ended = true;
        return;
      }
      if (got == 0) {
        flow.ended = true;
        return;
      }
      std::string bytes(buffer, got);
      if (!up && link.cut_at_answer) {
        link.dead = true;
        cut_happened_ = true;
        return;
      }
      if (!up && half_open_) continue;
      if (up && !cut_at_.empty() && bytes.find(cut_at_) != std::string::npos) {
        cut_at_.clear();
        if (cut_point_ == CutPoint::kBeforeServer) {
          link.dead = true;
          cut_happened_ = true;
          return;
        }
        link.cut_at_answer = true;
      }
      flow.held_bytes += bytes.size();
      flow.held.push_back(Chunk{absl::Now() + delay_, std::move(bytes)});
    }
  }

  const Endpoint target_;
  const int listener_;
  int wake_;
  std::list<Link> links_;
  std::thread thread_;
};

TcpGate::TcpGate(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
TcpGate::~TcpGate() = default;

std::unique_ptr<TcpGate> TcpGate::ToPort(int port) {
  return std::unique_ptr<TcpGate>(
      new TcpGate(std::make_unique<Loop>(Endpoint::Port(0), Endpoint::Port(port))));
}

std::unique_ptr<TcpGate> TcpGate::ToSocket(const std::string& path) {
  static std::atomic<int> count{0};
  const char* folder = std::getenv("TMPDIR");
  const std::string own = std::string(folder != nullptr && *folder != 0 ? folder : "/tmp") +
                          "/yilian-gate-" + std::to_string(getpid()) + "-" +
                          std::to_string(++count);
  unlink(own.c_str());
  return std::unique_ptr<TcpGate>(
      new TcpGate(std::make_unique<Loop>(Endpoint::Socket(own), Endpoint::Socket(path))));
}

int TcpGate::port() const { return loop_->port_; }
const std::string& TcpGate::socket() const { return loop_->socket_; }

void TcpGate::Delay(absl::Duration delay) {
  loop_->Change([&] { loop_->delay_ = delay; });
}
void TcpGate::Stall() {
  loop_->Change([&] { loop_->stalled_ = true; });
}
void TcpGate::HalfOpen() {
  loop_->Change([&] { loop_->half_open_ = true; });
}
void TcpGate::Cut() {
  loop_->Change([&] { loop_->CutAllLocked(); });
}
void TcpGate::Refuse() {
  loop_->Change([&] {
    loop_->refusing_ = true;
    loop_->CutAllLocked();
  });
}
void TcpGate::Restore() {
  loop_->Change([&] {
    loop_->delay_ = absl::ZeroDuration();
    loop_->stalled_ = loop_->half_open_ = loop_->refusing_ = false;
    loop_->cut_at_.clear();
  });
}
void TcpGate::CutAt(std::string bytes, CutPoint point) {
  loop_->Change([&] {
    loop_->cut_at_ = std::move(bytes);
    loop_->cut_point_ = point;
    loop_->cut_happened_ = false;
  });
}

int TcpGate::links() const { return loop_->open_; }
int TcpGate::accepted() const { return loop_->accepted_; }
bool TcpGate::cut_happened() const { return loop_->cut_happened_; }

}  // namespace yilian::test_support
