// For tests: the services behind the gateway, speaking real gRPC and remembering what they were
// told.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/uuid.h"
#include "common/status/error.h"
#include "yilian/directory/v1/access.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"
#include "yilian/lab/v1/lab.grpc.pb.h"
#include "yilian/referral/v1/referral.grpc.pb.h"

namespace yilian::gateway {

// What they were asked to commit, each request id once. What is read while calls go on is read
// under `mutex`.
class Owners : public directory::v1::DirectoryService::Service,
               public directory::v1::AccessService::Service,
               public referral::v1::ReferralService::Service,
               public lab::v1::LabService::Service {
 public:
  grpc::Status RegisterPatient(grpc::ServerContext*,
                               const directory::v1::RegisterPatientRequest* request,
                               directory::v1::RegisterPatientResponse* response) override {
    std::lock_guard<std::mutex> lock(mutex);
    if (!directory_failure.ok()) return status::ToGrpc(directory_failure);
    const std::string key =
        request->identifiers_size() > 0 ? request->identifiers(0).value() : request->national_id();
    auto& id = patients[key];
    if (id.empty()) id = base::Uuid::V7().ToString();
    if (requests.insert(request->request_id()).second) registered.push_back(*request);
    response->mutable_patient()->set_patient_id(id);
    return grpc::Status::OK;
  }
  grpc::Status MergePatients(grpc::ServerContext*,
                             const directory::v1::MergePatientsRequest* request,
                             directory::v1::Patient*) override {
    std::lock_guard<std::mutex> lock(mutex);
    merged.push_back(*request);
    return grpc::Status::OK;
  }
  grpc::Status IngestReport(grpc::ServerContext*, const lab::v1::IngestReportRequest* request,
                            lab::v1::Report*) override {
    std::lock_guard<std::mutex> lock(mutex);
    if (!lab_failure.ok()) return status::ToGrpc(lab_failure);
    if (requests.insert(request->request_id()).second) reports.push_back(*request);
    return grpc::Status::OK;
  }

  grpc::Status RecordAdmission(grpc::ServerContext*,
                               const directory::v1::RecordAdmissionRequest* request,
                               directory::v1::Admission*) override {
    return Hear("admitted", *request);
  }
  grpc::Status RecordDischarge(grpc::ServerContext*,
                               const directory::v1::RecordDischargeRequest* request,
                               directory::v1::Admission*) override {
    return Hear("discharged", *request);
  }
  grpc::Status CancelAdmission(grpc::ServerContext*,
                               const directory::v1::CancelAdmissionRequest* request,
                               directory::v1::Admission*) override {
    return Hear("admission cancelled", *request);
  }
  grpc::Status CancelDischarge(grpc::ServerContext*,
                               const directory::v1::CancelDischargeRequest* request,
                               directory::v1::Admission*) override {
    return Hear("discharge cancelled", *request);
  }
  grpc::Status DraftDischarge(grpc::ServerContext*,
                              const referral::v1::DraftDischargeRequest* request,
                              referral::v1::DraftDischargeResponse*) override {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (!referral_failure.ok()) return status::ToGrpc(referral_failure);
    }
    return Hear("drafted", *request);
  }
  grpc::Status WithdrawDischarge(grpc::ServerContext*,
                                 const referral::v1::WithdrawDischargeRequest* request,
                                 referral::v1::WithdrawDischargeResponse*) override {
    return Hear("withdrawn", *request);
  }
  template <typename Request>
  grpc::Status Hear(const std::string& what, const Request& request) {
    std::lock_guard<std::mutex> lock(mutex);
    if (requests.insert(request.request_id()).second) {
      stays.push_back(what);
      last_stay = request.ShortDebugString();
    }
    return grpc::Status::OK;
  }

  std::mutex mutex;
  std::vector<std::string> stays;
  std::string last_stay;
  absl::Status referral_failure;
  absl::Status directory_failure;
  absl::Status lab_failure;
  std::set<std::string> requests;
  std::map<std::string, std::string> patients;
  std::vector<directory::v1::RegisterPatientRequest> registered;
  std::vector<directory::v1::MergePatientsRequest> merged;
  std::vector<lab::v1::IngestReportRequest> reports;
};

}  // namespace yilian::gateway
