// Signs access tokens with the newest key of a folder; a key that is put there is taken up without
// a restart.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/jwt.h"

namespace yilian::crypto {

// Keys are `<kid>.key` (PEM, private) with their public halves `<kid>.pem` in the verifiers'
// folder; the greatest kid that has both, and whose halves belong together, signs. A greater one
// that appears is taken up after `settle`, when every verifier has had time to see its public half.
// Old tokens stay valid until they expire, as long as the old public half lies in its folder; when
// it is taken away, its key stops signing at once. Thread-safe.
class RotatingSigner {
 public:
  struct Options {
    std::string private_keys_folder;
    std::string public_keys_folder;
    std::string issuer;
    std::string audience;
    absl::Duration lifetime = absl::Minutes(15);
    // Verifiers look at their folder once a second (JwtVerifier); five leaves room for a busy
    // machine.
    absl::Duration settle = absl::Seconds(5);
    absl::Duration look_every = absl::Seconds(1);
    std::function<void(std::string_view)> on_fault;  // a key cannot be used; may be empty
  };
  struct PublicKey {
    std::string kid;
    std::string pem;
    bool signs = false;
  };

  // FAILED_PRECONDITION, with the remedy, when no key can sign. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<RotatingSigner>> Open(Options options,
                                                              const base::Clock& clock);

  absl::StatusOr<JwtSigner::Signed> Sign(const TokenClaims& claims,
                                         const JwtSigner::Limits& limits);
  // Every key that tokens may be signed with, by kid.
  std::vector<PublicKey> PublicKeys();
  const Options& options() const { return options_; }

 private:
  RotatingSigner(Options options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  // The signer to use now; looks at the folders when it is time.
  std::shared_ptr<const JwtSigner> Current() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::shared_ptr<const JwtSigner>> Load(const std::string& kid) const;
  // Kids with both halves, greatest first.
  std::vector<std::string> Candidates() const;
  void Look(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const base::Clock& clock_;
  absl::Mutex mutex_;
  std::shared_ptr<const JwtSigner> signer_ ABSL_GUARDED_BY(mutex_);
  std::string kid_ ABSL_GUARDED_BY(mutex_);
  std::string coming_ ABSL_GUARDED_BY(mutex_);  // seen and not yet settled
  std::string faulty_ ABSL_GUARDED_BY(mutex_);  // told already
  absl::Time coming_since_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace yilian::crypto
