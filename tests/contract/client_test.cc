// Our own channels: whom they believe, what they retry, how deadlines shrink on the way.
#include <gmock/gmock.h>

#include "tests/contract/test_region.h"
#include "tests/support/test_call.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientTest : public ContractTest {
 protected:
  ClientTest() { Start(); }
};

TEST_F(ClientTest, ReadIsRetriedUntilTheServiceIsBack) {
  auto stub = Client();
  service_.FailNext(3);
  EXPECT_THAT(rpc::ClientCall(absl::Seconds(20)).Invoke(*stub, &Stub::Flaky, Text("x")), IsOk());
  EXPECT_EQ(service_.attempts(), 4);
}

TEST_F(ClientTest, LongLivedCallIsNotRetried) {
  auto stub = Client();
  service_.FailNext(3);
  EXPECT_THAT(rpc::ClientCall(absl::Seconds(20)).Invoke(*stub, &Stub::FlakyOnce, Text("x")),
              StatusIs(absl::StatusCode::kUnavailable, "AWAY"));
  EXPECT_EQ(service_.attempts(), 1);
}

TEST_F(ClientTest, ServiceConfigNamesReadsAndWritesWithARequestIdOnly) {
  const std::string config = rpc::ServiceConfig({"tests/contract/contract.proto"});
  EXPECT_THAT(config, HasSubstr(R"("method":"Echo")"));
  EXPECT_THAT(config, HasSubstr(R"("method":"Write")"));
  EXPECT_THAT(config, Not(HasSubstr(R"("method":"Follow")")));
  EXPECT_THAT(config, Not(HasSubstr(R"("method":"Collect")")));
  EXPECT_THAT(config, HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(config, HasSubstr("round_robin"));
  // A deadline is the call's own: one in the service config is the lesser of the two, unseen.
  EXPECT_THAT(config, Not(HasSubstr("timeout")));
  EXPECT_THAT(config, Not(HasSubstr("hedgingPolicy")));
  EXPECT_THAT(rpc::ServiceConfig({"no/such.proto"}), Not(HasSubstr("methodConfig")));
}

TEST_F(ClientTest, ServerWithAnotherNameIsNotBelieved) {
  auto channel = rpc::MakeChannel(target(), pki_.Issue("desk", Spiffe("client/desk")),
                                  {kRegion, "lab", {"tests/contract/contract.proto"}});
  ASSERT_THAT(channel, IsOk());
  auto stub = v1::ContractService::NewStub(*channel);
  EXPECT_THAT(rpc::ClientCall(absl::Seconds(5)).Invoke(*stub, &Stub::ForAnyone, Text("x")),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(service_.handled(), 0);
}

TEST_F(ClientTest, UnusableTlsFilesAreNamed) {
  rpc::TlsFiles files = pki_.Issue("desk", Spiffe("client/desk"));
  files.key_file = pki_.folder() + "/nowhere.key";
  EXPECT_THAT(rpc::MakeChannel(target(), files, {kRegion, "contract", {}}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "TLS_FILES_UNUSABLE"));
}

// A call that is being served, from which another goes on.
TestCall InboundCall(absl::Time deadline, std::string token) {
  return TestCall({}, {.deadline = deadline,
                       .method = "/inbound",
                       .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                       .token = std::move(token)});
}

TEST_F(ClientTest, PersonTraceAndRemainingDeadlineGoAlong) {
  auto stub = Client("service/referral");
  const TestCall inbound = InboundCall(absl::Now() + absl::Seconds(2), Token());
  const auto response =
      rpc::ClientCall(inbound, absl::Minutes(1)).Invoke(*stub, &Stub::Echo, Text("x"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->user_id(), user_.ToString());
  EXPECT_EQ(response->traceparent().substr(0, 36), inbound.traceparent().substr(0, 36));
  EXPECT_LE(response->deadline_ms_left(), 1980);
  EXPECT_THAT(rpc::ClientCall(inbound).AsService().Invoke(*stub, &Stub::ForServices, Text("x")),
              IsOk());
}

TEST_F(ClientTest, NothingIsSentWhenNoTimeIsLeft) {
  auto stub = Client();
  const TestCall inbound = InboundCall(absl::Now() + absl::Milliseconds(10), Token());
  EXPECT_THAT(rpc::ClientCall(inbound).Invoke(*stub, &Stub::Echo, Text("x")),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_EQ(service_.handled(), 0);
}

}  // namespace
}  // namespace yilian::contract
