// A region as its operator sees it: the folder with configuration, certificates and keys that
// deploy/local/up makes.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/pool.h"
#include "common/rpc/certificate.h"

namespace yilian::ctl {

// Services in the order of a patient's journey.
const std::vector<std::string>& ServiceNames();

// Reads files only when asked. One thread.
class Region {
 public:
  // `folder`: YILIAN_VAR or `var` by default.
  explicit Region(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  // Certificate of `name` in pki/: `ctl` (a service of the region), `yilianctl` (a person's
  // workstation).
  rpc::TlsFiles Identity(std::string_view name) const;
  // A channel to a service, with the certificate of `identity`.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel(const std::string& service,
                                                         std::string_view identity) const;
  // The same through nginx, as callers outside the region come.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelThroughNginx(
      const std::string& service, std::string_view identity) const;
  // Read-only access to a service's schema, as `yilian_auditor`.
  absl::StatusOr<std::unique_ptr<mysql::Pool>> Audit(const std::string& service) const;
  // The service's own access, for the few things an operator may change.
  absl::StatusOr<std::unique_ptr<mysql::Pool>> Own(const std::string& service) const;
  // A value of a service's configuration by its path: "service.listen", "mllp.0.listen". NOT_FOUND
  // names file and key.
  absl::StatusOr<std::string> ConfigValue(const std::string& service, std::string_view path) const;
  // A secret kept in keys/, e.g. "demo-password".
  absl::StatusOr<std::string> Secret(const std::string& name) const;

 private:
  absl::StatusOr<mysql::PoolOptions> DatabaseOptions(const std::string& service) const;

  std::string folder_;
};

}  // namespace yilian::ctl
