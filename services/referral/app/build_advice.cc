#include "services/referral/app/build_advice.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/blob/media_sniffer.h"
#include "common/relationship/merges.h"
#include "services/referral/app/blob_stores.h"
#include "services/referral/rpc/advice_handlers.h"
#include "services/referral/rpc/attachment_handlers.h"
#include "services/referral/store/mysql_advice_store.h"
#include "services/referral/store/mysql_attachment_store.h"
#include "services/referral/store/records.h"

namespace yilian::referral {

absl::Status BuildAdvice(service::Context& context, const ReferralConfig& config,
                         const AdviceParts& parts) {
  ASSIGN_OR_RETURN(const crypto::FieldCipher* cipher, context.FieldCipher());
  auto* advice = context.Own(std::make_unique<MysqlAdviceStore>(MysqlAdviceStore::Deps{
      .unit_of_work = context.unit_of_work(), .referrals = parts.referrals, .cipher = *cipher}));
  auto* answers = context.Own(std::make_unique<AdviceDeadlines>(
      AdviceDeadlines::Defaults{
          .urgent_answer = absl::Minutes(config.advice().urgent_answer_minutes()),
          .routine_answer_days = config.advice().routine_answer_days()},
      parts.deadlines.calendar()));
  auto* advice_handlers = context.Own(std::make_unique<AdviceHandlers>(
      AdviceHandlers::Deps{.store = *advice,
                           .answers = *answers,
                           .deadlines = parts.deadlines,
                           .receivers = parts.receivers,
                           .organizations = parts.organizations,
                           .relationships = parts.relationships,
                           .sealer = parts.sealer,
                           .zone = parts.referrals.zone(),
                           .across_consortia = config.refer_across_consortia()}));
  context.Serve(Bind(*advice_handlers));
  context.timers().Define(
      std::string(kAdviceTimer),
      [advice, &clock = context.clock()](mysql::Session& session, const saga::Timer& timer) {
        return advice->Escalate(session, AdviceId(timer.aggregate_id), clock.Now());
      });
  context.Consume({.name = "referral.advice_merges",
                   .source = "directory",
                   .types = relationship::MergeEventTypes()},
                  [advice](mysql::Session& session, const event::v1::Event& event) {
                    return advice->MovePatient(session, event);
                  });

  ASSIGN_OR_RETURN(std::unique_ptr<blob::BlobStore> opened,
                   OpenBlobStore(config.attachments(), context.pool()));
  auto* blobs = context.Own(std::move(opened));
  ASSIGN_OR_RETURN(std::unique_ptr<blob::MediaSniffer> magic, blob::MediaSniffer::Open());
  auto* sniffer = context.Own(std::move(magic));
  const AttachmentLimits limits{
      .most_bytes = int64_t{config.attachments().most_mebibytes()} * 1024 * 1024,
      .most_per_record = config.attachments().most_per_record(),
      .upload_lifetime = absl::Hours(config.attachments().upload_hours())};
  auto* records = context.Own(std::make_unique<Records>(parts.referrals, *advice));
  auto* attachments = context.Own(std::make_unique<MysqlAttachmentStore>(
      MysqlAttachmentStore::Deps{.unit_of_work = context.unit_of_work(),
                                 .records = *records,
                                 .cipher = *cipher,
                                 .blobs = *blobs,
                                 .limits = limits}));
  auto* attachment_handlers = context.Own(std::make_unique<AttachmentHandlers>(
      AttachmentHandlers::Deps{.store = *attachments,
                               .blobs = *blobs,
                               .sniffer = *sniffer,
                               .relationships = parts.relationships,
                               .limits = limits}));
  context.Serve(Bind(*attachment_handlers));
  context.timers().Define(std::string(kUploadTimer),
                          [attachments](mysql::Session& session, const saga::Timer& timer) {
                            return attachments->OnTimer(session, timer);
                          });
  context.timers().Define(std::string(kRemovedBlobTimer),
                          [attachments](mysql::Session& session, const saga::Timer& timer) {
                            return attachments->OnRemovedBlob(session, timer);
                          });
  return absl::OkStatus();
}

}  // namespace yilian::referral
