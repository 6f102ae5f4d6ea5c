// The township that the benchmarks of this folder book as, its patients, and the hospital's
// sessions: beside the demo's, straight into the tables of the running region.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ctl/demo/person.h"
#include "services/ctl/region.h"
#include "tests/bench/booking/seats.h"
#include "tests/bench/booking/visit.h"
#include "tests/bench/support/c_client.h"

namespace yilian::bench {

// Thread-safe once patients and sessions are made.
class Clinic {
 public:
  // `township`: of the demo region; its doctor signs in.
  static absl::StatusOr<std::unique_ptr<Clinic>> Make(const std::string& folder,
                                                      const std::string& township);

  // New patients that the township cares for.
  absl::StatusOr<std::vector<base::Uuid>> NewPatients(int count);
  // New sessions of the first hospital's cardiology.
  absl::StatusOr<std::vector<base::Uuid>> NewSessions(int count, const SeededSeats& seats,
                                                      absl::Time starts_at, absl::Time opens_at);

  scheduling::v1::HoldSeatRequest Wish(const base::Uuid& session, const base::Uuid& patient) const;
  // Over one of several connections, as a busy client has them.
  void Visit(size_t number, scheduling::v1::HoldSeatRequest wish, bench::Visit::Done done) const;

  const ctl::Region& region() const { return region_; }
  const DatabaseAccess& access() const { return access_; }
  const base::Uuid& township() const { return township_; }
  // Text of a query's rows.
  absl::StatusOr<std::vector<std::vector<Field>>> Rows(const std::string& sql) {
    return sql_.Rows(sql);
  }

 private:
  Clinic(ctl::Region region, ctl::demo::Person doctor, const std::string& township);
  RunSql Run() {
    return [this](const std::string& sql) { return sql_.Text(sql); };
  }

  const ctl::Region region_;
  const ctl::demo::Person doctor_;
  const base::Uuid township_;
  const base::Uuid hospital_;
  const base::Uuid department_;
  rpc::ClientCall call_;
  std::vector<std::unique_ptr<bench::Visit::Stub>> stubs_;
  DatabaseAccess access_;
  CClient sql_;
};

}  // namespace yilian::bench
