// A participant of a live session, for tests and benchmarks: one stream at a time, and what came.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "yilian/consultation/v1/live_session.grpc.pb.h"

namespace yilian::consultation {

// What a participant was shown since it was made, over all its streams.
struct Heard {
  std::vector<v1::TranscriptEntry> entries;
  std::vector<v1::Welcome> welcomes;
  std::vector<v1::Accepted> accepted;
  std::vector<v1::Refusal> refusals;
  std::vector<v1::Attention> attentions;
  std::vector<v1::Signal> signals;
  std::vector<v1::TurnCredentials> turns;
  std::optional<absl::Status> ended;  // how the last stream ended

  int64_t last_number() const { return entries.empty() ? 0 : entries.back().number(); }
};

// Send, Join and Await belong to one thread.
class LiveClient {
 public:
  using OnFrame = std::function<void(const v1::JoinSessionResponse& frame)>;
  // `on_frame`: sees each frame first, on the reading thread; may be empty.
  explicit LiveClient(std::string token, OnFrame on_frame = {});
  ~LiveClient();  // leaves at once

  // Opens a stream there and sends the first message, from the last entry that came.
  void Join(const std::shared_ptr<grpc::Channel>& replica, const std::string& session);
  // As Join, with a first message of one's own, and without reading until Listen is called.
  void Open(const std::shared_ptr<grpc::Channel>& replica, const v1::JoinSessionRequest& first);
  void Listen();
  // False: the stream is over.
  bool Send(const v1::JoinSessionRequest& frame);
  // Says that nothing more comes, waits for the end.
  absl::Status Leave();
  // Lets go of the stream without a word.
  void Break();

  bool Await(const std::function<bool(const Heard&)>& condition,
             absl::Duration patience = absl::Seconds(20)) const;
  Heard heard() const;

 private:
  using Stream = grpc::ClientReaderWriter<v1::JoinSessionRequest, v1::JoinSessionResponse>;
  void Read();
  void Keep(v1::JoinSessionResponse frame);

  const std::string token_;
  const OnFrame on_frame_;
  std::unique_ptr<v1::LiveSessionService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
  std::thread reader_;
  mutable std::mutex mutex_;
  Heard heard_;
};

// Messages of a participant, each with a request_id of its own where it needs one.
v1::JoinSessionRequest ChatOf(const std::string& text);
v1::JoinSessionRequest HandOf(bool raised);
v1::JoinSessionRequest ModerationOf(v1::ModeratorAct act, const std::string& practitioner = "");
v1::JoinSessionRequest PointAt(int x, int y);
v1::JoinSessionRequest OfferTo(const std::string& practitioner, const std::string& offer);

}  // namespace yilian::consultation
