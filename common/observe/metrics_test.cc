#include "common/observe/metrics.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "common/observe/grpc_metrics.h"
#include "common/observe/log.h"
#include "common/observe/query_metrics.h"

namespace yilian::observe {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, GivesTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.GetCounter("calls_total", "Calls.", {{"lane", "a"}});
  first.Increment();
  metrics.GetCounter("calls_total", "Calls.", {{"lane", "a"}}).Increment(2);
  metrics.GetCounter("calls_total", "Calls.", {{"lane", "b"}}).Increment();
  EXPECT_EQ(first.value(), 3u);
  EXPECT_THAT(
      metrics.Text(),
      AllOf(HasSubstr("# HELP calls_total Calls.\n# TYPE calls_total counter\n"),
            HasSubstr("calls_total{lane=\"a\"} 3\n"), HasSubstr("calls_total{lane=\"b\"} 1\n")));
}

TEST(Metrics, HistogramsAreCumulative) {
  Metrics metrics;
  Histogram& histogram = metrics.GetHistogram("took_seconds", "Time.", {}, {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.Observe(value);
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr("took_seconds_bucket{le=\"0.1\"} 2\n"),
                    HasSubstr("took_seconds_bucket{le=\"1\"} 3\n"),
                    HasSubstr("took_seconds_bucket{le=\"+Inf\"} 4\n"),
                    HasSubstr("took_seconds_count 4\n"), HasSubstr("took_seconds_sum 7.65")));
}

TEST(Metrics, ReadsAFunctionWhileItsRegistrationLives) {
  Metrics metrics;
  double waiting = 3;
  {
    const auto registration =
        metrics.AddGauge("pool_waiting", "Waiting.", {}, [&] { return waiting; });
    EXPECT_THAT(metrics.Text(), HasSubstr("pool_waiting 3\n"));
    waiting = 4;
    EXPECT_THAT(metrics.Text(), HasSubstr("pool_waiting 4\n"));
  }
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("pool_waiting")));
}

TEST(Metrics, AnOlderRegistrationDoesNotTakeAwayANewerOne) {
  Metrics metrics;
  auto first = metrics.AddGauge("leader", "Leader.", {}, [] { return 1.0; });
  const auto second = metrics.AddGauge("leader", "Leader.", {}, [] { return 2.0; });
  first = Metrics::Registration();
  EXPECT_THAT(metrics.Text(), HasSubstr("leader 2\n"));
}

TEST(Metrics, AWrongMetricIsLoggedAndCountsUnseen) {
  Metrics metrics;
  std::vector<std::string> lines;
  const LogCapture capture([&](std::string_view line) { lines.emplace_back(line); });
  metrics.GetCounter("calls_total", "Calls.");
  metrics.GetGauge("calls_total", "Calls.").Set(5);
  metrics.GetCounter("bad name", "Bad.").Increment();
  metrics.GetCounter("labels_total", "Bad.", {{"le ft", "x"}}).Increment();
  metrics.GetGauge("depth", "Depth.");
  const auto registration = metrics.AddGauge("depth", "Depth.", {}, [] { return 9.0; });
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr("calls_total 0\n"), HasSubstr("depth 0\n"),
                                    Not(HasSubstr("bad name")), Not(HasSubstr("labels_total"))));
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  Counter& counter = metrics.GetCounter("n_total", "N.");
  Histogram& histogram = metrics.GetHistogram("h_seconds", "H.");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        counter.Increment();
        histogram.Observe(0.25);
        if (n % 2'500 == 0) metrics.Text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000u);
  EXPECT_EQ(histogram.GetSnapshot().counts.back(), 40'000u);
  EXPECT_DOUBLE_EQ(histogram.GetSnapshot().sum, 10'000);
}

TEST(GrpcMethodMetrics, HasTheUsualNames) {
  Metrics metrics;
  GrpcMethodMetrics method(metrics, "yilian.referral.v1.ReferralService", "AcceptReferral",
                           "unary");
  method.Started();
  method.MessageReceived();
  method.MessageSent();
  method.Handled(absl::StatusCode::kAborted, absl::Milliseconds(3));
  const std::string labels =
      "grpc_method=\"AcceptReferral\",grpc_service=\"yilian.referral.v1.ReferralService\",grpc_"
      "type=\"unary\"";
  EXPECT_THAT(
      metrics.Text(),
      AllOf(HasSubstr("grpc_server_started_total{" + labels + "} 1\n"),
            HasSubstr("grpc_server_handled_total{grpc_code=\"Aborted\"," + labels + "} 1\n"),
            HasSubstr("grpc_server_handled_total{grpc_code=\"OK\"," + labels + "} 0\n"),
            HasSubstr("grpc_server_handling_seconds_bucket{" + labels + ",le=\"0.005\"} 1\n"),
            HasSubstr("grpc_server_handling_seconds_bucket{" + labels + ",le=\"0.0025\"} 0\n"),
            HasSubstr("grpc_server_msg_received_total{" + labels + "} 1\n"),
            HasSubstr("grpc_server_msg_sent_total{" + labels + "} 1\n")));
}

TEST(ObserveQueries, TimesEachQueryByName) {
  Metrics metrics;
  const auto observe = ObserveQueries(metrics);
  observe("referral.Load", absl::Milliseconds(1), true);
  observe("referral.Load", absl::Milliseconds(1), false);
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr("yilian_query_seconds_count{query=\"referral.Load\"} 2\n"),
                    HasSubstr("yilian_query_errors_total{query=\"referral.Load\"} 1\n")));
  for (int i = 0; i < 2'000; ++i) observe(fmt::format("made.up.{}", i), absl::ZeroDuration(), true);
  EXPECT_THAT(metrics.Text(), HasSubstr("yilian_query_seconds_count{query=\"other\"} 1001\n"));
}

TEST(ProcessMetrics, ShowTheProcess) {
  Metrics metrics;
  AddProcessMetrics(metrics);
  EXPECT_THAT(
      metrics.Text(),
      AllOf(HasSubstr("process_resident_memory_bytes "), HasSubstr("process_open_fds "),
            HasSubstr("process_cpu_seconds_total "), Not(HasSubstr("process_open_fds 0\n"))));
}

std::string Fetch(int port, const std::string& request) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got; (got = read(fd, buffer, sizeof(buffer))) > 0;)
      answer.append(buffer, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

TEST(Metrics, ServesThePageAndSaysWhenThePortIsTaken) {
  Metrics metrics;
  metrics.GetCounter("served_total", "Served.").Increment();
  const auto port = metrics.Serve("127.0.0.1:0");
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_THAT(Fetch(*port, "GET /metrics HTTP/1.0\r\n\r\n"),
              AllOf(HasSubstr("200 OK"), HasSubstr("text/plain"), HasSubstr("served_total 1\n")));
  EXPECT_THAT(Fetch(*port, "GET /etc/passwd HTTP/1.0\r\n\r\n"), HasSubstr("404"));
  Metrics other;
  const auto taken = other.Serve(fmt::format("127.0.0.1:{}", *port));
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(taken.status().message()), HasSubstr(fmt::format("127.0.0.1:{}", *port)));
}

TEST(Metrics, CountingOnASeriesThatAFunctionReadsCounts) {
  Metrics metrics;
  const Metrics::Registration read =
      metrics.AddGauge("yilian_both", "Both.", {}, [] { return 7.0; });
  metrics.GetGauge("yilian_both", "Both.").Set(3);
  EXPECT_NE(metrics.Text().find("yilian_both 3"), std::string::npos);
}

}  // namespace
}  // namespace yilian::observe
