// A link that can be made bad: between a client and a server, by TCP or by unix socket.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace yilian::test_support {

// COMMIT as MySQL's protocol carries it, for CutAt. The bare word is also part of READ COMMITTED,
// which every new session sends.
inline constexpr char kCommitPacket[] =
    "\x03"
    "COMMIT";

// Passes bytes both ways from its own port or socket to the server's, on a thread of its own, until
// told otherwise. Thread-safe. Closing it resets every link.
class TcpGate {
 public:
  static std::unique_ptr<TcpGate> ToPort(int port);  // 127.0.0.1 on both sides
  static std::unique_ptr<TcpGate> ToSocket(
      const std::string& path);  // listens on socket(); the link is plaintext
  ~TcpGate();

  int port() const;                   // 0 for a socket
  const std::string& socket() const;  // empty for a port

  void Delay(absl::Duration delay);  // each way; zero again: none
  void Stall();     // nothing passes, links stay up; new ones are accepted and see nothing
  void HalfOpen();  // requests arrive, answers vanish
  void Cut();       // resets all links now; new ones pass
  void Refuse();    // resets all links, and new ones at once
  void Restore();   // passes everything again, also what Stall held back

  // Cuts one link as soon as the client sends `bytes` in one write (plaintext only), once.
  enum class CutPoint {
    kBeforeServer,  // the server never sees them
    kBeforeAnswer,  // the server has acted and answered; the client never hears of it
  };
  void CutAt(std::string bytes, CutPoint point);

  int links() const;          // open now
  int accepted() const;       // ever
  bool cut_happened() const;  // by CutAt

  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

 private:
  class Loop;
  explicit TcpGate(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace yilian::test_support
