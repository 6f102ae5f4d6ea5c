#include "services/gateway/mllp/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "services/gateway/mllp/mllp_client_fixture.h"
#include "tests/contract/test_pki.h"
#include "tests/support/eventually.h"

namespace yilian::gateway::mllp {
namespace {

using test_support::Eventually;

constexpr char kSystem[] =
    "spiffe://test.region/org/0193f2c4-7b1e-7c3a-8a54-00000000c111/system/his";

// Answers "re: <message>"; messages that begin with HOLD wait until Release.
class ListenerTest : public ::testing::Test {
 protected:
  void Start(ListenerOptions options) {
    options.address = "127.0.0.1:0";
    auto listener = Listener::Start(
        std::move(options),
        [this](const ConnectionIdentity& identity) -> std::optional<inbound::Peer> {
          std::lock_guard<std::mutex> lock(mutex_);
          seen_.push_back(identity);
          if (!admit_) return std::nullopt;
          return inbound::Peer{identity.spiffe_uri + identity.address, {}};
        },
        [this](const inbound::Peer&, const Frame& frame,
               const std::function<void(std::string)>& answer) {
          if (frame.content.substr(0, 4) == "HOLD") {
            std::unique_lock<std::mutex> lock(mutex_);
            ++held_;
            released_.wait(lock, [this] { return release_; });
          }
          if (frame.content == "TWICE") answer("first");
          if (frame.content != "SILENT")
            answer(frame.too_long ? "too long" : "re: " + frame.content);
        });
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }
  void Start() { Start(ListenerOptions()); }
  void Release() {
    std::lock_guard<std::mutex> lock(mutex_);
    release_ = true;
    released_.notify_all();
  }
  int held() {
    std::lock_guard<std::mutex> lock(mutex_);
    return held_;
  }

  std::mutex mutex_;
  std::condition_variable released_;
  bool release_ = false;
  bool admit_ = true;
  int held_ = 0;
  std::vector<ConnectionIdentity> seen_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, PipelinedMessagesAreAnsweredInOrder) {
  Start();
  MllpClient client(listener_->port());
  std::string stream;
  for (int i = 0; i < 200; ++i) stream += Wrap("message " + std::to_string(i));
  ASSERT_TRUE(client.SendRaw(stream));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.Receive(), "re: message " + std::to_string(i));
}

TEST_F(ListenerTest, MessageMayHaveNoneOrSeveralAnswers) {
  Start();
  MllpClient client(listener_->port());
  client.Send("SILENT");
  client.Send("TWICE");
  EXPECT_EQ(client.Receive(), "first");
  EXPECT_EQ(client.Receive(), "re: TWICE");
}

TEST_F(ListenerTest, SlowClientsKeepNobodyWaiting) {
  ListenerOptions options;
  options.workers = 2;
  Start(options);
  std::vector<std::unique_ptr<MllpClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<MllpClient>(listener_->port()));
    ASSERT_TRUE(slow.back()->SendRaw("\x0BMSH|half a mess"));
  }
  MllpClient quick(listener_->port());
  EXPECT_EQ(quick.Ask("hello"), "re: hello");
  EXPECT_TRUE(slow[0]->SendRaw("age\x1C\r"));
  EXPECT_EQ(slow[0]->Receive(), "re: MSH|half a message");
}

TEST_F(ListenerTest, LargeMessageGoesThroughAndTooLargeIsToldSo) {
  ListenerOptions options;
  options.frame.message_bytes = 16 * 1000 * 1000;
  Start(options);
  MllpClient client(listener_->port());
  // NOLINTNEXTLINE(bugprone-string-constructor): as long as it says
  const std::string large(15'000'000, 'x');
  EXPECT_EQ(client.Ask(large).size(), large.size() + 4);
  // NOLINTNEXTLINE(bugprone-string-constructor)
  EXPECT_EQ(client.Ask(std::string(17'000'000, 'x')), "too long");
  EXPECT_EQ(client.Ask("small"), "re: small");
}

TEST_F(ListenerTest, UnknownPeersAndTooManyConnectionsAreClosed) {
  ListenerOptions options;
  options.connections = 2;
  Start(options);
  MllpClient first(listener_->port());
  MllpClient second(listener_->port());
  EXPECT_EQ(first.Ask("a"), "re: a");
  EXPECT_EQ(second.Ask("b"), "re: b");
  MllpClient third(listener_->port());
  EXPECT_TRUE(third.WaitForEnd());
  EXPECT_EQ(listener_->stats().refused_connections, 1);
  EXPECT_EQ(first.Ask("still here"), "re: still here");
}

TEST_F(ListenerTest, PeerThatIsNotAdmittedHearsNothing) {
  admit_ = false;
  Start();
  MllpClient client(listener_->port());
  client.Send("hello");
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_EQ(listener_->stats().refused_connections, 1);
}

