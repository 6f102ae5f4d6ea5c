// Calendars over real HTTP, on a loopback port.
#include "services/gateway/web/calendar_feeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <mutex>
#include <thread>

namespace yilian::gateway::web {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kSecret(43, 's');
const std::string kPath = "/calendars/" + kSecret + ".ics";

class CalendarFeeds : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listener = Listener::Start({.address = "127.0.0.1:0"}, [this](const Request& request) {
      return AnswerCalendar(
          request, [this](const std::string& secret, const std::vector<std::string>& etags) {
            return Find(secret, etags);
          });
    });
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }

  absl::StatusOr<CalendarFeed> Find(const std::string& secret,
                                    const std::vector<std::string>& etags) {
    std::lock_guard<std::mutex> lock(mutex_);
    ++asked_;
    etags_ = etags;
    if (!failure_.ok()) return failure_;
    if (secret != kSecret) return absl::NotFoundError("no such link");
    const bool unchanged = !etags.empty() && etags.back() == "v1";
    return CalendarFeed{.etag = "v1",
                        .unchanged = unchanged,
                        .icalendar = unchanged ? "" : "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"};
  }

  // Everything that comes back until the connection is closed.
  std::string Send(const std::string& text) {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.connect(
        {asio::ip::address_v4::loopback(), static_cast<unsigned short>(listener_->port())});
    boost::system::error_code error;
    asio::write(socket, asio::buffer(text), error);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }
  std::string Get(const std::string& target, const std::string& more = "") {
    return Send("GET " + target + " HTTP/1.1\r\nHost: region\r\n" + more + "\r\n");
  }

  std::unique_ptr<Listener> listener_;
  std::mutex mutex_;
  int asked_ = 0;
  std::vector<std::string> etags_;
  absl::Status failure_;
};

TEST_F(CalendarFeeds, ASecretGetsItsCalendar) {
  EXPECT_THAT(Get(kPath), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("ETag: \"v1\"\r\n"),
                                HasSubstr("Content-Type: text/calendar; charset=utf-8\r\n"),
                                HasSubstr("Cache-Control: private, max-age=300\r\n"),
                                HasSubstr("\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")));
}

TEST_F(CalendarFeeds, WhatIsThereAlreadyIsNotSentAgain) {
  for (const std::string line : {"If-None-Match: \"v1\"\r\n", "If-None-Match: W/\"v1\"\r\n",
                                 "If-None-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n"}) {
    EXPECT_THAT(Get(kPath, line),
                AllOf(StartsWith("HTTP/1.1 304 Not Modified\r\n"), HasSubstr("ETag: \"v1\""),
                      Not(HasSubstr("BEGIN:VCALENDAR"))));
  }
  EXPECT_THAT(etags_, ElementsAre("v0", "v1"));
  EXPECT_THAT(Get(kPath, "If-None-Match: \"v0\"\r\n"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(CalendarFeeds, WhatNoClientSendsAsATagIsLeftOut) {
  EXPECT_THAT(Get(kPath, "If-None-Match: v1, \"" + std::string(65, 'x') + "\", \"half\r\n"),
              StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(etags_, IsEmpty());
}

TEST_F(CalendarFeeds, EveryOtherAddressIsAnsweredAlike) {
  const std::string unknown = Get("/calendars/" + std::string(43, 'x') + ".ics");
  EXPECT_THAT(unknown, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(asked_, 1);
  for (const std::string& target :
       {std::string("/"), "/calendars/" + std::string(42, 's') + ".ics",
        "/calendars/" + std::string(42, 's') + "%.ics", kPath + "?x", "/calendars/../" + kPath}) {
    EXPECT_EQ(Get(target), unknown) << target;
  }
  EXPECT_EQ(asked_, 1);
}

TEST_F(CalendarFeeds, AServiceThatIsAwayIsAskedLaterAndTellsNothing) {
  failure_ = absl::UnavailableError("scheduling is away");
  EXPECT_THAT(Get(kPath), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 60\r\n"),
                                Not(HasSubstr("away"))));
}

TEST_F(CalendarFeeds, HeadHasNoBodyAndNothingElseIsTaken) {
  EXPECT_THAT(Send("HEAD " + kPath + " HTTP/1.1\r\nHost: region\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("Content-Length: 32\r\n"),
                    Not(HasSubstr("BEGIN"))));
  EXPECT_THAT(Send("POST " + kPath + " HTTP/1.1\r\nHost: region\r\nContent-Length: 0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET, HEAD\r\n")));
}

TEST_F(CalendarFeeds, WhatIsNotHttpOrTooLongIsClosedWithoutAWord) {
  EXPECT_EQ(Send("MSH|^~\\&|\r\n\r\n"), "");
  EXPECT_EQ(Get("/" + std::string(20'000, 'x')), "");
  EXPECT_THAT(Get(kPath), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(CalendarFeeds, ASlowSenderKeepsNobodyWaiting) {
  namespace asio = boost::asio;
  asio::io_context io;
  std::vector<asio::ip::tcp::socket> slow;
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back(io).connect(
        {asio::ip::address_v4::loopback(), static_cast<unsigned short>(listener_->port())});
    asio::write(slow.back(), asio::buffer("GET ", 4));
  }
  EXPECT_THAT(Get(kPath), StartsWith("HTTP/1.1 200 OK"));
}

TEST(WebListener, NamesAnAddressThatItCannotUse) {
  const auto handle = [](const Request&) { return Response(); };
  EXPECT_THAT(std::string(Listener::Start({.address = "nowhere"}, handle).status().message()),
              HasSubstr("nowhere"));
  const auto first = Listener::Start({.address = "127.0.0.1:0"}, handle);
  ASSERT_TRUE(first.ok());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  EXPECT_THAT(std::string(Listener::Start({.address = taken}, handle).status().message()),
              HasSubstr(taken));
}

}  // namespace
}  // namespace yilian::gateway::web
