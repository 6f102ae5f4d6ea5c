// Attachments as a hospital's system meets them: mutual TLS, streams, 50 MiB each way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

#include "common/blob/blob_store.h"
#include "common/blob/running_hash.h"
#include "common/crypto/hash.h"
#include "common/mysql/transaction.h"
#include "common/rpc/client_call.h"
#include "common/status/matchers.h"
#include "services/referral/app/service_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/s3_server.h"
#include "yilian/referral/v1/attachment.grpc.pb.h"

namespace yilian::referral {
namespace {

using status::IsOk;
using status::StatusIs;
using Service = v1::AttachmentService;

constexpr int64_t kMebibyte = 1024 * 1024;
std::string NewId() { return base::Uuid::V7().ToString(); }

// Peak resident memory since the last Reset, in bytes.
class PeakMemory {
 public:
  static void Reset() { std::ofstream("/proc/self/clear_refs") << "5"; }
  static int64_t Read(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key)) return std::stoll(line.substr(key.size() + 1)) * 1024;
    }
    return 0;
  }
};

// A content that is made as it is needed: a PDF's head, then bytes that do not repeat.
class LargeContent {
 public:
  explicit LargeContent(int64_t size) : size_(size) {}
  int64_t size() const { return size_; }
  std::string Piece(int64_t offset, int64_t length) const {
    std::string piece(static_cast<size_t>(std::min(length, size_ - offset)), '\0');
    for (size_t i = 0; i < piece.size(); ++i) {
      const uint64_t at = static_cast<uint64_t>(offset) + i;
      piece[i] = at < kHead.size() ? kHead[at] : static_cast<char>(at * 2654435761u >> 13);
    }
    return piece;
  }
  std::string Sha256() const {
    blob::RunningSha256 hash;
    for (int64_t at = 0; at < size_; at += kMebibyte) hash.Add(Piece(at, kMebibyte));
    return hash.Finish();
  }

 private:
  static constexpr std::string_view kHead = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  const int64_t size_;
};

