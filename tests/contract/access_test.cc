// Who gets in: deadline, certificate, token, role. Each refusal has a reason of its own.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

class AccessTest : public ContractTest {
 protected:
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const v1::EchoRequest&,
                                        v1::EchoResponse*);
  AccessTest() { Start(); }
  absl::Status Call(Stub& stub, Method method, const rpc::ClientCall& call) {
    return call.Invoke(stub, method, Text("x")).status();
  }
};

TEST_F(AccessTest, SignedInDoctorIsServedAndKnown) {
  auto stub = Client("org/" + std::string(kClinic) + "/system/his");
  const auto response = Doctor().Invoke(*stub, &Stub::Echo, Text("你好"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), "你好");
  EXPECT_EQ(response->user_id(), user_.ToString());
  EXPECT_EQ(response->organization_id(), kClinic);
  EXPECT_EQ(response->caller_peer(), Spiffe("org/" + std::string(kClinic) + "/system/his"));
  EXPECT_LE(response->deadline_ms_left(), 10'000);
}

TEST_F(AccessTest, CallWithoutDeadlineIsRefused) {
  auto stub = Client();
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token());
  v1::EchoResponse response;
  EXPECT_THAT(status::FromGrpc(stub->Echo(&context, Text("x"), &response)),
              StatusIs(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
  EXPECT_EQ(service_.handled(), 0);
}

TEST_F(AccessTest, LongDeadlineIsCutToTenMinutes) {
  auto stub = Client();
  const auto response = Doctor(absl::Hours(3)).Invoke(*stub, &Stub::Echo, Text("x"));
  ASSERT_THAT(response, IsOk());
  EXPECT_LE(response->deadline_ms_left(), 600'000);
}

TEST_F(AccessTest, NoCertificateIsNoConnection) {
  auto stub = LooseClient({pki_.folder() + "/ca.pem", "", ""});
  EXPECT_THAT(Call(*stub, &Stub::Echo, Doctor(absl::Seconds(5))),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(AccessTest, CertificateOfAForeignCaIsNoConnection) {
  TestPki foreign;
  rpc::TlsFiles files = foreign.Issue("desk", Spiffe("client/desk"));
  files.ca_file = pki_.folder() + "/ca.pem";
  auto stub = LooseClient(files);
  EXPECT_THAT(Call(*stub, &Stub::Echo, Doctor(absl::Seconds(5))),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(AccessTest, ForeignTrustDomainAndUnknownPathsAreRefused) {
  auto foreign = LooseClient(pki_.Issue("foreign", "spiffe://other.region/service/referral"));
  EXPECT_THAT(Call(*foreign, &Stub::ForAnyone, Doctor()),
              StatusIs(kUnauthenticated, "FOREIGN_CERTIFICATE"));
  // A region whose name only begins alike.
  auto longer = LooseClient(pki_.Issue("longer", "spiffe://test.region.evil/service/referral"));
  EXPECT_THAT(Call(*longer, &Stub::ForAnyone, Doctor()),
              StatusIs(kUnauthenticated, "FOREIGN_CERTIFICATE"));
  auto nameless = LooseClient(pki_.Issue("nameless", ""));
  EXPECT_THAT(Call(*nameless, &Stub::ForAnyone, Doctor()),
              StatusIs(kUnauthenticated, "CERTIFICATE_IDENTITY_MISSING"));
  for (const std::string path : {"service/", "service/a/b", "org/not-a-uuid/system/his", "robot/x",
                                 "org/0193f2c4-7b1e-7c3a-8a54-00000000c111/his"}) {
    auto unknown = LooseClient(pki_.Issue("unknown", Spiffe(path)));
    EXPECT_THAT(Call(*unknown, &Stub::ForAnyone, Doctor()),
                StatusIs(kUnauthenticated, "CERTIFICATE_IDENTITY_UNKNOWN"))
        << path;
  }
}

TEST_F(AccessTest, ForgedExpiredAndMalformedTokensAreRefused) {
  auto stub = Client();
  std::string forged = Token();
  const size_t dot = forged.rfind('.');
  forged[dot + 5] = forged[dot + 5] == 'A' ? 'B' : 'A';
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(forged)),
              StatusIs(kUnauthenticated, "TOKEN_INVALID"));
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken("nonsense")),
              StatusIs(kUnauthenticated, "TOKEN_INVALID"));
  token_clock_.Advance(-absl::Hours(1));
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(Token())),
              StatusIs(kUnauthenticated, "TOKEN_EXPIRED"));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  context.AddMetadata("authorization", "Basic eHg6eXk=");
  v1::EchoResponse response;
  EXPECT_THAT(status::FromGrpc(stub->Echo(&context, Text("x"), &response)),
              StatusIs(kUnauthenticated, "TOKEN_INVALID"));
  EXPECT_EQ(service_.handled(), 0);
}

TEST_F(AccessTest, TokenFromAnUnknownKeyIsRefusedAndATakenBackKeyEndsItsTokens) {
  auto stub = Client();
  const std::string token = Token();
  ASSERT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(token)), IsOk());
  // The key is replaced: what was verified and remembered before must not count any more.
  TestPki::IssueTokenKey(pki_.folder() + "/other.key", pki_.folder() + "/tokens/k1.pem");
  EXPECT_TRUE(Eventually([&] {
    return status::ReasonOf(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(token))) ==
           "TOKEN_INVALID";
  }));
}

