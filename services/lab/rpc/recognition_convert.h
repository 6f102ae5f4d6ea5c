// Between mutual recognition on the wire and in the domain.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/lab/domain/recognition.h"
#include "yilian/lab/v1/recognition.pb.h"

namespace yilian::lab::convert {

RecognitionRule ToDomain(const v1::RecognitionRule& wire);
absl::StatusOr<QualityAssessment> ToDomain(const v1::QualityAssessment& wire);
absl::StatusOr<ItemPrice> ToDomain(const v1::ItemPrice& wire);
absl::StatusOr<NewDecision> ToDomain(const v1::DecideRecognitionRequest& wire);
std::vector<RepeatReason> ToReasons(const google::protobuf::RepeatedField<int>& wire);

v1::RecognitionRule ToProto(const Stored<RecognitionRule>& stored);
v1::QualityAssessment ToProto(const Stored<QualityAssessment>& stored);
v1::ItemPrice ToProto(const Stored<ItemPrice>& stored);
v1::RecognitionCandidate ToProto(const TrendPoint& result, const RecognitionJudgement& judgement);
v1::RecognitionDecision ToProto(const RecognitionDecision& decision);
v1::RecognitionStatistic ToProto(const RecognitionStatistic& statistic);

}  // namespace yilian::lab::convert
