#include "services/gateway/domain/inbound/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace yilian::gateway::inbound {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps messages as the MySQL store does, in memory; what differs between the two is tested with
// the real one.
class MemoryStore : public MessageStore {
 public:
  absl::StatusOr<Receipt> Receive(const NewMessage& message, absl::Time) override {
    if (down) return absl::UnavailableError("down");
    if (message.claims_control_id) {
      for (auto& [id, row] : rows) {
        if (row.claims_control_id && row.sender == message.sender &&
            row.control_id == message.control_id) {
          return Receipt{false, StoredOf(row)};
        }
      }
    }
    rows[message.message_id] = message;
    order.push_back(message.message_id);
    return Receipt{true, StoredOf(message)};
  }
  absl::Status Settle(const base::Uuid& id, MessageState state, std::string_view reason,
                      const std::string& answer, absl::Time) override {
    if (down || settle_down) return absl::UnavailableError("down");
    rows[id].state = state;
    rows[id].reason = reason;
    rows[id].answer = answer;
    return absl::OkStatus();
  }
  absl::Status Postpone(const base::Uuid& id, std::string_view reason, absl::Duration pause,
                        absl::Time) override {
    rows[id].reason = reason;
    pauses[id] = pause;
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<PendingMessage>> ClaimDue(int, absl::Duration, absl::Time) override {
    return std::vector<PendingMessage>();
  }

  static StoredMessage StoredOf(const NewMessage& row) {
    StoredMessage stored;
    stored.message_id = row.message_id;
    stored.sender = row.sender;
    stored.control_id = row.control_id;
    stored.content_hash = row.content_hash;
    stored.state = row.state;
    stored.reason = row.reason;
    stored.answer = row.answer;
    return stored;
  }
  const NewMessage& Last() { return rows.at(order.back()); }

  bool down = false;
  bool settle_down = false;
  std::map<base::Uuid, NewMessage> rows;
  std::map<base::Uuid, absl::Duration> pauses;
  std::vector<base::Uuid> order;
};

// Answers each step as the test says and remembers what it was asked.
class RecordingOwners : public PatientDirectory,
                        public ReportIntake,
                        public StayDesk,
                        public DischargeDesk {
 public:
  std::variant<base::Uuid, DeliveryFailure> Register(const Request& request,
                                                     const Hl7Patient& patient) override {
    if (failure) return *failure;
    request_ids.insert(request.request_id);
    patients.push_back(patient.name);
    return base::Uuid::V5(base::Uuid(), patient.identifiers.empty() ? patient.national_id
                                                                    : patient.identifiers[0].value);
  }
  std::optional<DeliveryFailure> Merge(const Request&, const base::Uuid&,
                                       const base::Uuid&) override {
    ++merges;
    return failure;
  }
  std::optional<DeliveryFailure> Ingest(const Request& request, const base::Uuid&,
                                        const Hl7Report& report) override {
    if (ingest_failure) return ingest_failure;
    request_ids.insert(request.request_id);
    reports.push_back(report.filler_order_number);
    return std::nullopt;
  }
  std::optional<DeliveryFailure> Draft(const Request& request, const base::Uuid&,
                                       const DischargeNews& news) override {
    request_ids.insert(request.request_id);
    episodes.push_back(news.episode);
    return std::nullopt;
  }
  std::optional<DeliveryFailure> Withdraw(const Request&, const base::Uuid&,
                                          const DischargeNews&) override {
    return std::nullopt;
  }
  std::optional<DeliveryFailure> Tell(const Request& request, const base::Uuid&,
                                      const StayNews& news) override {
    request_ids.insert(request.request_id);
    visits.push_back(news.visit_number);
    return std::nullopt;
  }
  std::vector<std::string> visits;
  std::vector<std::string> episodes;
  std::optional<DeliveryFailure> failure;
  std::optional<DeliveryFailure> ingest_failure;
  std::set<base::Uuid> request_ids;
  std::vector<std::string> patients;
  std::vector<std::string> reports;
  int merges = 0;
};

class CountingObserver : public IntakeObserver {
 public:
  void OnMessage(const NewMessage&, Event event, std::string_view) override { ++counts[event]; }
  std::map<Event, int> counts;
};

class IntakeTest : public ::testing::Test {
 protected:
  static SenderRegistry Senders() {
    Sender his{"taoxi-his",         base::Uuid::V7(),    "TXHIS", "",
               hl7::Charset::kUtf8, absl::UTCTimeZone(), {},      false};
    Sender lis = his;
    lis.name = "taoxi-lis";
    lis.application = "TXLIS";
    return SenderRegistry({his, lis});
  }
  std::vector<std::string> Send(const std::string& content, bool too_long = false) {
    std::vector<std::string> answers;
    intake.Handle(peer, mllp::Frame{content, too_long, too_long ? 30'000'000 : content.size()},
                  [&](std::string answer) { answers.push_back(std::move(answer)); });
    return answers;
  }
  static std::string Adt(std::string_view control_id = "C1", std::string_view name = "王小明",
                         std::string_view modes = "") {
    return "MSH|^~\\&|TXHIS|TAOXI|Y|R|||ADT^A04^ADT_A01|" + std::string(control_id) +
           "|P|2.5.1|||" + std::string(modes) + "\rPID|1||7||" + std::string(name) +
           "||19800101|M\r";
  }
  int Count(MessageState state) {
    int count = 0;
    for (const auto& [id, row] : store.rows) count += row.state == state;
    return count;
  }