class AttachmentServiceTest : public ::testing::TestWithParam<const char*>, public ServiceFixture {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DATABASE();
    if (GetParam() == std::string("s3")) {
      const std::string missing = test_support::S3Server::MissingReason();
      if (!missing.empty()) GTEST_SKIP() << missing;
      objects_ = std::make_unique<test_support::S3Server>();
      ASSERT_NE(objects_->endpoint(), "");
    }
    ASSERT_NO_FATAL_FAILURE(OpenSchema());
    referral_id_ = Refer(kTownship, kHospital).ToString();
    context_ = NewReplica(StoreConfig());
    ASSERT_NE(context_, nullptr);
    township_ = Client(kTownship);
    hospital_ = Client(kHospital);
    stranger_ = Client(kStranger);
  }
  // The store outlives the service that keeps its contents there.
  void TearDown() override {
    if (context_) context_->Drain(absl::Seconds(5));
    context_.reset();
  }
  ReferralConfig StoreConfig() {
    ReferralConfig config = Config(GetParam());
    if (!objects_) return config;
    const std::string credentials = Folder("credentials");
    const std::string key = test_support::S3Server::key();
    EXPECT_THAT(crypto::CreateFile(credentials, key + "\n" + key + "\n", 0600), IsOk());
    S3Store& s3 = *config.mutable_attachments()->mutable_s3();
    s3.set_endpoint(objects_->endpoint());
    s3.set_region("us-east-1");
    s3.set_bucket(test_support::S3Server::bucket());
    s3.set_credentials_file(credentials);
    s3.set_ca_file(objects_->ca_file());
    s3.set_connect_seconds(5);
    s3.set_request_seconds(30);
    return config;
  }
  std::unique_ptr<Service::Stub> Client(const Actor& actor) {
    return Service::NewStub(ChannelOf(actor, context_->port()));
  }

  static rpc::ClientCall Call() { return rpc::ClientCall(absl::Seconds(60)); }
  static void Prepare(grpc::ClientContext& context) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(120)));
  }
  v1::BeginUploadRequest Declared(v1::MediaType type, int64_t size, const std::string& sha256) {
    v1::BeginUploadRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral_id_);
    request.set_name("心电图.pdf");
    request.set_media_type(type);
    request.set_size(size);
    request.set_sha256(sha256);
    return request;
  }
  absl::StatusOr<v1::Upload> Begin(Service::Stub& stub, const v1::BeginUploadRequest& request) {
    return Call().Invoke(stub, &Service::Stub::BeginUpload, request);
  }
  // Sends [from, to) in messages of `step` bytes.
  absl::StatusOr<v1::Upload> Send(const v1::Upload& upload, const LargeContent& content,
                                  int64_t from, int64_t to, int64_t step) {
    grpc::ClientContext context;
    Prepare(context);
    v1::Upload answer;
    auto writer = township_->WriteUpload(&context, &answer);
    for (int64_t at = from; at < to; at += step) {
      v1::WriteUploadRequest piece;
      piece.set_upload_id(upload.upload_id());
      piece.set_offset(at);
      piece.set_content(content.Piece(at, std::min(step, to - at)));
      if (!writer->Write(piece)) break;
    }
    writer->WritesDone();
    const absl::Status status = status::FromGrpc(writer->Finish());
    if (!status.ok()) return status;
    return answer;
  }
  absl::StatusOr<v1::Upload> SendText(const v1::Upload& upload, const std::string& text) {
    grpc::ClientContext context;
    Prepare(context);
    v1::Upload answer;
    auto writer = township_->WriteUpload(&context, &answer);
    v1::WriteUploadRequest piece;
    piece.set_upload_id(upload.upload_id());
    piece.set_content(text);
    writer->Write(piece);
    writer->WritesDone();
    const absl::Status status = status::FromGrpc(writer->Finish());
    if (!status.ok()) return status;
    return answer;
  }
  absl::StatusOr<v1::Attachment> Complete(const std::string& upload_id) {
    v1::CompleteUploadRequest request;
    request.set_request_id(NewId());
    request.set_upload_id(upload_id);
    return Call().Invoke(*township_, &Service::Stub::CompleteUpload, request);
  }
  absl::StatusOr<v1::Attachment> Attach(v1::MediaType type, const std::string& text) {
    const auto upload =
        Begin(*township_, Declared(type, static_cast<int64_t>(text.size()), crypto::Sha256(text)));
    if (!upload.ok()) return upload.status();
    if (const auto sent = SendText(*upload, text); !sent.ok()) return sent.status();
    return Complete(upload->upload_id());
  }
  struct Downloaded {
    absl::Status status;
    std::string sha256;
    int64_t bytes = 0;
    int64_t largest = 0;
    std::string name;
  };
  static Downloaded Download(Service::Stub& stub, const std::string& id, int64_t offset = 0) {
    grpc::ClientContext context;
    Prepare(context);
    v1::DownloadAttachmentRequest request;
    request.set_attachment_id(id);
    request.set_offset(offset);
    Downloaded result;
    blob::RunningSha256 hash;
    auto reader = stub.DownloadAttachment(&context, request);
    for (v1::DownloadAttachmentResponse piece; reader->Read(&piece);) {
      if (piece.has_attachment()) result.name = piece.attachment().name();
      EXPECT_EQ(piece.offset(), offset + result.bytes);
      hash.Add(piece.content());
      result.bytes += static_cast<int64_t>(piece.content().size());
      result.largest = std::max(result.largest, static_cast<int64_t>(piece.content().size()));
    }
    result.status = status::FromGrpc(reader->Finish());
    result.sha256 = hash.Finish();
    return result;
  }
  size_t Listed(Service::Stub& stub) {
    v1::ListAttachmentsRequest request;
    request.set_referral_id(referral_id_);
    const auto listed = Call().Invoke(stub, &Service::Stub::ListAttachments, request);
    EXPECT_THAT(listed, IsOk());
    return listed.ok() ? static_cast<size_t>(listed->attachments_size()) : 0;
  }

  std::unique_ptr<test_support::S3Server> objects_;  // where the parameter says so
  std::unique_ptr<Service::Stub> township_;
  std::unique_ptr<Service::Stub> hospital_;
  std::unique_ptr<Service::Stub> stranger_;
  std::string referral_id_;
};

TEST_P(AttachmentServiceTest, WhatOnePartySendsTheOtherFetches) {
  const std::string text = "患者三天前出现胸痛，活动后加重。\n";
  const auto attached = Attach(v1::MEDIA_TYPE_TEXT, text);
  ASSERT_THAT(attached, IsOk());
  EXPECT_EQ(Listed(*hospital_), 1u);
  const Downloaded fetched = Download(*hospital_, attached->attachment_id());
  EXPECT_THAT(fetched.status, IsOk());
  EXPECT_EQ(fetched.sha256, crypto::Sha256(text));
  EXPECT_EQ(fetched.name, "心电图.pdf");
}

