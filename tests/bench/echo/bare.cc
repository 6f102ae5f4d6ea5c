#include "tests/bench/echo/bare.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace yilian::bench {

ServerProcess::ServerProcess(const std::string& folder) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) std::abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    execl("/proc/self/exe", "yilian-bench", "--serve", folder.c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  stop_ = in[1];
  std::FILE* ports = fdopen(out[0], "r");
  if (std::fscanf(ports, "%d %d", &bare_port, &frame_port) != 2) bare_port = 0;
  std::fclose(ports);
}

ServerProcess::~ServerProcess() {
  close(stop_);
  waitpid(pid_, nullptr, 0);
}

std::shared_ptr<grpc::Channel> BareChannel(const std::string& target, const std::string& ca_file) {
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<tls::FileWatcherCertificateProvider>(ca_file, 1));
  options.watch_root_certs();
  options.set_verify_server_certs(true);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, tls::TlsCredentials(options), arguments);
}

}  // namespace yilian::bench
