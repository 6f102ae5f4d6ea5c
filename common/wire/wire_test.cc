#include <gmock/gmock.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/status/matchers.h"
#include "common/wire/answer.h"
#include "common/wire/pages.h"
#include "common/wire/timestamp.h"
#include "tests/support/test_call.h"
#include "yilian/directory/v1/directory.pb.h"

namespace yilian::wire {
namespace {

using directory::v1::ListOrganizationsRequest;
using google::protobuf::StringValue;
using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr const char* kReason = "SEALED_TOKEN_INVALID";

rpc::Caller Doctor(std::string_view name) {
  return {.user_id = base::Uuid::V5(base::Uuid(), name),
          .organization_id = base::Uuid::V5(base::Uuid(), "township")};
}

// Lists the numbers 1 to 7, by pages.
class PagesTest : public ::testing::Test {
 protected:
  struct Row {
    int number;
  };
  static PageKey KeyOf(const Row& row) {
    return {.rank = -1,
            .time = absl::FromUnixMicros(row.number),
            .id = base::Uuid::V5(base::Uuid(), std::to_string(row.number))};
  }
  static ListOrganizationsRequest Query(int size, const std::string& token = "") {
    ListOrganizationsRequest request;
    request.set_tier(directory::v1::TIER_VILLAGE_CLINIC);
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    return request;
  }
  absl::StatusOr<std::vector<int>> Page(const rpc::Call& call,
                                        const ListOrganizationsRequest& request) {
    const Pages pages(sealer_, call, request);
    const auto after = pages.After();
    if (!after.ok()) return after.status();
    std::vector<Row> found;
    for (int n = *after ? static_cast<int>(absl::ToUnixMicros((*after)->time)) + 1 : 1;
         n <= 7 && static_cast<int>(found.size()) < pages.rows(); ++n) {
      found.push_back({n});
    }
    const auto token = pages.Cut(found, KeyOf);
    if (!token.ok()) return token.status();
    next_ = *token;
    std::vector<int> numbers;
    for (const Row& row : found) numbers.push_back(row.number);
    return numbers;
  }

  crypto::Sealer sealer_{crypto::KeyRing::Ephemeral()};
  const TestCall call_{Doctor("Wang"), ListOrganizationsRequest()};
  std::string next_;
};

TEST_F(PagesTest, EveryRowIsShownOnceAndTheLastPageHasNoToken) {
  EXPECT_THAT(*Page(call_, Query(3)), ElementsAre(1, 2, 3));
  EXPECT_THAT(*Page(call_, Query(3, next_)), ElementsAre(4, 5, 6));
  EXPECT_THAT(*Page(call_, Query(3, next_)), ElementsAre(7));
  EXPECT_THAT(next_, IsEmpty());
}

TEST_F(PagesTest, PageThatEndsWithTheListIsTheLast) {
  EXPECT_THAT(*Page(call_, Query(7)), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(next_, IsEmpty());
}

TEST_F(PagesTest, SizeMayChangeBetweenPages) {
  ASSERT_THAT(Page(call_, Query(2)), IsOk());
  EXPECT_THAT(*Page(call_, Query(0, next_)), ElementsAre(3, 4, 5, 6, 7));
}

TEST_F(PagesTest, KeyGoesThereAndBackWhole) {
  const Pages pages(sealer_, call_, Query(3));
  const PageKey key{.rank = -1, .time = absl::FromUnixMicros(-5), .id = base::Uuid::V7()};
  const Pages next(sealer_, call_, Query(3, *pages.TokenAfter(key)));
  const auto after = next.After();
  ASSERT_THAT(after, IsOk());
  ASSERT_TRUE(after->has_value());
  EXPECT_EQ((*after)->rank, key.rank);
  EXPECT_EQ((*after)->time, key.time);
  EXPECT_EQ((*after)->id, key.id);
}

TEST_F(PagesTest, TokenIsOfOneCallerOneQueryAndOneMethod) {
  ASSERT_THAT(Page(call_, Query(3)), IsOk());
  const ListOrganizationsRequest next = Query(3, next_);
  EXPECT_THAT(Page(TestCall(Doctor("Li"), next), next), StatusIs(kInvalid, kReason));
  rpc::Caller elsewhere = Doctor("Wang");
  elsewhere.organization_id = base::Uuid::V7();
  EXPECT_THAT(Page(TestCall(elsewhere, next), next), StatusIs(kInvalid, kReason));
  ListOrganizationsRequest other_query = next;
  other_query.set_tier(directory::v1::TIER_LABORATORY);
  EXPECT_THAT(Page(call_, other_query), StatusIs(kInvalid, kReason));
  EXPECT_THAT(Page(TestCall(Doctor("Wang"), {.method = "/other.Service/List"}), next),
              StatusIs(kInvalid, kReason));
  EXPECT_THAT(Page(call_, next), IsOk());
}

TEST_F(PagesTest, AlteredTokenIsRefusedWithItsField) {
  ASSERT_THAT(Page(call_, Query(3)), IsOk());
  next_[next_.size() / 2] = next_[next_.size() / 2] == 'A' ? 'B' : 'A';
  const auto refused = Page(call_, Query(3, next_));
  ASSERT_THAT(refused, StatusIs(kInvalid, kReason));
  EXPECT_EQ(status::BadRequestOf(refused.status())->field_violations(0).field(), "page.page_token");
}

TEST_F(PagesTest, ListMayHaveATextForItsKey) {
  const Pages pages(sealer_, call_, Query(1));
  std::vector<std::string> names = {"平安镇卫生院", "青山镇卫生院"};
  const auto token = pages.Cut(names, [](const std::string& name) { return name; });
  ASSERT_THAT(token, IsOk());
  EXPECT_THAT(names, ElementsAre("平安镇卫生院"));
  EXPECT_EQ(*Pages(sealer_, call_, Query(1, *token)).AfterText(), "平安镇卫生院");
  EXPECT_THAT(Pages(sealer_, call_, Query(1, *token)).After(), StatusIs(kInvalid, kReason))
      << "a token that this release cannot read";
}

TEST(Answer, GoesAsBytesAndComesBackAsAMessage) {
  const Respond<StringValue, int> respond = [](const int& number) {
    StringValue message;
    message.set_value(std::to_string(number));
    return message;
  };
  const RespondBytes<int> bytes = BytesOf(respond);
  EXPECT_EQ(ParseAnswer<StringValue>(bytes(7))->value(), "7");
  EXPECT_THAT(ParseAnswer<StringValue>(absl::AbortedError("stale")),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(ParseAnswer<StringValue>(std::string("\xff")), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Timestamp, GoesThereAndBackAlsoBefore1970) {
  for (const int64_t micros : {int64_t{0}, int64_t{-1}, int64_t{1'795'000'000'123'456}}) {
    google::protobuf::Timestamp timestamp;
    SetTime(&timestamp, absl::FromUnixMicros(micros));
    EXPECT_GE(timestamp.nanos(), 0);
    EXPECT_EQ(ToTime(timestamp), absl::FromUnixMicros(micros));
  }
}

}  // namespace
}  // namespace yilian::wire
