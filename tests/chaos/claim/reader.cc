#include "tests/chaos/claim/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/certificate.h"
#include "common/rpc/channel.h"
#include "common/status/error.h"

namespace yilian::chaos {
namespace {

namespace v1 = consultation::v1;
using ctl::demo::NewId;

// A replica that is stopped holds a call for ever; the reader's patience with one ends.
constexpr absl::Duration kAttempt = absl::Seconds(2);
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kLeaseSeconds = 4;
constexpr absl::Duration kIdle = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<ReadingReplicas> ReadingReplicas::Of(const ctl::Region& region,
                                                    const std::vector<std::string>& names) {
  ReadingReplicas replicas;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const std::string target, region.ConfigValue(name, "service.listen"));
    ASSIGN_OR_RETURN(const std::string of, region.ConfigValue(name, "service.region"));
    ASSIGN_OR_RETURN(const auto channel,
                     rpc::MakeChannel(target, region.Identity("yilianctl"),
                                      {.region = of, .service = "consultation"}));
    replicas.stubs.push_back(v1::ConsultationService::NewStub(channel));
  }
  return replicas;
}

StudyReader::Answer StudyReader::Ask(
    const std::function<Answer(const rpc::ClientCall&, Stub&)>& ask) {
  const absl::Time deadline = absl::Now() + kPatience;
  absl::Duration pause = absl::Milliseconds(50);
  for (size_t which = dice_();; ++which) {
    const rpc::ClientCall call = rpc::ClientCall(kAttempt).WithToken(deps_.person.token());
    const absl::Time sent = absl::Now();
    Answer answer = ask(call, *deps_.replicas.stubs[which % deps_.replicas.stubs.size()]);
    if (!AsksAgain(answer.status())) {
      deps_.weather.answers.Note("consultation", sent);
      return answer;
    }
    if (absl::Now() >= deadline) return answer;
    // Clients that come back all at once would be a second outage.
    absl::SleepFor(pause);  // lint:allow(test-sleep) the client's own backoff, up to `deadline`
    pause = std::min(pause * 2, absl::Milliseconds(400));
  }
}

void StudyReader::Work() {
  while (!deps_.all_read.HasBeenNotified()) Turn();
}

void StudyReader::Turn() {
  v1::ClaimConsultationRequest claim;
  claim.set_request_id(NewId());
  claim.set_lease_seconds(kLeaseSeconds);
  const Answer study = Ask([&](const rpc::ClientCall& call, Stub& stub) {
    return call.Invoke(stub, &Stub::ClaimConsultation, claim);
  });
  if (!study.ok()) {
    if (status::ReasonOf(study.status()) == "NOTHING_TO_CLAIM") {
      deps_.all_read.WaitForNotificationWithTimeout(kIdle);
    } else {
      Refused(study.status());
    }
    return;
  }
  const bool storm = !deps_.weather.over.HasBeenNotified();
  const unsigned fate = dice_() % 12;
  if (storm && fate == 0) return deps_.signatures.Abandoned();
  const bool late = storm && fate == 1;
  if (late) deps_.all_read.WaitForNotificationWithTimeout(absl::Seconds(kLeaseSeconds + 1));
  Read(*study, late);
}

void StudyReader::Read(const v1::Consultation& study, bool late) {
  v1::SaveOpinionDraftRequest draft;
  draft.set_request_id(NewId());
  draft.set_consultation_id(study.consultation_id());
  draft.set_lease_epoch(study.lease_epoch());
  draft.mutable_content()->set_impression("窦性心律");
  draft.mutable_content()->set_advice("随访");
  const Answer drafted = Ask([&](const rpc::ClientCall& call, Stub& stub) {
    return call.Invoke(stub, &Stub::SaveOpinionDraft, draft);
  });
  v1::SignOpinionRequest sign;
  sign.set_request_id(NewId());
  sign.set_consultation_id(study.consultation_id());
  sign.set_lease_epoch(study.lease_epoch());
  *sign.mutable_content() = draft.content();
  const Answer done = Ask([&](const rpc::ClientCall& call, Stub& stub) {
    return call.Invoke(stub, &Stub::SignOpinion, sign);
  });
  if (late && (drafted.ok() || done.ok())) {
    deps_.signatures.LetInLate(
        fmt::format("{} wrote to {} after its lease", deps_.name, study.consultation_id()));
  }
  if (!drafted.ok()) Refused(drafted.status());
  if (!done.ok()) return Refused(done.status());
  deps_.signatures.Signed(study.consultation_id(), deps_.name);
}

void StudyReader::Refused(const absl::Status& status) {
  const std::string reason = status::ReasonOf(status);
  if (reason == "CLAIM_LOST" || reason == "COMMAND_NOT_AVAILABLE") {
    return deps_.signatures.Fenced();
  }
  deps_.weather.journal.Unexpected(fmt::format("{}: {} {} ({})", deps_.name,
                                               absl::StatusCodeToString(status.code()),
                                               std::string(status.message()), reason));
}

}  // namespace yilian::chaos
