// The client certificate that nginx passes on: believed from nginx, checked, ignored from anybody
// else.
#include <fmt/format.h>

#include "tests/contract/test_region.h"

namespace yilian::contract {
namespace {

using status::IsOk;
using status::StatusIs;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

class NginxTest : public ContractTest {
 protected:
  NginxTest() { Start(); }
  absl::StatusOr<v1::EchoResponse> Call(Stub& stub, const std::string& header) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
    if (!header.empty()) context.AddMetadata("x-client-cert", header);
    v1::EchoResponse response;
    const grpc::Status status = stub.ForAnyone(&context, Text("x"), &response);
    if (!status.ok()) return status::FromGrpc(status);
    return response;
  }
  const std::string his_ = Spiffe(fmt::format("org/{}/system/his", kHospital));
};

TEST_F(NginxTest, CallerIsWhomTheHeaderNames) {
  auto nginx = Client("service/nginx");
  const std::string header = TestPki::Escaped(pki_.Issue("his", his_));
  for (int i = 0; i < 2; ++i) {
    const auto response = Call(*nginx, header);
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->caller_peer(), his_);
    EXPECT_EQ(response->organization_id(), kHospital);
  }
}

TEST_F(NginxTest, HeaderOfAnyOtherPeerIsIgnored) {
  auto desk = Client("client/desk");
  const auto response = Call(*desk, TestPki::Escaped(pki_.Issue("his", his_)));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->caller_peer(), Spiffe("client/desk"));
}

TEST_F(NginxTest, NginxWithoutAClientCertificateIsNobody) {
  auto nginx = Client("service/nginx");
  EXPECT_THAT(Call(*nginx, ""), StatusIs(kUnauthenticated, "CERTIFICATE_REQUIRED"));
}

TEST_F(NginxTest, ForeignExpiredAndUnreadableCertificatesAreRefused) {
  auto nginx = Client("service/nginx");
  TestPki foreign;
  EXPECT_THAT(Call(*nginx, TestPki::Escaped(foreign.Issue("his", his_))),
              StatusIs(kUnauthenticated, "CERTIFICATE_INVALID"));
  EXPECT_THAT(Call(*nginx, TestPki::Escaped(pki_.Issue("old", his_, -absl::Minutes(1)))),
              StatusIs(kUnauthenticated, "CERTIFICATE_INVALID"));
  EXPECT_THAT(Call(*nginx, "%ZZ not a certificate"),
              StatusIs(kUnauthenticated, "CERTIFICATE_INVALID"));
  EXPECT_THAT(
      Call(*nginx, TestPki::Escaped(pki_.Issue("far", "spiffe://other.region/service/referral"))),
      StatusIs(kUnauthenticated, "FOREIGN_CERTIFICATE"));
}

TEST_F(NginxTest, RememberedCertificateEndsWithItsValidity) {
  auto nginx = Client("service/nginx");
  const std::string header = TestPki::Escaped(pki_.Issue("brief", his_, absl::Seconds(2)));
  ASSERT_THAT(Call(*nginx, header), IsOk());
  EXPECT_TRUE(Eventually(
      [&] { return status::ReasonOf(Call(*nginx, header).status()) == "CERTIFICATE_INVALID"; }));
}

}  // namespace
}  // namespace yilian::contract
