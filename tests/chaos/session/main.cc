// yilian-session-storm: people talk in live sessions at two replicas while replicas and the
// database are killed and stopped; then every transcript is compared.
//
//   yilian-session-storm --region FOLDER --result FILE --name NAME [--seconds N]
//                        --replicas a,b --strike PROGRAM --victims a,b,c
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "services/ctl/demo/catalogue.h"
#include "tests/chaos/session/speaker.h"
#include "tests/chaos/storm/faults.h"
#include "tests/chaos/storm/people.h"
#include "tests/chaos/storm/program.h"
#include "yilian/consultation/v1/consultation.grpc.pb.h"
#include "yilian/directory/v1/directory.grpc.pb.h"

namespace yilian::chaos {
namespace {

namespace v1 = consultation::v1;
using ctl::demo::DemoId;
using ctl::demo::NewId;
using ctl::demo::Person;

constexpr int kSessions = 3;
constexpr std::array kPeople = {"doctor.taoxi", "expert.first.cardiology", "expert.first.neurology",
                                "expert.first.respiratory"};

struct Room {
  std::string session;
  std::vector<std::unique_ptr<Speaker>> speakers;  // the first one moderates
};

class Storm {
 public:
  absl::Status Prepare(const ctl::Region& region, const Arguments& arguments) {
    for (const std::string& name : List(arguments, "--replicas")) {
      ASSIGN_OR_RETURN(const std::string target, region.ConfigValue(name, "service.listen"));
      ASSIGN_OR_RETURN(const std::string of, region.ConfigValue(name, "service.region"));
      ASSIGN_OR_RETURN(const auto channel,
                       rpc::MakeChannel(target, region.Identity("yilianctl"),
                                        {.region = of, .service = "consultation"}));
      replicas_.push_back(channel);
    }
    std::vector<Person> people;
    for (const char* name : kPeople) {
      ASSIGN_OR_RETURN(Person person, Person::SignIn(region, name));
      people.push_back(std::move(person));
    }
    doctor_ = people[0];
    ASSIGN_OR_RETURN(const std::string patient,
                     RegisterResident(people[0], DemoId("organization", "taoxi").ToString()));
    for (int i = 0; i < kSessions; ++i) {
      ASSIGN_OR_RETURN(std::string session, Open(people[0], patient));
      rooms_.push_back({.session = std::move(session)});
      Room& room = rooms_.back();
      for (size_t p = 0; p < people.size(); ++p) {
        room.speakers.push_back(
            std::make_unique<Speaker>(Speaker::Deps{.number = static_cast<unsigned>(p),
                                                    .session = room.session,
                                                    .person = people[p],
                                                    .replicas = replicas_,
                                                    .weather = weather_}));
      }
      RETURN_IF_ERROR(Admit(room));
    }
    return absl::OkStatus();
  }

  void Blow(Faults& faults, absl::Time end) {
    std::vector<std::thread> threads;
    for (const Room& room : rooms_) {
      for (const auto& speaker : room.speakers) {
        threads.emplace_back([&speaker] { speaker->Speak(); });
      }
    }
    faults.Run(end);
    weather_.over.Notify();
    for (std::thread& thread : threads) thread.join();
  }

  // What contradicts what was told, in words.
  absl::StatusOr<Proof> Prove(const Person& reader) {
    Proof proof;
    for (const Room& room : rooms_) {
      ASSIGN_OR_RETURN(const int64_t last, LastChat(room, reader));
      for (const auto& speaker : room.speakers) {
        if (!speaker->Hear(last)) proof.Lost(room.session + ": somebody is not told all");
      }
      ASSIGN_OR_RETURN(const auto stored, Stored(room, reader));
      Compare(room, stored, last, proof);
    }
    return proof;
  }

  Weather& weather() { return weather_; }
  const Person* doctor() const { return doctor_ ? &*doctor_ : nullptr; }
  size_t words() const {
    size_t words = 0;
    for (const Room& room : rooms_) {
      for (const auto& speaker : room.speakers) words += speaker->accepted().size();
    }
    return words;
  }
  int rejoins() const {
    int joins = 0;
    for (const Room& room : rooms_) {
      for (const auto& speaker : room.speakers) joins += speaker->joins() - 1;
    }
    return joins;
  }

 private:
  absl::StatusOr<std::string> Open(const Person& doctor, const std::string& patient) {
    v1::RequestConsultationRequest ask;
    ask.set_request_id(NewId());
    ask.set_patient_id(patient);
    ask.set_kind(v1::KIND_REMOTE_CONSULTATION);
    ask.set_urgency(v1::URGENCY_ROUTINE);
    ask.set_consulted_organization_id(DemoId("organization", "first").ToString());
    ask.set_specialty("CARDIOLOGY");
    ask.set_question("请会诊");
    ask.set_patient_consented(true);
    using v1::ConsultationService;
    using v1::LiveSessionService;
    ASSIGN_OR_RETURN(const v1::Consultation asked,
                     doctor.Call<ConsultationService>(
                         "consultation", &ConsultationService::Stub::RequestConsultation, ask));
    v1::OpenLiveSessionRequest open;
    open.set_request_id(NewId());
    open.set_consultation_id(asked.consultation_id());
    ASSIGN_OR_RETURN(const v1::LiveSession session,
                     doctor.Call<LiveSessionService>(
                         "consultation", &LiveSessionService::Stub::OpenLiveSession, open));
    return session.live_session_id();
  }

