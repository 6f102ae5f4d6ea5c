// A bare gRPC TLS echo whose handler makes the read of GetReferral and nothing else: what is left
// of the ratio to it is what frame, domain, conversion and the durable audit record cost.
#pragma once

#include <sys/types.h>

#include <string>

namespace yilian::bench {

// Serves it until standard input ends: the same statement, prepared in as many sessions of MySQL's
// C client as the service has handler threads, over the same TLS. Prints its port. Returns the
// process's exit code. `pki`: folder with ca.pem, echo.pem and echo.key; `region`: the region's.
int ServeReads(const std::string& pki, const std::string& region);

// This binary anew as `--serve-reads`, ended with this object.
class ReadServerProcess {
 public:
  ReadServerProcess(const std::string& pki, const std::string& region);
  ~ReadServerProcess();
  ReadServerProcess(const ReadServerProcess&) = delete;
  ReadServerProcess& operator=(const ReadServerProcess&) = delete;

  int port = 0;  // 0: it did not start
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int stop_ = -1;
};

}  // namespace yilian::bench
