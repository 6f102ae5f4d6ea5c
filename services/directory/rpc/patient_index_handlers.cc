#include "services/directory/rpc/patient_index_handlers.h"

#include <optional>
#include <string>
#include <vector>

#include "common/base/etag.h"
#include "common/base/status_macros.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "services/directory/domain/errors.h"
#include "services/directory/rpc/convert.h"

namespace yilian::directory {
namespace {

using convert::ActorOf;
using convert::ToProto;

// Who reviews pairs stands for the region, not for an organization with a relationship.
const Actor kRegion = {.is_service = true};

v1::MatchReview ToProto(const MatchReview& review) {
  v1::MatchReview message;
  message.set_review_id(review.id.ToString());
  message.add_patient_ids(review.low.ToString());
  message.add_patient_ids(review.high.ToString());
  message.set_decibits(static_cast<int32_t>(review.decibits));
  for (const FieldAgreement& one : review.agreements) {
    v1::FieldAgreement& agreement = *message.add_agreements();
    agreement.set_field(static_cast<v1::MatchField>(one.field));
    agreement.set_agreement(static_cast<v1::Agreement>(one.agreement));
  }
  message.set_state(static_cast<v1::MatchReviewState>(review.state));
  wire::SetTime(message.mutable_due_at(), review.due_at);
  wire::SetTime(message.mutable_created_at(), review.created_at);
  message.set_etag(base::EtagOf(review.version));
  return message;
}

v1::PatientMerge ToProto(const PatientMerge& merge) {
  v1::PatientMerge message;
  message.set_merge_id(merge.id.ToString());
  message.set_surviving_patient_id(merge.survivor.ToString());
  message.set_merged_patient_id(merge.merged.ToString());
  wire::SetTime(message.mutable_merged_at(), merge.merged_at);
  if (merge.undone_at) wire::SetTime(message.mutable_undone_at(), *merge.undone_at);
  return message;
}

absl::StatusOr<ReviewDecision> ToDomain(const v1::DecideMatchReviewRequest& request,
                                        const rpc::Caller& by) {
  ReviewDecision decision{.version = base::VersionOf(request.etag()),
                          .state = static_cast<ReviewState>(request.decision()),
                          .defer_days = request.defer_days(),
                          .by = by.user_id};
  ASSIGN_OR_RETURN(decision.review, ReviewId::Parse(request.review_id()));
  ASSIGN_OR_RETURN(decision.survivor, wire::OptionalId<PatientId>(request.surviving_patient_id()));
  return decision;
}

}  // namespace

rpc::Dispatch Bind(PatientIndexHandlers& handlers) {
  rpc::Dispatch dispatch("yilian.directory.v1.PatientIndexService");
  dispatch.Unary("AddPatientIdentifier", &handlers, &PatientIndexHandlers::AddPatientIdentifier)
      .Unary("RemovePatientIdentifier", &handlers, &PatientIndexHandlers::RemovePatientIdentifier)
      .Unary("ListMatchReviews", &handlers, &PatientIndexHandlers::ListMatchReviews)
      .Unary("GetMatchReview", &handlers, &PatientIndexHandlers::GetMatchReview)
      .Unary("DecideMatchReview", &handlers, &PatientIndexHandlers::DecideMatchReview)
      .Unary("ListPatientMerges", &handlers, &PatientIndexHandlers::ListPatientMerges)
      .Unary("UnmergePatients", &handlers, &PatientIndexHandlers::UnmergePatients);
  return dispatch;
}

absl::StatusOr<v1::Patient> PatientIndexHandlers::ChangeIdentifiers(
    const rpc::Call& call, const std::string& patient_id, const v1::PatientIdentifier& identifier,
    IdentifierChange change) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(patient_id));
  const Actor actor = ActorOf(call.caller());
  ASSIGN_OR_RETURN(const Identifier normal,
                   NormalOwnIdentifier({identifier.issuer(), identifier.value()}, actor));
  // The ledger keeps the id alone: nothing in it is encrypted.
  RETURN_IF_ERROR(deps_.unit
                      .Run<v1::Patient>(call.write_context(),
                                        [&](unit::Scope& scope) -> absl::StatusOr<v1::Patient> {
                                          RETURN_IF_ERROR(
                                              (deps_.index.*change)(scope, patient, normal, actor));
                                          v1::Patient outcome;
                                          outcome.set_patient_id(patient_id);
                                          return outcome;
                                        })
                      .status());
  ASSIGN_OR_RETURN(
      const Patient after,
      deps_.patients.Get(patient, {.organization = actor.organization, .is_service = true},
                         deps_.unit.clock().Now(), call.deadline()));
  return convert::ToProto(after);
}