  SenderRegistry senders = Senders();
  Peer peer{"10.0.0.7", {"taoxi-his", "taoxi-lis"}};
  MemoryStore store;
  RecordingOwners owners;
  Delivery delivery{owners, owners, owners, &owners};
  base::FakeClock clock{absl::FromUnixSeconds(1'800'000'000)};
  CountingObserver observer;
  Intake intake{{senders, store, delivery, clock, observer}, {}};
};

TEST_F(IntakeTest, RegistrationIsStoredDeliveredAndAccepted) {
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AA|C1\r")));
  EXPECT_THAT(owners.patients, ElementsAre("王小明"));
  EXPECT_EQ(store.Last().state, MessageState::kDelivered);
  EXPECT_EQ(store.Last().sender, "taoxi-his");
  EXPECT_EQ(store.Last().message_type, "ADT^A04");
}

TEST_F(IntakeTest, ReportRegistersItsPatientFirst) {
  EXPECT_THAT(Send("MSH|^~\\&|TXLIS|TAOXI|Y|R|||ORU^R01|R1|P|2.5.1\rPID|1||7||王小明\rOBR|1||F1|1^"
                   "A\rOBX|1|NM|1^X||1||||||F\r"),
              ElementsAre(HasSubstr("MSA|AA|R1\r")));
  EXPECT_THAT(owners.patients, ElementsAre("王小明"));
  EXPECT_THAT(owners.reports, ElementsAre("F1"));
}

TEST_F(IntakeTest, MergeNamesBothRecordsAndIsDoneOnce) {
  const std::string merge =
      "MSH|^~\\&|TXHIS|TAOXI|Y|R|||ADT^A40|M1|P|2.5.1\rPID|1||7||王小明\rMRG|9\rPID|2||8||"
      "李雷\rMRG|8\r";
  EXPECT_THAT(Send(merge), ElementsAre(HasSubstr("MSA|AA|M1\r")));
  EXPECT_EQ(owners.merges, 1) << "the second pair is one record already";
}

TEST_F(IntakeTest, ADischargeIsHandedOnWithItsVisitNumber) {
  const auto discharge = [](std::string_view id, std::string_view event, std::string_view visit) {
    return "MSH|^~\\&|TXHIS|TAOXI|Y|R|||ADT^" + std::string(event) + "|" + std::string(id) +
           "|P|2.5.1\rPID|1||7||王小明\rPV1|1" + std::string(18, '|') + std::string(visit) + "\r";
  };
  EXPECT_THAT(Send(discharge("D1", "A03", "E-77^5^M10")), ElementsAre(HasSubstr("MSA|AA|D1\r")));
  EXPECT_THAT(owners.episodes, ElementsAre("E-77"));
  // Another event, or no number that `referral` knows, drafts nothing.
  EXPECT_THAT(Send(discharge("D2", "A01", "E-78")), ElementsAre(HasSubstr("MSA|AA|D2\r")));
  EXPECT_THAT(Send(discharge("D3", "A03", "")), ElementsAre(HasSubstr("MSA|AA|D3\r")));
  EXPECT_THAT(Send(discharge("D4", "A03", "12 / 7")), ElementsAre(HasSubstr("MSA|AA|D4\r")));
  EXPECT_THAT(owners.episodes, ElementsAre("E-77"));
  EXPECT_THAT(owners.visits, ElementsAre("E-77", "E-78", "12 / 7"));
}

TEST_F(IntakeTest, SameMessageAgainReplaysTheStoredAnswer) {
  const auto first = Send(Adt());
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(Send(Adt()), first);
  EXPECT_EQ(owners.patients.size(), 1u);
  EXPECT_EQ(store.rows.size(), 1u);
  EXPECT_EQ(observer.counts[IntakeObserver::Event::kReplayed], 1);
}

TEST_F(IntakeTest, SameControlIdWithOtherContentIsAnErrorAndAnAlarm) {
  Send(Adt());
  EXPECT_THAT(Send(Adt("C1", "李雷")),
              ElementsAre(testing::AllOf(HasSubstr("MSA|AE|C1\r"), HasSubstr("MSH^1^10|205^"))));
  EXPECT_EQ(observer.counts[IntakeObserver::Event::kControlIdReused], 1);
  EXPECT_THAT(owners.patients, ElementsAre("王小明"));
  EXPECT_EQ(Count(MessageState::kRefused), 1);
  // The first message keeps its answer.
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AA|C1\r")));
}

TEST_F(IntakeTest, SameControlIdOfAnotherSenderIsAnotherMessage) {
  Send(Adt("X1"));
  EXPECT_THAT(Send("MSH|^~\\&|TXLIS|TAOXI|Y|R|||ADT^A04|X1|P|2.5.1\rPID|1||8||李雷\r"),
              ElementsAre(HasSubstr("MSA|AA|X1\r")));
}

TEST_F(IntakeTest, WhatIsNotTakenIsRejectedByTable0357) {
  const auto answer = [&](const std::string& header) {
    return Send(header + "\rPID|1||7||王\r").at(0);
  };
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R|||SIU^S12|1|P|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AR|1"), HasSubstr("|200^")));
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A60|2|P|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AR|2"), HasSubstr("|201^")));
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A04|3|T|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AR|3"), HasSubstr("|202^")));
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A04|4|P|3.0"),
              testing::AllOf(HasSubstr("MSA|AR|4"), HasSubstr("|203^")));
  EXPECT_THAT(answer("MSH|^~\\&|OTHER|T|Y|R|||ADT^A04|5|P|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AR|5"), HasSubstr("|204^")));
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R||||6|P|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AE|6"), HasSubstr("|101^")));
  EXPECT_THAT(answer("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A04||P|2.5.1"),
              testing::AllOf(HasSubstr("MSA|AE|\r"), HasSubstr("MSH^1^10|101^")));
  EXPECT_THAT(owners.patients, IsEmpty());
  EXPECT_EQ(Count(MessageState::kRefused), 7);
}

TEST_F(IntakeTest, SenderBehindAnotherConnectionIsUnknown) {
  peer.senders = {"taoxi-lis"};
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AR|C1\r")));
}

TEST_F(IntakeTest, EveryFaultOfTheContentIsInTheAnswer) {
  EXPECT_THAT(
      Send("MSH|^~\\&|TXHIS|T|Y|R|||ADT^A04|C1|P|2.5.1\rPID|1||||||19800230\r"),
      ElementsAre(testing::AllOf(HasSubstr("MSA|AE|C1\r"), HasSubstr("ERR||PID^1^3|101^"),
                                 HasSubstr("ERR||PID^1^5|101^"), HasSubstr("ERR||PID^1^7|102^"))));
  EXPECT_EQ(store.Last().state, MessageState::kRefused);
  EXPECT_EQ(store.Last().reason, "HL7_101");
}

TEST_F(IntakeTest, GarbageIsRefusedAndKept) {
  EXPECT_THAT(Send("GET / HTTP/1.1\r\n\r\n"), ElementsAre(HasSubstr("MSA|AR|\r")));
  EXPECT_EQ(store.Last().content, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(store.Last().state, MessageState::kRefused);
}

TEST_F(IntakeTest, TooLongMessageIsRefusedByItsControlId) {
  EXPECT_THAT(Send(Adt("BIG"), true),
              ElementsAre(testing::AllOf(HasSubstr("MSA|AE|BIG\r"), HasSubstr("|104^"))));
  EXPECT_EQ(store.Last().size, 30'000'000);
}

TEST_F(IntakeTest, OwnerAwayMeansStoredAndLaterThenTheAnswerComesOnAsking) {
  owners.failure = DeliveryFailure{DeliveryFailure::Kind::kRetry, "UNAVAILABLE", {}};
  EXPECT_THAT(Send(Adt()),
              ElementsAre(testing::AllOf(HasSubstr("MSA|AR|C1\r"), HasSubstr("|207^"))));
  EXPECT_EQ(store.Last().state, MessageState::kReceived);
  EXPECT_EQ(store.pauses.size(), 1u);
  owners.failure.reset();
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AA|C1\r")));
  EXPECT_EQ(store.rows.size(), 1u);
}

TEST_F(IntakeTest, RedeliveryUsesTheSameRequestIdsAndKeepsTheAnswer) {
  const std::string report =
      "MSH|^~\\&|TXLIS|TAOXI|Y|R|||ORU^R01|R1|P|2.5.1\rPID|1||7||王小明\rOBR|1||F1|1^A\rOBX|1|NM|1^"
      "X||1||||||F\r";
  owners.ingest_failure = DeliveryFailure{DeliveryFailure::Kind::kRetry, "UNAVAILABLE", {}};
  Send(report);
  EXPECT_EQ(owners.request_ids.size(), 1u);
  owners.ingest_failure.reset();
  ASSERT_TRUE(intake.Redeliver({MemoryStore::StoredOf(store.Last()), report}).ok());
  EXPECT_EQ(owners.patients.size(), 2u);
  EXPECT_EQ(owners.request_ids.size(), 2u) << "the patient's id again, and the report's";
  EXPECT_EQ(store.Last().state, MessageState::kDelivered);
  EXPECT_THAT(Send(report), ElementsAre(HasSubstr("MSA|AA|R1\r")));
  EXPECT_EQ(owners.reports.size(), 1u);
}

TEST_F(IntakeTest, WhatAPersonHasToDecideIsParkedAndSaidSo) {
  owners.failure = DeliveryFailure{DeliveryFailure::Kind::kPark, "IDENTIFIER_TAKEN", {}};
  EXPECT_THAT(Send(Adt()), ElementsAre(testing::AllOf(HasSubstr("MSA|AE|C1\r"),
                                                      HasSubstr("parked (IDENTIFIER_TAKEN)"))));
  EXPECT_EQ(store.Last().state, MessageState::kParked);
  EXPECT_EQ(store.Last().reason, "IDENTIFIER_TAKEN");
}

TEST_F(IntakeTest, OwnersRefusalBecomesErrSegments) {
  owners.failure = DeliveryFailure{DeliveryFailure::Kind::kRefuse,
                                   "IDENTITY_CONTRADICTS",
                                   {{hl7::FaultCode::kDataType, {"PID", 1, 7}, "x"}}};
  EXPECT_THAT(Send(Adt()), ElementsAre(testing::AllOf(HasSubstr("MSA|AE|C1\r"),
                                                      HasSubstr("ERR||PID^1^7|102^"))));
  EXPECT_EQ(store.Last().state, MessageState::kRefused);
}

TEST_F(IntakeTest, NothingIsAcceptedThatIsNotStored) {
  store.down = true;
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AR|C1\r")));
  EXPECT_THAT(owners.patients, IsEmpty());
  store.down = false;
  store.settle_down = true;
  EXPECT_THAT(Send(Adt()), ElementsAre(HasSubstr("MSA|AR|C1\r")));
  EXPECT_EQ(store.Last().state, MessageState::kReceived);
}

TEST_F(IntakeTest, EnhancedModeAcceptsFirstAndAnswersAsAsked) {
  EXPECT_THAT(Send(Adt("E1", "王", "AL|AL")),
              ElementsAre(HasSubstr("MSA|CA|E1\r"), HasSubstr("MSA|AA|E1\r")));
  EXPECT_THAT(Send(Adt("E1", "王", "AL|AL")),
              ElementsAre(HasSubstr("MSA|CA|E1\r"), HasSubstr("MSA|AA|E1\r")));
  EXPECT_THAT(Send(Adt("E2", "王", "AL|NE")), ElementsAre(HasSubstr("MSA|CA|E2\r")));
  EXPECT_THAT(Send(Adt("E3", "王", "NE|AL")), ElementsAre(HasSubstr("MSA|AA|E3\r")));
  EXPECT_THAT(Send(Adt("E4", "王", "NE|NE")), IsEmpty());
  EXPECT_THAT(Send(Adt("E5", "王", "ER|ER")), IsEmpty());
  EXPECT_THAT(Send(Adt("E6", "", "ER|ER")), ElementsAre(HasSubstr("MSA|AE|E6\r")));
  EXPECT_THAT(Send(Adt("E1", "李", "AL|AL")), ElementsAre(HasSubstr("MSA|CE|E1\r")));
  EXPECT_THAT(Send("MSH|^~\\&|TXHIS|T|Y|R|||SIU^S12|E7|P|2.5.1|||AL|AL\r"),
              ElementsAre(HasSubstr("MSA|CR|E7\r")));
  store.down = true;
  EXPECT_THAT(Send(Adt("E8", "王", "AL|AL")), ElementsAre(HasSubstr("MSA|CR|E8\r")));
}

TEST_F(IntakeTest, InEqualsDeliveredParkedRefusedAndReceived) {
  Send(Adt("1"));
  owners.failure = DeliveryFailure{DeliveryFailure::Kind::kPark, "X", {}};
  Send(Adt("2"));
  owners.failure = DeliveryFailure{DeliveryFailure::Kind::kRetry, "X", {}};
  Send(Adt("3"));
  Send(Adt("4", ""));
  Send("junk");
  EXPECT_EQ(Count(MessageState::kDelivered), 1);
  EXPECT_EQ(Count(MessageState::kParked), 1);
  EXPECT_EQ(Count(MessageState::kReceived), 1);
  EXPECT_EQ(Count(MessageState::kRefused), 2);
  EXPECT_EQ(store.rows.size(), 5u);
}

}  // namespace
}  // namespace yilian::gateway::inbound
