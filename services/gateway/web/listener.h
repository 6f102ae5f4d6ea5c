// Answers HTTP requests without a body, for nginx on the same machine: one request a connection.
//
// One thread moves bytes; a pool of workers runs the handler, which blocks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace yilian::gateway::web {

struct ListenerOptions {
  std::string address;    // "127.0.0.1:7180", port 0 for any free one
  int connections = 200;  // more are closed at once
  int workers = 4;        // requests handled at the same time
  int header_bytes = 8192;
  absl::Duration read_timeout = absl::Seconds(10);   // for the whole request
  absl::Duration write_timeout = absl::Seconds(30);  // for the whole answer
};

// A GET or HEAD; others are refused before the handler.
struct Request {
  std::string target;         // path and query, as sent
  std::string if_none_match;  // all header lines of that name, "" without
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Thread-safe.
class Listener {
 public:
  // Runs on a worker thread.
  using Handle = std::function<Response(const Request&)>;

  // FAILED_PRECONDITION names the address that cannot be used, and why.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(ListenerOptions options, Handle handle);
  virtual ~Listener() = default;  // takes no more connections and ends those that are there

  virtual int port() const = 0;
};

}  // namespace yilian::gateway::web
