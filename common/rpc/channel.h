// Channels to other services: mutual TLS, the callee's identity checked, retries only where
// repeating is harmless.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/certificate.h"

namespace yilian::rpc {

// What may be on its way in a stream before its reader takes it, each way: a chunk of an
// attachment; 20 MB/s at 50 ms round trip.
inline constexpr int kStreamWindowBytes = 1024 * 1024;

struct ChannelOptions {
  std::string region;   // trust domain of the callee
  std::string service;  // callee: its certificate names spiffe://<region>/service/<service>
  // Proto files whose services are called; their policies say which methods may be retried. Empty:
  // yilian/<service>/v1/<service>.proto and yilian/event/v1/event.proto.
  std::vector<std::string> proto_files;
};

// A channel that connects when it is first used; certificates are read again when they change.
// `target`: host:port, dns:///..., unix:... FAILED_PRECONDITION when the TLS files are unusable.
// The channel is thread-safe.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls,
                                                           const ChannelOptions& options);

// The service config of such a channel, as JSON: round robin, and retries on UNAVAILABLE (and on
// the CANCELLED of a server that shuts down) for methods that read or whose writes carry a
// request_id. Methods without a policy and long-lived ones are not retried.
std::string ServiceConfig(const std::vector<std::string>& proto_files);

}  // namespace yilian::rpc