TEST_P(AttachmentServiceTest, ARepeatedCompletionNamesTheFileAndTheLedgerDoesNot) {
  const std::string text = "text";
  const auto upload =
      Begin(*township_,
            Declared(v1::MEDIA_TYPE_TEXT, static_cast<int64_t>(text.size()), crypto::Sha256(text)));
  ASSERT_THAT(upload, IsOk());
  ASSERT_THAT(SendText(*upload, text), IsOk());
  v1::CompleteUploadRequest request;
  request.set_request_id(NewId());
  request.set_upload_id(upload->upload_id());
  for (int i = 0; i < 2; ++i) {
    const auto attached = Call().Invoke(*township_, &Service::Stub::CompleteUpload, request);
    ASSERT_THAT(attached, IsOk());
    EXPECT_EQ(attached->name(), "心电图.pdf");
  }
  int64_t named = -1;
  const absl::Status read =
      mysql::RunRead(*pool_, absl::Now() + absl::Seconds(10), [&](mysql::Session& session) {
        return session.SelectValues(
            {"test.Ledger",
             "SELECT COUNT(request_id) FROM idempotency_ledger WHERE LOCATE('心电图', response) > "
             "0"},
            {}, [&](const mysql::Row& row) {
              named = row.Int(0);
              return absl::OkStatus();
            });
      });
  EXPECT_THAT(read, IsOk());
  EXPECT_EQ(named, 0);
}

