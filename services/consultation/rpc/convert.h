// Between the wire and the domain.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/consultation/domain/consultation.h"
#include "yilian/consultation/v1/consultation.pb.h"

namespace yilian::consultation::convert {

// `reader`: a draft is shown to the expert who writes it only.
v1::Consultation ToProto(const Consultation& consultation, const Actor& reader);
absl::StatusOr<NewConsultation> ToDomain(const v1::RequestConsultationRequest& request,
                                         absl::Time now);
OpinionContent ToDomain(const v1::OpinionContent& content);
Actor ActorOf(const rpc::Caller& caller);

// The bytes that are signed: a deterministic OpinionStatement.
std::string StatementBytes(const Consultation& consultation, int version,
                           PractitionerId practitioner, absl::Time signed_at,
                           const OpinionContent& content);

}  // namespace yilian::consultation::convert
