// WatchReports on a real database and several replicas of the feed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/lab/rpc/sharing_fixture.h"
#include "tests/support/watched_stream.h"

namespace yilian::lab {
namespace {

using status::IsOk;
using status::StatusIs;
using test_support::TestCall;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Stream = test_support::WatchedStream<v1::WatchReportsResponse>;

class WatchReportsTest : public SharingFixture {
 protected:
  std::shared_ptr<Stream> Watch(LabHandlers& handlers, OrganizationId organization,
                                const std::string& token = "") {
    v1::WatchReportsRequest request;
    request.set_resume_token(token);
    auto stream = std::make_shared<Stream>();
    EXPECT_THAT(handlers.Watch(TestCall(Doctor(organization), request), request, stream), IsOk());
    return stream;
  }
  // Types and reports of the next changes.
  static std::vector<std::string> Take(Stream& stream, size_t count) {
    return stream.TakeEvents(
        count, [](const auto& event) { return event.type() + " " + event.change().report_id(); });
  }
};

TEST_F(WatchReportsTest, WhoMaySeeAReportIsToldOfEachOfItsChanges) {
  for (const OrganizationId organization : {kLaboratory, kOrdering, kTreating}) {
    const auto stream = Watch(*handlers_, organization);
    stream->AwaitCaughtUp();
    const std::string order = base::Uuid::V7().ToString();
    const std::string report = TakeIn({.order = order});
    TakeIn({.order = order, .value = "4.2"});
    TakeIn({.order = order, .status = ResultStatus::kWithdrawn});
    EXPECT_THAT(Take(*stream, 3), ElementsAre("ReportIssued " + report, "ReportCorrected " + report,
                                              "ReportWithdrawn " + report));
    stream->End();
  }
}

TEST_F(WatchReportsTest, AnotherReplicaGoesOnFromTheTokenWithoutGapOrDuplicate) {
  const auto stream = Watch(*handlers_, kTreating);
  stream->AwaitCaughtUp();
  std::vector<std::string> made;
  const auto make = [&](int count) {
    for (int i = 0; i < count; ++i) made.push_back("ReportIssued " + TakeIn({}));
  };
  make(3);
  std::vector<std::string> seen = Take(*stream, 2);
  stream->End();
  make(3);
  outbox::Sequencer sequencer(*pool_);
  outbox::Feed feed(*pool_, sequencer);
  LabHandlers there({.store = *reports_, .sights = *sights_, .feed = feed, .sealer = sealer_});
  const auto resumed = Watch(there, kTreating, stream->token());
  make(2);
  const std::vector<std::string> rest = Take(*resumed, made.size() - seen.size());
  seen.insert(seen.end(), rest.begin(), rest.end());
  EXPECT_EQ(seen, made);
  resumed->End();
}

TEST_F(WatchReportsTest, NothingOfOthersOrSensitiveIsSeenAndNoTokenOfOthersIsTaken) {
  const auto stranger = Watch(*handlers_, kStranger);
  stranger->AwaitCaughtUp();
  const std::string foreign = stranger->token();
  const auto treating = Watch(*handlers_, kTreating);
  TakeIn({.loincs = {kHivAntibody}});
  const std::string ordinary = TakeIn({});
  EXPECT_THAT(Take(*treating, 1), ElementsAre("ReportIssued " + ordinary));
  while (const auto message = stranger->Take()) EXPECT_THAT(message->events(), IsEmpty());

  v1::WatchReportsRequest request;
  request.set_resume_token(foreign);
  EXPECT_THAT(
      handlers_->Watch(TestCall(Doctor(kTreating), request), request, std::make_shared<Stream>()),
      StatusIs(absl::StatusCode::kInvalidArgument, "SEALED_TOKEN_INVALID"));
  stranger->End();
  treating->End();
}

TEST_F(WatchReportsTest, DrainingSendsTheReaderElsewhere) {
  const auto stream = Watch(*handlers_, kOrdering);
  feed_->Drain();
  EXPECT_TRUE(stream->finished());
  EXPECT_THAT(stream->status(), StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
}

}  // namespace
}  // namespace yilian::lab