TEST_P(AttachmentServiceTest, AStrangerFindsNothing) {
  const auto attached = Attach(v1::MEDIA_TYPE_TEXT, "text");
  ASSERT_THAT(attached, IsOk());
  const absl::Status foreign = Download(*stranger_, attached->attachment_id()).status;
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  EXPECT_EQ(foreign.message(), Download(*stranger_, NewId()).status.message());
  EXPECT_THAT(Begin(*stranger_, Declared(v1::MEDIA_TYPE_PDF, 4, std::string(32, 'x'))).status(),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
  v1::ListAttachmentsRequest request;
  request.set_referral_id(referral_id_);
  EXPECT_THAT(Call().Invoke(*stranger_, &Service::Stub::ListAttachments, request).status(),
              StatusIs(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_P(AttachmentServiceTest, WhatIsRemovedFromADraftIsGoneForEverybody) {
  referral_id_ = Refer(kTownship, kHospital, false).ToString();
  const auto attached = Attach(v1::MEDIA_TYPE_TEXT, "another patient's letter");
  ASSERT_THAT(attached, IsOk());
  v1::RemoveAttachmentRequest request;
  request.set_request_id(NewId());
  request.set_attachment_id(attached->attachment_id());
  EXPECT_THAT(Call().Invoke(*stranger_, &Service::Stub::RemoveAttachment, request).status(),
              StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
  const auto removed = Call().Invoke(*township_, &Service::Stub::RemoveAttachment, request);
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->attachment().name(), "心电图.pdf");
  EXPECT_EQ(Listed(*township_), 0u);
  EXPECT_THAT(Download(*township_, attached->attachment_id()).status,
              StatusIs(absl::StatusCode::kNotFound, "ATTACHMENT_NOT_FOUND"));
}

TEST_P(AttachmentServiceTest, ABrokenUploadGoesOnWhereItStood) {
  const LargeContent content(3 * kMebibyte + 12345);
  const auto upload =
      Begin(*township_, Declared(v1::MEDIA_TYPE_PDF, content.size(), content.Sha256()));
  ASSERT_THAT(upload, IsOk());
  // 1.5 MiB come, of which one chunk is whole.
  auto stands = Send(*upload, content, 0, kMebibyte + kMebibyte / 2, 64 * 1024);
  ASSERT_THAT(stands, IsOk());
  EXPECT_EQ(stands->offset(), kMebibyte);
  EXPECT_THAT(Complete(upload->upload_id()).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "UPLOAD_INCOMPLETE"));
  EXPECT_THAT(Send(*upload, content, kMebibyte + 1, content.size(), kMebibyte).status(),
              StatusIs(absl::StatusCode::kAborted, "OFFSET_STALE"));
  v1::GetUploadRequest get;
  get.set_upload_id(upload->upload_id());
  EXPECT_EQ(Call().Invoke(*township_, &Service::Stub::GetUpload, get)->offset(), kMebibyte);
  EXPECT_THAT(Call().Invoke(*hospital_, &Service::Stub::GetUpload, get).status(),
              StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
  EXPECT_EQ(Listed(*township_), 0u);

  stands = Send(*upload, content, kMebibyte, content.size(), 100'000);
  ASSERT_THAT(stands, IsOk());
  EXPECT_EQ(stands->offset(), content.size());
  const auto attached = Complete(upload->upload_id());
  ASSERT_THAT(attached, IsOk());
  EXPECT_EQ(Download(*hospital_, attached->attachment_id()).sha256, content.Sha256());
  // A broken download goes on, too, from anywhere.
  const int64_t offset = kMebibyte + 77;
  const Downloaded rest = Download(*hospital_, attached->attachment_id(), offset);
  EXPECT_EQ(rest.bytes, content.size() - offset);
  EXPECT_EQ(rest.sha256, crypto::Sha256(content.Piece(offset, content.size())));
  EXPECT_EQ(Download(*hospital_, attached->attachment_id(), content.size()).bytes, 0);
  EXPECT_THAT(Download(*hospital_, attached->attachment_id(), content.size() + 1).status,
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_P(AttachmentServiceTest, WhatIsNotWhatItSaysIsRefusedAndGone) {
  struct Case {
    v1::MediaType type;
    std::string content;
    std::string rule;
  };
  for (const Case& one :
       {Case{v1::MEDIA_TYPE_PDF, "MZ this is a program", "MEDIA_TYPE"},
        Case{v1::MEDIA_TYPE_TEXT, "<html><body>hello</body></html>", "MEDIA_TYPE"},
        Case{v1::MEDIA_TYPE_TEXT, "text and \xff\xfe more of it", ""},
        Case{v1::MEDIA_TYPE_AECG, "<?xml version=\"1.0\"?><ClinicalDocument/>", "MEDIA_TYPE"}}) {
    const absl::Status refused = Attach(one.type, one.content).status();
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, "CONTENT_REFUSED"))
        << one.content;
    if (!one.rule.empty()) {
      EXPECT_EQ(status::InfoOf(refused)->metadata().at("rule"), one.rule) << one.content;
    }
  }
  EXPECT_EQ(Listed(*township_), 0u);
}

TEST_P(AttachmentServiceTest, AnotherContentThanDeclaredIsRefusedAndGone) {
  const std::string text = "declared";
  const auto upload = Begin(*township_, Declared(v1::MEDIA_TYPE_TEXT, 8, crypto::Sha256(text)));
  ASSERT_THAT(upload, IsOk());
  ASSERT_THAT(SendText(*upload, "tampered"), IsOk());
  EXPECT_THAT(Complete(upload->upload_id()).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "CONTENT_REFUSED"));
  EXPECT_THAT(Complete(upload->upload_id()).status(),
              StatusIs(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND"));
  EXPECT_EQ(Listed(*township_), 0u);
}

TEST_P(AttachmentServiceTest, TooMuchIsSaidBeforeItIsSent) {
  EXPECT_THAT(
      Begin(*township_, Declared(v1::MEDIA_TYPE_PDF, 64 * kMebibyte + 1, std::string(32, 'x')))
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "ATTACHMENT_TOO_LARGE"));
  const auto upload = Begin(*township_, Declared(v1::MEDIA_TYPE_TEXT, 4, crypto::Sha256("four")));
  ASSERT_THAT(upload, IsOk());
  EXPECT_THAT(SendText(*upload, "fourteen").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_P(AttachmentServiceTest, FiftyMebibytesEachWayInLittleMemory) {
  // What connections, threads and their buffers take at first is not the attachment's.
  const LargeContent small(24 * kMebibyte);
  const LargeContent large(50 * kMebibyte);
  const auto send = [&](const LargeContent& content) {
    const auto upload =
        Begin(*township_, Declared(v1::MEDIA_TYPE_PDF, content.size(), content.Sha256()));
    EXPECT_THAT(upload, IsOk());
    EXPECT_THAT(Send(*upload, content, 0, content.size(), 256 * 1024), IsOk());
    const auto attached = Complete(upload->upload_id());
    EXPECT_THAT(attached, IsOk());
    return attached.ok() ? attached->attachment_id() : "";
  };
  Download(*hospital_, send(small));

  const int64_t before = PeakMemory::Read("VmRSS");
  PeakMemory::Reset();
  const absl::Time start = absl::Now();
  const std::string id = send(large);
  const absl::Duration up = absl::Now() - start;
  const int64_t after_upload = PeakMemory::Read("VmHWM") - before;
  const absl::Time turned = absl::Now();
  const Downloaded fetched = Download(*hospital_, id);
  const absl::Duration down = absl::Now() - turned;
  const int64_t after_both = PeakMemory::Read("VmHWM") - before;

  EXPECT_THAT(fetched.status, IsOk());
  EXPECT_EQ(fetched.sha256, large.Sha256());
  EXPECT_EQ(fetched.largest, blob::kChunkBytes);
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed, to notice its use
  // Server and client together: their buffers are all in this process, and what the allocator keeps
  // of them differs (3 to 16 MiB were seen). The content held whole would be 50 MiB more.
  EXPECT_LT(after_upload, 40 * kMebibyte);
  EXPECT_LT(after_both, 40 * kMebibyte);
#endif
  RecordProperty("upload_ms", static_cast<int>(absl::ToInt64Milliseconds(up)));
  RecordProperty("download_ms", static_cast<int>(absl::ToInt64Milliseconds(down)));
  std::cout << "50 MiB up in " << up << ", down in " << down << "; peak memory +"
            << after_upload / 1024 << " KiB, +" << after_both / 1024 << " KiB\n";
}

INSTANTIATE_TEST_SUITE_P(EveryStore, AttachmentServiceTest,
                         ::testing::Values("database", "folder", "s3"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace yilian::referral