TEST_F(ListenerTest, ForeignProtocolIsCutOff) {
  Start();
  MllpClient client(listener_->port());
  client.SendRaw("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(5000, 'x'));
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(Eventually([&] { return listener_->stats().broken_connections == 1; }));
}

TEST_F(ListenerTest, MessageThatDoesNotEndInTimeIsCutOff) {
  ListenerOptions options;
  options.message_timeout = absl::Milliseconds(50);
  Start(options);
  MllpClient client(listener_->port());
  client.SendRaw("\x0BMSH|");
  EXPECT_TRUE(client.WaitForEnd());
  EXPECT_TRUE(Eventually([&] { return listener_->stats().connections == 0; }));
  EXPECT_EQ(listener_->stats().abandoned_messages, 1);
}

TEST_F(ListenerTest, IdleConnectionIsClosed) {
  ListenerOptions options;
  options.idle_timeout = absl::Milliseconds(50);
  Start(options);
  MllpClient client(listener_->port());
  EXPECT_TRUE(client.WaitForEnd());
}

TEST_F(ListenerTest, BytesOfUnfinishedMessagesAreBounded) {
  ListenerOptions options;
  options.buffered_bytes = 1'000'000;
  Start(options);
  MllpClient greedy(listener_->port());
  greedy.SendRaw("\x0B" + std::string(4'000'000, 'x'));
  EXPECT_TRUE(greedy.WaitForEnd());
  EXPECT_TRUE(Eventually([&] { return listener_->stats().buffered_bytes == 0; }));
  MllpClient modest(listener_->port());
  EXPECT_EQ(modest.Ask("hello"), "re: hello");
}

TEST_F(ListenerTest, DrainFinishesWhatIsBeingHandledAndTakesNoMore) {
  Start();
  const int port = listener_->port();
  MllpClient busy(port);
  MllpClient idle(port);
  EXPECT_EQ(idle.Ask("hello"), "re: hello");
  busy.Send("HOLD");
  ASSERT_TRUE(Eventually([&] { return held() == 1; }));
  std::thread drain([&] { listener_->Drain(absl::Seconds(20)); });
  EXPECT_TRUE(idle.WaitForEnd());
  Release();
  EXPECT_EQ(busy.Receive(), "re: HOLD");
  EXPECT_TRUE(busy.WaitForEnd());
  drain.join();
  EXPECT_FALSE(MllpClient(port).connected());
  EXPECT_EQ(listener_->stats().connections, 0);
}

TEST_F(ListenerTest, PeerThatLeavesWhileItsMessageIsHandledHarmsNothing) {
  Start();
  {
    MllpClient gone(listener_->port());
    gone.Send("HOLD");
    ASSERT_TRUE(Eventually([&] { return held() == 1; }));
  }
  Release();
  MllpClient next(listener_->port());
  EXPECT_EQ(next.Ask("hello"), "re: hello");
  EXPECT_TRUE(Eventually([&] { return listener_->stats().connections == 1; }));
}

TEST_F(ListenerTest, TlsAsksForACertificateOfTheRegionAndTellsWhoItNames) {
  contract::TestPki pki;
  contract::TestPki foreign;
  const auto server = pki.Issue("gateway", "spiffe://test.region/service/gateway");
  const auto his = pki.Issue("his", kSystem);
  const auto stranger = foreign.Issue("his", kSystem);
  ListenerOptions options;
  options.tls = TlsOptions{server.ca_file, server.certificate_file, server.key_file};
  Start(options);

  MllpClient client(listener_->port());
  ASSERT_TRUE(client.StartTls(his.certificate_file, his.key_file));
  EXPECT_EQ(client.Ask("hello"), "re: hello");
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ASSERT_EQ(seen_.size(), 1u);
    EXPECT_EQ(seen_[0].spiffe_uri, kSystem);
  }
  MllpClient nobody(listener_->port());
  nobody.StartTls("", "");
  EXPECT_EQ(nobody.Ask("hello"), "");
  MllpClient other(listener_->port());
  other.StartTls(stranger.certificate_file, stranger.key_file);
  EXPECT_EQ(other.Ask("hello"), "");
  MllpClient plain(listener_->port());
  EXPECT_EQ(plain.Ask("hello"), "");
  std::lock_guard<std::mutex> lock(mutex_);
  EXPECT_EQ(seen_.size(), 1u);
}

TEST(ListenerStartTest, WhatCannotBeUsedIsNamed) {
  const auto start = [](ListenerOptions options) {
    return Listener::Start(
               std::move(options), [](const auto&) { return std::nullopt; },
               [](const auto&, const auto&, const auto&) {})
        .status();
  };
  ListenerOptions options;
  options.address = "nonsense";
  EXPECT_THAT(std::string(start(options).message()), testing::HasSubstr("nonsense"));
  options.address = "127.0.0.1:0";
  options.tls = TlsOptions{"/nowhere/ca.pem", "", ""};
  EXPECT_THAT(std::string(start(options).message()), testing::HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace yilian::gateway::mllp