  // Everybody comes, and the doctor lets them in.
  absl::Status Admit(const Room& room) {
    for (const auto& speaker : room.speakers) {
      speaker->Join();
      if (!speaker->client().Await([](const auto& heard) { return !heard.welcomes.empty(); })) {
        return absl::DeadlineExceededError("nobody is welcomed");
      }
    }
    for (size_t p = 1; p < kPeople.size(); ++p) {
      if (!room.speakers[0]->Say(consultation::ModerationOf(
              v1::MODERATOR_ACT_ADMIT, DemoId("practitioner", kPeople[p]).ToString()))) {
        return absl::DeadlineExceededError("nobody is admitted");
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<v1::TranscriptEntry>> Stored(const Room& room, const Person& reader) {
    std::vector<v1::TranscriptEntry> entries;
    v1::ListTranscriptRequest request;
    request.set_live_session_id(room.session);
    request.set_page_size(500);
    while (true) {
      request.set_after_number(entries.empty() ? 0 : entries.back().number());
      using v1::LiveSessionService;
      ASSIGN_OR_RETURN(const auto page,
                       reader.Call<LiveSessionService>(
                           "consultation", &LiveSessionService::Stub::ListTranscript, request));
      if (page.entries().empty()) return entries;
      entries.insert(entries.end(), page.entries().begin(), page.entries().end());
    }
  }

  // The last word: who comes and goes afterwards is not waited for.
  absl::StatusOr<int64_t> LastChat(const Room& room, const Person& reader) {
    ASSIGN_OR_RETURN(const auto stored, Stored(room, reader));
    int64_t last = 0;
    for (const auto& entry : stored) {
      if (entry.kind() == v1::ENTRY_KIND_CHAT) last = entry.number();
    }
    return last;
  }

  static void Compare(const Room& room, const std::vector<v1::TranscriptEntry>& stored,
                      int64_t last, Proof& proof) {
    std::map<std::string, const v1::TranscriptEntry*> by_request;
    for (size_t i = 0; i < stored.size(); ++i) {
      if (stored[i].number() != static_cast<int64_t>(i) + 1) {
        proof.Lost(fmt::format("{}: entry {} is missing", room.session, i + 1));
        return;
      }
      const std::string& request = stored[i].request_id();
      if (!request.empty() && !by_request.emplace(request, &stored[i]).second) {
        proof.Doubled(fmt::format("{}: a message is there twice", room.session));
      }
    }
    for (const auto& speaker : room.speakers) {
      int64_t before = 0;
      for (const AcceptedWord& word : speaker->accepted()) {
        const auto found = by_request.find(word.request_id);
        if (found == by_request.end() || found->second->text() != word.text ||
            found->second->number() != word.number) {
          proof.Lost(fmt::format("{}: an accepted word is lost", room.session));
        } else if (word.number <= before) {
          proof.Lost(fmt::format("{}: words changed their order", room.session));
        }
        before = word.number;
      }
      const auto heard = speaker->client().heard().entries;
      for (int64_t i = 0; i < last; ++i) {
        const auto at = static_cast<size_t>(i);
        if (at < heard.size() && heard[at].SerializeAsString() == stored[at].SerializeAsString()) {
          continue;
        }
        proof.Lost(fmt::format("{}: transcripts differ at {}", room.session, i + 1));
        break;
      }
    }
  }

  Weather weather_;
  std::optional<Person> doctor_;
  std::vector<std::shared_ptr<grpc::Channel>> replicas_;
  std::vector<Room> rooms_;
};

absl::Status Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const absl::Duration length, LengthOf(arguments));
  const ctl::Region region(arguments.at("--region"));
  Storm storm;
  RETURN_IF_ERROR(storm.Prepare(region, arguments));
  Faults faults(arguments.at("--strike"), List(arguments, "--victims"), storm.weather(),
                {"consultation"});
  fmt::print("  {} of storm\n", absl::FormatDuration(length));
  std::fflush(stdout);
  storm.Blow(faults, absl::Now() + length);
  ASSIGN_OR_RETURN(const Proof proof, storm.Prove(*storm.doctor()));
  fmt::print("  {} words in {} sessions, joined again {} times, {} strikes\n", storm.words(),
             kSessions, storm.rejoins(), faults.strikes());
  RETURN_IF_ERROR(Conclude(arguments, static_cast<int64_t>(storm.words()), proof, faults,
                           storm.weather(), fmt::format(",\"rejoined\":{}", storm.rejoins())));
  // Otherwise a run that did nothing would pass.
  if (storm.words() == 0 || storm.rejoins() == 0) {
    return absl::FailedPreconditionError("nobody spoke, or nobody was cut off");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace yilian::chaos

int main(int argc, char** argv) {
  return yilian::chaos::RunProgram(argc, argv, "session", yilian::chaos::Run);
}