TEST_F(AccessTest, RevokedUserIsRefusedAtTheNextCall) {
  auto stub = Client();
  const std::string token = Token();
  ASSERT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(token)), IsOk());
  revocations_.Revoke(user_, token_clock_.Now() + absl::Seconds(1));
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(token)),
              StatusIs(kUnauthenticated, "TOKEN_REVOKED"));
  // Somebody who signs in again afterwards is welcome.
  token_clock_.Advance(absl::Seconds(2));
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(Token())), IsOk());
}

TEST_F(AccessTest, PersonOfAnotherOrganizationThanTheCertificateIsRefused) {
  auto stub = Client("org/" + std::string(kHospital) + "/system/his");
  EXPECT_THAT(Call(*stub, &Stub::Echo, Doctor()), StatusIs(kDenied, "ORGANIZATION_MISMATCH"));
}

TEST_F(AccessTest, RoleDecides) {
  auto stub = Client();
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(Token({"ROLE_AUDITOR"}))),
              StatusIs(kDenied, "ROLE_NOT_ALLOWED"));
  EXPECT_THAT(Call(*stub, &Stub::Echo,
                   rpc::ClientCall().WithToken(Token({"ROLE_AUDITOR", "ROLE_CLINIC_DOCTOR"}))),
              IsOk());
  // A role that a newer directory knows gives no right here.
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall().WithToken(Token({"ROLE_OF_TOMORROW"}))),
              StatusIs(kDenied, "ROLE_NOT_ALLOWED"));
  EXPECT_THAT(Call(*stub, &Stub::ForPersons, rpc::ClientCall().WithToken(Token({"ROLE_AUDITOR"}))),
              IsOk());
}

TEST_F(AccessTest, SignInIsAskedForWhereAPersonIsNeeded) {
  auto stub = Client();
  EXPECT_THAT(Call(*stub, &Stub::Echo, rpc::ClientCall()),
              StatusIs(kUnauthenticated, "SIGN_IN_REQUIRED"));
  EXPECT_THAT(Call(*stub, &Stub::ForPersons, rpc::ClientCall()),
              StatusIs(kUnauthenticated, "SIGN_IN_REQUIRED"));
  EXPECT_THAT(Call(*stub, &Stub::ForAnyone, rpc::ClientCall()), IsOk());
}

TEST_F(AccessTest, SystemsAndServicesComeInByTheirOwnDoors) {
  auto desk = Client("client/desk");
  auto his = Client("org/" + std::string(kClinic) + "/system/his");
  auto referral = Client("service/referral");
  auto lab = Client("service/lab");
  EXPECT_THAT(Call(*his, &Stub::ForSystems, rpc::ClientCall()), IsOk());
  EXPECT_THAT(Call(*referral, &Stub::ForServices, rpc::ClientCall()), IsOk());
  for (Stub* other : {desk.get(), referral.get()}) {
    EXPECT_THAT(Call(*other, &Stub::ForSystems, rpc::ClientCall()),
                StatusIs(kDenied, "ROLE_NOT_ALLOWED"));
  }
  for (Stub* other : {desk.get(), his.get(), lab.get()}) {
    EXPECT_THAT(Call(*other, &Stub::ForServices, rpc::ClientCall()),
                StatusIs(kDenied, "ROLE_NOT_ALLOWED"));
  }
  // With a person the person's rights count, not the service's.
  EXPECT_THAT(Call(*referral, &Stub::ForServices, Doctor()), StatusIs(kDenied, "ROLE_NOT_ALLOWED"));
}

TEST_F(AccessTest, TraceGoesOnWithANewSpan) {
  auto stub = Client();
  const std::string inbound = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto response = rpc::ClientCall(absl::Seconds(5), inbound)
                            .WithToken(Token())
                            .Invoke(*stub, &Stub::Echo, Text("x"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->traceparent().substr(0, 36), inbound.substr(0, 36));
  EXPECT_NE(response->traceparent(), inbound);
}

}  // namespace
}  // namespace yilian::contract
