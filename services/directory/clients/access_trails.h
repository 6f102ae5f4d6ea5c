// AccessTrail of this service and of its peers (yilian.audit.v1.AuditTrail).
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "common/service/audit_trail.h"
#include "services/directory/domain/record_access.h"
#include "yilian/audit/v1/audit.grpc.pb.h"

namespace yilian::directory {

// Thread-safe.
class PeerAccessTrail : public AccessTrail {
 public:
  PeerAccessTrail(std::string service, std::shared_ptr<grpc::Channel> channel)
      : service_(std::move(service)), stub_(audit::v1::AuditTrail::NewStub(std::move(channel))) {}
  const std::string& service() const override { return service_; }
  absl::StatusOr<std::vector<RecordAccess>> List(const AccessesQuery& query,
                                                 absl::Time deadline) override;

 private:
  const std::string service_;
  const std::unique_ptr<audit::v1::AuditTrail::Stub> stub_;
};

// Thread-safe; `pool` outlives it.
class OwnAccessTrail : public AccessTrail {
 public:
  OwnAccessTrail(std::string service, mysql::Pool& pool)
      : service_(std::move(service)), pool_(pool) {}
  const std::string& service() const override { return service_; }
  absl::StatusOr<std::vector<RecordAccess>> List(const AccessesQuery& query,
                                                 absl::Time deadline) override;

 private:
  const std::string service_;
  mysql::Pool& pool_;
};

}  // namespace yilian::directory
