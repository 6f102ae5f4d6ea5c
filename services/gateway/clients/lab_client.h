// Reports to `lab`, from inbound messages.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "services/gateway/domain/inbound/delivery.h"
#include "yilian/lab/v1/lab.grpc.pb.h"

namespace yilian::gateway {

// Thread-safe. Calls as this service, for the sender's organization.
class LabClient : public inbound::ReportIntake {
 public:
  explicit LabClient(std::shared_ptr<grpc::Channel> channel);
  std::optional<inbound::DeliveryFailure> Ingest(const inbound::Request& request,
                                                 const base::Uuid& patient,
                                                 const inbound::Hl7Report& report) override;

 private:
  const std::unique_ptr<lab::v1::LabService::Stub> stub_;
};

// What is sent for a report; apart from the call so that a test can look at it.
lab::v1::IngestReportRequest ToIngestRequest(const inbound::Request& request,
                                             const base::Uuid& patient,
                                             const inbound::Hl7Report& report);

// "observations[2].value" -> the OBX that it came from.
hl7::Location LocateInReport(const inbound::Hl7Report& report, std::string_view path);

}  // namespace yilian::gateway