absl::StatusOr<v1::Patient> PatientIndexHandlers::AddPatientIdentifier(
    const rpc::Call& call, const v1::AddPatientIdentifierRequest& request) {
  return ChangeIdentifiers(call, request.patient_id(), request.identifier(),
                           &PatientIndex::AddIdentifier);
}

absl::StatusOr<v1::Patient> PatientIndexHandlers::RemovePatientIdentifier(
    const rpc::Call& call, const v1::RemovePatientIdentifierRequest& request) {
  return ChangeIdentifiers(call, request.patient_id(), request.identifier(),
                           &PatientIndex::RemoveIdentifier);
}

absl::StatusOr<v1::ListMatchReviewsResponse> PatientIndexHandlers::ListMatchReviews(
    const rpc::Call& call, const v1::ListMatchReviewsRequest& request) {
  const wire::Pages pages(deps_.sealer, call, request);
  ASSIGN_OR_RETURN(const std::optional<wire::PageKey> after, pages.After());
  std::optional<PatientIndex::ReviewKey> key;
  if (after) key = {.due_at = after->time, .id = ReviewId(after->id)};
  ASSIGN_OR_RETURN(
      std::vector<MatchReview> due,
      deps_.index.DueReviews(deps_.unit.clock().Now(), key, pages.rows(), call.deadline()));
  v1::ListMatchReviewsResponse response;
  ASSIGN_OR_RETURN(*response.mutable_page()->mutable_next_page_token(),
                   pages.Cut(due, [](const MatchReview& last) {
                     return wire::PageKey{.time = last.due_at, .id = last.id.uuid()};
                   }));
  for (const MatchReview& review : due) *response.add_reviews() = ToProto(review);
  return response;
}

absl::StatusOr<v1::GetMatchReviewResponse> PatientIndexHandlers::GetMatchReview(
    const rpc::Call& call, const v1::GetMatchReviewRequest& request) {
  ASSIGN_OR_RETURN(const ReviewId id, ReviewId::Parse(request.review_id()));
  ASSIGN_OR_RETURN(const MatchReview review, deps_.index.GetReview(id, call.deadline()));
  v1::GetMatchReviewResponse response;
  *response.mutable_review() = ToProto(review);
  for (const PatientId patient : {review.low, review.high}) {
    ASSIGN_OR_RETURN(
        const Patient record,
        deps_.patients.Get(patient, kRegion, deps_.unit.clock().Now(), call.deadline()));
    call.Subject("patient", patient.uuid(), patient.uuid());
    *response.add_patients() = convert::ToProto(record);
  }
  return response;
}

absl::StatusOr<v1::MatchReview> PatientIndexHandlers::DecideMatchReview(
    const rpc::Call& call, const v1::DecideMatchReviewRequest& request) {
  ASSIGN_OR_RETURN(const ReviewDecision decision, ToDomain(request, call.caller()));
  return deps_.unit.Run<v1::MatchReview>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::MatchReview> {
        ASSIGN_OR_RETURN(const MatchReview after, deps_.index.DecideReview(scope, decision));
        return ToProto(after);
      });
}

absl::StatusOr<v1::ListPatientMergesResponse> PatientIndexHandlers::ListPatientMerges(
    const rpc::Call& call, const v1::ListPatientMergesRequest& request) {
  ASSIGN_OR_RETURN(const PatientId patient, PatientId::Parse(request.patient_id()));
  ASSIGN_OR_RETURN(const std::vector<PatientMerge> merges,
                   deps_.index.MergesOf(patient, call.deadline()));
  call.Subject("patient", patient.uuid(), patient.uuid());
  v1::ListPatientMergesResponse response;
  for (const PatientMerge& merge : merges) *response.add_merges() = ToProto(merge);
  return response;
}

absl::StatusOr<v1::PatientMerge> PatientIndexHandlers::UnmergePatients(
    const rpc::Call& call, const v1::UnmergePatientsRequest& request) {
  ASSIGN_OR_RETURN(const MergeId merge, MergeId::Parse(request.merge_id()));
  return deps_.unit.Run<v1::PatientMerge>(
      call.write_context(), [&](unit::Scope& scope) -> absl::StatusOr<v1::PatientMerge> {
        ASSIGN_OR_RETURN(const PatientMerge undone, deps_.index.Unmerge(scope, merge));
        return ToProto(undone);
      });
}

}  // namespace yilian::directory
