#include "common/rpc/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <ctime>
#include <fstream>
#include <sstream>

#include "common/base/status_macros.h"
#include "common/status/error.h"

namespace yilian::rpc {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

constexpr size_t kLargestPem = 64 * 1024;

absl::Status Unusable(std::string_view message) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "yilian", "TLS_FILES_UNUSABLE")
      .Message(message);
}

absl::Status Invalid(std::string_view message) {
  return status::Error(absl::StatusCode::kUnauthenticated, "yilian", "CERTIFICATE_INVALID")
      .Message(message);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (path.empty() || !file || !(text << file.rdbuf())) {
    return Unusable(fmt::format("cannot read \"{}\": check the path and its permissions", path));
  }
  return text.str();
}

X509Ptr ParseCertificate(std::string_view pem) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

StorePtr ParseCa(std::string_view pem) {
  StorePtr store(X509_STORE_new());
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  int count = 0;
  while (X509Ptr ca{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(store.get(), ca.get());
    ++count;
  }
  ERR_clear_error();
  return count > 0 ? std::move(store) : nullptr;
}

absl::Time NotAfter(const X509* certificate) {
  std::tm when{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when);
  return absl::FromTimeT(timegm(&when));
}

// The one SPIFFE URI; "" when there is none or another URI beside it.
std::string SpiffeUri(const X509* certificate) {
  std::string uri;
  int count = 0;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               ASN1_STRING_length(text));
    ++count;
  }
  GENERAL_NAMES_free(names);
  return count == 1 && uri.starts_with("spiffe://") ? uri : "";
}

// "" when the chain holds, else OpenSSL's word for what is wrong with it.
std::string ChainFault(X509_STORE* store, X509* certificate, absl::Time now, int purpose) {
  StoreCtxPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store, certificate, nullptr);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(now));
  if (purpose != 0) X509_STORE_CTX_set_purpose(context.get(), purpose);
  std::string fault;
  if (X509_verify_cert(context.get()) != 1) {
    fault = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  }
  ERR_clear_error();
  return fault;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Unescape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      result.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

}  // namespace

absl::StatusOr<std::string> CheckTlsFiles(const TlsFiles& files, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string ca_pem, ReadFile(files.ca_file));
  ASSIGN_OR_RETURN(const std::string certificate_pem, ReadFile(files.certificate_file));
  ASSIGN_OR_RETURN(const std::string key_pem, ReadFile(files.key_file));
  struct stat info {};
  if (stat(files.key_file.c_str(), &info) != 0 || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Unusable(
        fmt::format("others than its owner may read the key \"{}\": chmod 600 it", files.key_file));
  }
  const StorePtr store = ParseCa(ca_pem);
  if (store == nullptr) {
    return Unusable(fmt::format("\"{}\" holds no PEM certificate", files.ca_file));
  }
  const X509Ptr certificate = ParseCertificate(certificate_pem);
  if (certificate == nullptr) {
    return Unusable(fmt::format("\"{}\" holds no PEM certificate", files.certificate_file));
  }
  BioPtr bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const bool fits = key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return Unusable(fmt::format("the key \"{}\" does not belong to the certificate \"{}\"",
                                files.key_file, files.certificate_file));
  }
  if (const std::string fault = ChainFault(store.get(), certificate.get(), now, 0);
      !fault.empty()) {
    return Unusable(fmt::format("the certificate \"{}\" is not good under \"{}\": {}",
                                files.certificate_file, files.ca_file, fault));
  }
  std::string uri = SpiffeUri(certificate.get());
  if (uri.empty()) {
    return Unusable(fmt::format("the certificate \"{}\" needs one SPIFFE URI as its only URI name",
                                files.certificate_file));
  }
  return uri;
}

struct CertificateChecker::Store {
  StorePtr store;
  timespec modified{};
};

CertificateChecker::CertificateChecker(std::string ca_file) : ca_file_(std::move(ca_file)) {}
CertificateChecker::~CertificateChecker() = default;

std::shared_ptr<CertificateChecker::Store> CertificateChecker::CurrentStore() {
  struct stat info {};
  const bool there = stat(ca_file_.c_str(), &info) == 0;
  std::lock_guard lock(mutex_);
  if (there && (store_ == nullptr || store_->modified.tv_sec != info.st_mtim.tv_sec ||
                store_->modified.tv_nsec != info.st_mtim.tv_nsec)) {
    absl::StatusOr<std::string> pem = ReadFile(ca_file_);
    StorePtr parsed = pem.ok() ? ParseCa(*pem) : nullptr;
    if (parsed != nullptr) {
      store_ = std::make_shared<Store>(Store{std::move(parsed), info.st_mtim});
    }
  }
  return store_;
}

absl::StatusOr<CheckedCertificate> CertificateChecker::Check(std::string_view escaped_pem,
                                                             absl::Time now) {
  if (escaped_pem.size() > kLargestPem) return Invalid("the passed-on certificate is too large");
  const X509Ptr certificate = ParseCertificate(Unescape(escaped_pem));
  if (certificate == nullptr) return Invalid("the passed-on client certificate cannot be read");
  const std::shared_ptr<Store> store = CurrentStore();
  if (store == nullptr) return Invalid("the region's CA cannot be read");
  const std::string fault =
      ChainFault(store->store.get(), certificate.get(), now, X509_PURPOSE_SSL_CLIENT);
  if (!fault.empty()) return Invalid("the client certificate is not good: " + fault);
  CheckedCertificate checked{SpiffeUri(certificate.get()), NotAfter(certificate.get())};
  if (checked.spiffe_uri.empty()) {
    return Invalid("the client certificate has no SPIFFE URI as its only URI name");
  }
  return checked;
}

}  // namespace yilian::rpc
