// The bare side: echo servers in a child process, and a channel to the one that has nothing but
// TLS.
#pragma once

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>

namespace yilian::bench {

// Starts this binary anew as `--serve FOLDER` (servers.h), and ends it with itself.
class ServerProcess {
 public:
  // `folder`: certificates and keys, as Setup (servers.h) describes them.
  explicit ServerProcess(const std::string& folder);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const { return pid_; }
  int bare_port = 0;  // 0: the servers did not start
  int frame_port = 0;

 private:
  pid_t pid_ = 0;
  int stop_ = -1;
};

// TLS as the frame has it, without its checks of who answers.
std::shared_ptr<grpc::Channel> BareChannel(const std::string& target, const std::string& ca_file);

}  // namespace yilian::bench
