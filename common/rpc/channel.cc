#include "common/rpc/channel.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/keepalive.h"
#include "common/rpc/library_logs.h"
#include "yilian/policy/v1/policy.pb.h"

namespace yilian::rpc {
namespace {

// A restarted service is back in a second: looking again every second costs nothing.
constexpr int kFirstReconnectMs = 100;
constexpr int kSlowestReconnectMs = 2'000;

// Believes a server whose certificate has exactly the expected name; the chain was checked before.
class NameVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit NameVerifier(std::string expected) : expected_(std::move(expected)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* sync_status) override {
    const std::vector<grpc::string_ref> names = request->uri_names();
    if (names.size() != 1 || names.front() != expected_) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  "the server's certificate is not " + expected_);
    }
    return true;  // decided here and now
  }
  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string expected_;
};

bool MayRepeat(const google::protobuf::MethodDescriptor& method) {
  const policy::v1::MethodPolicy& policy = method.options().GetExtension(policy::v1::policy);
  if (policy.long_lived() || method.client_streaming()) return false;
  if (policy.effect() == policy::v1::EFFECT_READ) return true;
  return policy.effect() == policy::v1::EFFECT_WRITE &&
         method.input_type()->FindFieldByName("request_id") != nullptr;
}

}  // namespace

std::string ServiceConfig(const std::vector<std::string>& proto_files) {
  std::string names;
  for (const std::string& name : proto_files) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    for (int s = 0; file != nullptr && s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto& method = *file->service(s)->method(m);
        if (!MayRepeat(method)) continue;
        names += fmt::format(R"({}{{"service":"{}","method":"{}"}})", names.empty() ? "" : ",",
                             file->service(s)->full_name(), method.name());
      }
    }
  }
  // Throttling: when every second call fails, retries stop, so that they do not double an overload.
  std::string config =
      R"({"loadBalancingConfig":[{"round_robin":{}}],"retryThrottling":{"maxTokens":100,"tokenRatio":0.5})";
  // CANCELLED comes from a server that shuts down: gRPC 1.51 answers it to calls that cross its
  // GOAWAY. A call that its own client cancels is over and not tried again.
  if (!names.empty()) {
    config += fmt::format(R"(,"methodConfig":[{{"name":[{}],"retryPolicy":{{"maxAttempts":5,)"
                          R"("initialBackoff":"0.05s","maxBackoff":"1s","backoffMultiplier":3,)"
                          R"("retryableStatusCodes":["UNAVAILABLE","CANCELLED"]}}}}])",
                          names);
  }
  return config + "}";
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls,
                                                           const ChannelOptions& options) {
  RouteLibraryLogs();
  RETURN_IF_ERROR(CheckTlsFiles(tls, absl::Now()).status());
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key_file, tls.certificate_file, tls.ca_file, 1);
  grpc::experimental::TlsChannelCredentialsOptions credentials;
  credentials.set_certificate_provider(provider);
  credentials.watch_root_certs();
  credentials.watch_identity_key_cert_pairs();
  credentials.set_verify_server_certs(true);
  // Names are SPIFFE URIs, not host names: NameVerifier compares them.
  credentials.set_check_call_host(false);
  credentials.set_certificate_verifier(
      grpc::experimental::ExternalCertificateVerifier::Create<NameVerifier>(
          fmt::format("spiffe://{}/service/{}", options.region, options.service)));
  std::vector<std::string> files = options.proto_files;
  if (files.empty()) {
    files = {fmt::format("yilian/{0}/v1/{0}.proto", options.service),
             "yilian/event/v1/event.proto"};
  }
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(files));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kClientKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kClientKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // As the server's: a reader that is slower than the network does not fill its memory.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kSlowestReconnectMs);
  // Each target its own connections: two certificates in one process must not share one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::experimental::TlsCredentials(credentials),
                                   arguments);
}

}  // namespace yilian::rpc
