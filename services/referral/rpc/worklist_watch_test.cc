// WatchReferrals on a real database and several replicas of the feed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/referral/rpc/worklist_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/watched_stream.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::Eventually;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Stream = test_support::WatchedStream<v1::WatchReferralsResponse>;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class WatchTest : public WorklistFixture {
 protected:
  std::shared_ptr<Stream> Watch(WorklistHandlers& handlers, OrganizationId organization,
                                const std::string& token = "") {
    v1::WatchReferralsRequest request;
    request.set_resume_token(token);
    auto stream = std::make_shared<Stream>();
    EXPECT_THAT(handlers.Watch(TestCall(Person(organization), request), request, stream), IsOk());
    return stream;
  }
  static std::vector<std::string> Take(Stream& stream, size_t count) {
    return stream.TakeEvents(count, [](const auto& event) { return event.change().referral_id(); });
  }
};

TEST_F(WatchTest, WithoutATokenComesWhatChangesFromNowOn) {
  Make(State::kSubmitted);
  ASSERT_TRUE(Eventually([&] { return *replica_->feed.LastPosition() == 1; }));
  auto stream = Watch(*handlers_, kHospital);
  stream->AwaitCaughtUp();
  const auto changed = Make(State::kSubmitted).id.ToString();
  EXPECT_THAT(Take(*stream, 1), ElementsAre(changed));
}

TEST_F(WatchTest, AnotherReplicaGoesOnFromTheTokenWithoutGapOrDuplicate) {
  auto stream = Watch(*handlers_, kHospital);
  stream->AwaitCaughtUp();
  std::vector<std::string> made;
  const auto make = [&](int count) {
    for (int i = 0; i < count; ++i) made.push_back(Make(State::kSubmitted).id.ToString());
  };
  make(5);
  std::vector<std::string> seen = Take(*stream, 3);
  stream->End();
  make(4);
  Replica other(*pool_);
  const auto there = HandlersOn(other.feed);
  const auto resumed = Watch(*there, kHospital, stream->token());
  make(3);
  const std::vector<std::string> rest = Take(*resumed, made.size() - seen.size());
  seen.insert(seen.end(), rest.begin(), rest.end());
  EXPECT_EQ(seen, made);
  resumed->End();
}

TEST_F(WatchTest, NothingOfOthersIsSeenAndNoTokenOfOthersIsTaken) {
  auto clinic = Watch(*handlers_, Org("another clinic"));
  clinic->AwaitCaughtUp();
  const std::string foreign = clinic->token();
  auto hospital = Watch(*handlers_, kHospital);
  Make(State::kDraft);  // the referrer's alone
  const auto changed = Make(State::kSubmitted).id.ToString();
  EXPECT_THAT(Take(*hospital, 1), ElementsAre(changed));
  while (const auto message = clinic->Take()) EXPECT_THAT(message->events(), IsEmpty());

  v1::WatchReferralsRequest request;
  request.set_resume_token(foreign);
  EXPECT_THAT(
      handlers_->Watch(TestCall(Person(kHospital), request), request, std::make_shared<Stream>()),
      StatusIs(kInvalid, "SEALED_TOKEN_INVALID"));
}

TEST_F(WatchTest, DrainingSendsTheReaderElsewhere) {
  auto stream = Watch(*handlers_, kHospital);
  replica_->feed.Drain();
  EXPECT_TRUE(stream->finished());
  EXPECT_THAT(stream->status(), StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
}

}  // namespace
}  // namespace yilian::referral
