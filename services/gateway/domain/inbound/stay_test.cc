// Admissions, discharges and their cancelling: what is read from a message, and in which order it
// is handed on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/gateway/domain/inbound/delivery.h"

namespace yilian::gateway::inbound {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kReceived = absl::FromUnixSeconds(1'795'000'000);

absl::Time At(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

struct Parts {
  std::string event = "A01";
  std::string visit = "ZY-1";
  std::string admitted{};
  std::string discharged{};
  std::string recorded{};
  std::string patient_class = "I";
  std::string sent{};
};

std::string Adt(const Parts& parts) {
  return "MSH|^~\\&|TXHIS|TAOXI|Y|R|" + parts.sent + "||ADT^" + parts.event + "|C1|P|2.5.1\rEVN|" +
         parts.event + "|" + parts.recorded + "\rPID|1||7||王小明\rPV1|1|" + parts.patient_class +
         std::string(17, '|') + parts.visit + std::string(25, '|') + parts.admitted + "|" +
         parts.discharged + "\r";
}

Interpretation Read(const std::string& text) {
  hl7::Faults faults;
  const auto message = hl7::Message::Parse(text, hl7::Charset::kUtf8, hl7::Limits(), faults);
  EXPECT_TRUE(message.has_value());
  return Interpret(*message, Sender{});
}

// Does what it is asked, in its own order of events; fails where the test says so.
class Desks : public PatientDirectory, public ReportIntake, public StayDesk, public DischargeDesk {
 public:
  std::variant<base::Uuid, DeliveryFailure> Register(const Request&, const Hl7Patient&) override {
    return record;
  }
  std::optional<DeliveryFailure> Merge(const Request&, const base::Uuid&,
                                       const base::Uuid&) override {
    return std::nullopt;
  }
  std::optional<DeliveryFailure> Ingest(const Request&, const base::Uuid&,
                                        const Hl7Report&) override {
    return std::nullopt;
  }
  std::optional<DeliveryFailure> Tell(const Request& request, const base::Uuid& patient,
                                      const StayNews& news) override {
    return Do("stay", request, patient, [&] { told.push_back(news); });
  }
  std::optional<DeliveryFailure> Draft(const Request& request, const base::Uuid& patient,
                                       const DischargeNews& news) override {
    return Do("draft", request, patient, [&] { discharged.push_back(news); });
  }
  std::optional<DeliveryFailure> Withdraw(const Request& request, const base::Uuid& patient,
                                          const DischargeNews& news) override {
    return Do("withdraw", request, patient, [&] { discharged.push_back(news); });
  }

  base::Uuid record = base::Uuid::V7();
  std::optional<base::Uuid> survivor;  // the record was merged into this one
  std::string away;                    // the desk that cannot be reached
  std::vector<std::string> done;
  std::vector<StayNews> told;
  std::vector<DischargeNews> discharged;
  std::map<base::Uuid, base::Uuid> requests;  // committed: request id, patient

 private:
  template <typename Effect>
  std::optional<DeliveryFailure> Do(const std::string& desk, const Request& request,
                                    const base::Uuid& patient, const Effect& effect) {
    if (away == desk) return DeliveryFailure{.reason = "UNAVAILABLE"};
    if (requests.contains(request.request_id)) return std::nullopt;
    if (survivor && patient != *survivor) {
      return DeliveryFailure{
          .kind = DeliveryFailure::Kind::kPark, .reason = "PATIENT_MERGED", .survivor = survivor};
    }
    requests[request.request_id] = patient;
    done.push_back(desk);
    effect();
    return std::nullopt;
  }
};

class StayTest : public ::testing::Test {
 protected:
  std::optional<DeliveryFailure> Deliver(const Parts& parts) {
    const Interpretation read = Read(Adt(parts));
    EXPECT_THAT(read.faults, IsEmpty());
    return delivery.Deliver(read.work, message, Sender{}, kReceived, absl::InfiniteFuture());
  }
  std::string Fault(const Parts& parts) {
    const Interpretation read = Read(Adt(parts));
    if (read.faults.empty()) return "";
    return std::to_string(static_cast<int>(read.faults[0].code)) + " " +
           read.faults[0].where.ToString();
  }

  Desks desks;
  Delivery delivery{desks, desks, desks, &desks};
  base::Uuid message = base::Uuid::V7();
};

TEST_F(StayTest, TheFourEventsAreToldWithTheirTimes) {
  const std::map<std::string, StayEvent> events = {{"A01", StayEvent::kAdmitted},
                                                   {"A03", StayEvent::kDischarged},
                                                   {"A11", StayEvent::kAdmissionCancelled},
                                                   {"A13", StayEvent::kDischargeCancelled}};
  for (const auto& [event, meaning] : events) {
    message = base::Uuid::V7();
    EXPECT_FALSE(Deliver({.event = event,
                          .admitted = "202611200830",
                          .discharged = "20261121100000+0000",
                          .recorded = "20261121180500"}));
    ASSERT_FALSE(desks.told.empty());
    const StayNews& news = desks.told.back();
    EXPECT_EQ(news.event, meaning);
    EXPECT_EQ(news.visit_number, "ZY-1");
    EXPECT_EQ(news.admitted_at, At("2026-11-20T08:30:00+08:00"));
    EXPECT_EQ(news.discharged_at, At("2026-11-21T18:00:00+08:00"));
    EXPECT_EQ(news.recorded_at, At("2026-11-21T18:05:00+08:00"));
  }
  EXPECT_EQ(desks.told.size(), 4u);
}

TEST_F(StayTest, OtherTimesStandInForThoseThatAreMissing) {
  EXPECT_FALSE(Deliver({.sent = "20261120090000"}));
  EXPECT_EQ(desks.told.back().admitted_at, At("2026-11-20T09:00:00+08:00"));
  EXPECT_EQ(desks.told.back().recorded_at, At("2026-11-20T09:00:00+08:00"));
  message = base::Uuid::V7();
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_EQ(desks.told.back().admitted_at, std::nullopt);
  EXPECT_EQ(desks.told.back().discharged_at, kReceived);
  EXPECT_EQ(desks.told.back().recorded_at, kReceived);
}

TEST_F(StayTest, ADischargeOfTheDayIsNotBeforeTheAdmissionOfTheSameDay) {
  const auto discharged = [&](const std::string& recorded) {
    message = base::Uuid::V7();
    EXPECT_FALSE(Deliver({.event = "A03",
                          .admitted = "202611201030",
                          .discharged = "20261120",
                          .recorded = recorded}));
    return desks.told.back().discharged_at;
  };
  EXPECT_EQ(discharged("20261120160000"), At("2026-11-20T16:00:00+08:00"));
  EXPECT_EQ(discharged("20261123090000"), At("2026-11-20T23:59:59+08:00"));
}

TEST_F(StayTest, WhoDoesNotStayIsRegisteredAndNoMore) {
  for (const char* patient_class : {"O", "P", "R"}) {
    EXPECT_FALSE(Deliver({.patient_class = patient_class}));
    EXPECT_FALSE(Deliver({.event = "A11", .visit = "", .patient_class = patient_class}));
  }
  EXPECT_FALSE(Deliver({.visit = ""}));
  EXPECT_FALSE(Deliver({.event = "A08"}));
  EXPECT_THAT(desks.told, IsEmpty());
}

TEST_F(StayTest, FaultsAreNamedByTheirPlace) {
  EXPECT_EQ(Fault({.event = "A11", .visit = ""}), "101 PV1[1]-19");
  EXPECT_EQ(Fault({.event = "A13", .visit = ""}), "101 PV1[1]-19");
  EXPECT_EQ(Fault({.visit = std::string(65, '7')}), "104 PV1[1]-19");
  EXPECT_EQ(Fault({.admitted = "20261131"}), "102 PV1[1]-44");
  EXPECT_EQ(Fault({.event = "A03", .discharged = "2026"}), "102 PV1[1]-45");
  EXPECT_EQ(Fault({.recorded = "yesterday"}), "102 EVN[1]-2");
}

TEST_F(StayTest, TheStayIsToldBeforeTheWayBackIsDrafted) {
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft"));
}

TEST_F(StayTest, ADischargeAndItsCancellingSayWhenTheyWereRecorded) {
  EXPECT_FALSE(Deliver({.event = "A03", .recorded = "20261120160000"}));
  message = base::Uuid::V7();
  EXPECT_FALSE(Deliver({.event = "A13", .recorded = "20261120161500"}));
  message = base::Uuid::V7();
  EXPECT_FALSE(Deliver({.event = "A13", .patient_class = "O", .sent = "20261120170000"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft", "stay", "withdraw", "withdraw"));
  EXPECT_EQ(desks.discharged[0].recorded_at, At("2026-11-20T16:00:00+08:00"));
  EXPECT_EQ(desks.discharged[1].episode, "ZY-1");
  EXPECT_EQ(desks.discharged[1].recorded_at, At("2026-11-20T16:15:00+08:00"));
  EXPECT_EQ(desks.discharged[2].recorded_at, At("2026-11-20T17:00:00+08:00"));
}

TEST_F(StayTest, EndedBetweenTheTwoTheMessageAgainDoesTheRestOnce) {
  desks.away = "draft";
  const auto failure = Deliver({.event = "A03"});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, DeliveryFailure::Kind::kRetry);
  EXPECT_THAT(desks.done, ElementsAre("stay"));
  desks.away.clear();
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft"));
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft"));

  message = base::Uuid::V7();
  desks.away = "stay";
  EXPECT_TRUE(Deliver({.event = "A03"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft")) << "nothing behind a step that failed";
}

TEST_F(StayTest, AMergedPatientIsFollowedToTheSurvivorAlsoWhenRepeated) {
  desks.away = "draft";
  EXPECT_TRUE(Deliver({.event = "A03"}));
  // Merged between the two steps: the stay was told of the record of then.
  desks.away.clear();
  desks.survivor = base::Uuid::V7();
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_FALSE(Deliver({.event = "A03"}));
  EXPECT_THAT(desks.done, ElementsAre("stay", "draft"));
  EXPECT_EQ(desks.requests.at(base::Uuid::V5(message, "discharge/0/" + desks.survivor->ToString())),
            *desks.survivor);
}

}  // namespace
}  // namespace yilian::gateway::inbound
