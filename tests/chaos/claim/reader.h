// A reader of a reading centre who claims, drafts and signs, and sometimes dies over a study or
// comes back too late to one. Asks the other replica when one does not answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "services/ctl/demo/person.h"
#include "tests/chaos/storm/caller.h"
#include "yilian/consultation/v1/consultation.grpc.pb.h"

namespace yilian::chaos {

// The service's processes. Outlives whoever calls them.
struct ReadingReplicas {
  std::vector<std::unique_ptr<consultation::v1::ConsultationService::Stub>> stubs;

  static absl::StatusOr<ReadingReplicas> Of(const ctl::Region& region,
                                            const std::vector<std::string>& names);
};

// Who was told that they signed what. Thread-safe.
class Signatures {
 public:
  void Signed(const std::string& study, const std::string& reader) {
    const absl::MutexLock lock(&mutex_);
    signers_[study].push_back(reader);
  }
  void Abandoned() {
    const absl::MutexLock lock(&mutex_);
    ++abandoned_;
  }
  void Fenced() {
    const absl::MutexLock lock(&mutex_);
    ++fenced_;
  }
  void LetInLate(const std::string& what) {
    const absl::MutexLock lock(&mutex_);
    let_in_late_.push_back(what);
  }
  std::map<std::string, std::vector<std::string>> signers() const {
    const absl::MutexLock lock(&mutex_);
    return signers_;
  }
  int abandoned() const {
    const absl::MutexLock lock(&mutex_);
    return abandoned_;
  }
  int fenced() const {
    const absl::MutexLock lock(&mutex_);
    return fenced_;
  }
  std::vector<std::string> let_in_late() const {
    const absl::MutexLock lock(&mutex_);
    return let_in_late_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<std::string>> signers_;  // by study
  std::vector<std::string> let_in_late_;
  int abandoned_ = 0;
  int fenced_ = 0;
};

// One thread.
class StudyReader {
 public:
  struct Deps {
    unsigned number = 0;
    std::string name;
    ctl::demo::Person person;
    const ReadingReplicas& replicas;
    Weather& weather;
    Signatures& signatures;
    const absl::Notification& all_read;
  };
  explicit StudyReader(Deps deps) : deps_(std::move(deps)), dice_(deps_.number + 1) {}

  // Dies over studies and sleeps over them while the storm lasts, reads on until all are read.
  void Work();

 private:
  using Stub = consultation::v1::ConsultationService::Stub;
  using Answer = absl::StatusOr<consultation::v1::Consultation>;
  Answer Ask(const std::function<Answer(const rpc::ClientCall&, Stub&)>& ask);
  void Turn();
  void Read(const consultation::v1::Consultation& study, bool late);
  // What a reader may be told, beside yes.
  void Refused(const absl::Status& status);

  const Deps deps_;
  std::mt19937 dice_;
};

}  // namespace yilian::chaos
