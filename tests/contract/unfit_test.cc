// A service that is not fit to be served does not start, and says which method and what to do.
#include <gmock/gmock.h>

#include "tests/contract/test_region.h"
#include "tests/contract/unfit.pb.h"

namespace yilian::contract {
namespace {

using ::testing::HasSubstr;

class Handlers {
 public:
  absl::StatusOr<v1::UnfitResponse> Call(const rpc::Call&, const v1::UnfitRequest&) {
    return v1::UnfitResponse();
  }
  absl::StatusOr<v1::UnfitResponse> CallBad(const rpc::Call&, const v1::BadRuleRequest&) {
    return v1::UnfitResponse();
  }
};

class UnfitTest : public ContractTest {
 protected:
  absl::Status StartOf(const std::string& service) {
    return StartOf(std::move(
        rpc::Dispatch("yilian.contract.v1." + service).Unary("Call", &handlers_, &Handlers::Call)));
  }
  absl::Status StartOf(rpc::Dispatch dispatch) {
    rpc::Server::Options options = NewOptions();
    return StartOf(std::move(dispatch), std::move(options));
  }
  absl::Status StartOf(rpc::Dispatch dispatch, rpc::Server::Options options) {
    std::vector<rpc::Dispatch> services;
    services.push_back(std::move(dispatch));
    return rpc::Server::Start(std::move(options), std::move(services)).status();
  }
  Handlers handlers_;
};

TEST_F(UnfitTest, MethodWithoutPolicyDoesNotStart) {
  const absl::Status status = StartOf("WithoutPolicy");
  EXPECT_THAT(status, status::StatusIs(absl::StatusCode::kFailedPrecondition, "POLICY_MISSING"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("yilian.contract.v1.WithoutPolicy.Call: has no policy"));
}

TEST_F(UnfitTest, PolicyWithoutEffectRelationshipOrCallersDoesNotStart) {
  for (const auto& [service, word] :
       std::map<std::string, std::string>{{"WithoutEffect", "effect"},
                                          {"WithoutRelationship", "relationship"},
                                          {"WithoutCallers", "nobody"}}) {
    const absl::Status status = StartOf(service);
    EXPECT_THAT(status, status::StatusIs(absl::StatusCode::kFailedPrecondition, "POLICY_MISSING"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(word));
  }
}

TEST_F(UnfitTest, WriteWithoutRequestIdDoesNotStart) {
  EXPECT_THAT(StartOf("WriteWithoutRequestId"),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_MISSING"));
}

TEST_F(UnfitTest, UnreadableRuleDoesNotStart) {
  EXPECT_THAT(StartOf(std::move(rpc::Dispatch("yilian.contract.v1.WithBadRule")
                                    .Unary("Call", &handlers_, &Handlers::CallBad))),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "RULE_INVALID"));
}

TEST_F(UnfitTest, AuditedMethodWithoutAuditLogDoesNotStart) {
  rpc::Server::Options options = NewOptions();
  options.audit = nullptr;
  EXPECT_THAT(StartOf(std::move(rpc::Dispatch("yilian.contract.v1.Audited")
                                    .Unary("Call", &handlers_, &Handlers::Call)),
                      std::move(options)),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "AUDIT_MISSING"));
}

TEST_F(UnfitTest, WritingMethodWithoutFingerprintKeysDoesNotStart) {
  rpc::Server::Options options = NewOptions();
  options.fingerprint = nullptr;
  EXPECT_THAT(StartOf(service_.NewDispatch(), std::move(options)),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "FINGERPRINT_MISSING"));
}

TEST_F(UnfitTest, MissingSurplusAndMistypedHandlersDoNotStart) {
  const std::string name = "yilian.contract.v1.Audited";
  EXPECT_THAT(StartOf(rpc::Dispatch(name)),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "HANDLER_MISSING"));
  EXPECT_THAT(StartOf(std::move(rpc::Dispatch(name)
                                    .Unary("Call", &handlers_, &Handlers::Call)
                                    .Unary("Other", &handlers_, &Handlers::Call))),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "HANDLER_UNFIT"));
  EXPECT_THAT(StartOf(std::move(rpc::Dispatch(name)
                                    .Unary("Call", &handlers_, &Handlers::Call)
                                    .Unary("Call", &handlers_, &Handlers::Call))),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "HANDLER_UNFIT"));
  EXPECT_THAT(StartOf(std::move(rpc::Dispatch(name).Unary("Call", &handlers_, &Handlers::CallBad))),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "HANDLER_UNFIT"));
  EXPECT_THAT(StartOf(rpc::Dispatch("yilian.contract.v1.Nowhere")),
              status::StatusIs(absl::StatusCode::kFailedPrecondition, "SERVICE_UNKNOWN"));
}

}  // namespace
}  // namespace yilian::contract
