// The methods of yilian.scheduling.v1.SessionTemplateService: convert, one use case, convert back.
#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/sealed.h"
#include "common/rpc/call.h"
#include "common/rpc/dispatch.h"
#include "services/scheduling/domain/template_store.h"
#include "yilian/scheduling/v1/session_template.pb.h"

namespace yilian::scheduling {

// Thread-safe; owned by the service's context.
class TemplateHandlers {
 public:
  struct Deps {
    TemplateStore& templates;
    AvailabilityStore& availability;
    const crypto::Sealer& sealer;
  };
  explicit TemplateHandlers(Deps deps) : deps_(deps) {}

  absl::StatusOr<v1::SessionTemplate> CreateSessionTemplate(
      const rpc::Call& call, const v1::CreateSessionTemplateRequest& request);
  absl::StatusOr<v1::SessionTemplate> ChangeSessionTemplate(
      const rpc::Call& call, const v1::ChangeSessionTemplateRequest& request);
  absl::StatusOr<v1::SessionTemplate> EndSessionTemplate(
      const rpc::Call& call, const v1::EndSessionTemplateRequest& request);
  absl::StatusOr<v1::SessionTemplate> GetSessionTemplate(
      const rpc::Call& call, const v1::GetSessionTemplateRequest& request);
  absl::StatusOr<v1::ListSessionTemplatesResponse> ListSessionTemplates(
      const rpc::Call& call, const v1::ListSessionTemplatesRequest& request);
  absl::StatusOr<v1::ListTemplateConflictsResponse> ListTemplateConflicts(
      const rpc::Call& call, const v1::ListTemplateConflictsRequest& request);
  absl::StatusOr<v1::Absence> RecordAbsence(const rpc::Call& call,
                                            const v1::RecordAbsenceRequest& request);
  absl::StatusOr<v1::Absence> EndAbsence(const rpc::Call& call,
                                         const v1::EndAbsenceRequest& request);
  absl::StatusOr<v1::ListAbsencesResponse> ListAbsences(const rpc::Call& call,
                                                        const v1::ListAbsencesRequest& request);
  absl::StatusOr<v1::Site> DefineSite(const rpc::Call& call, const v1::DefineSiteRequest& request);
  absl::StatusOr<v1::Site> GetSite(const rpc::Call& call, const v1::GetSiteRequest& request);

 private:
  const Deps deps_;
};

// The service's methods, bound.
rpc::Dispatch Bind(TemplateHandlers& handlers);

}  // namespace yilian::scheduling
