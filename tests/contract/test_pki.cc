#include "tests/contract/test_pki.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace yilian::contract {
namespace {

EVP_PKEY* NewKey() { return EVP_EC_gen("P-256"); }

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) std::abort();
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* NewCertificate(EVP_PKEY* key, const std::string& name, absl::Duration lifetime) {
  static int serial = 1;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), absl::ToInt64Seconds(lifetime));
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

template <typename Write>
void WriteFile(const std::string& path, Write write) {
  const std::string fresh = path + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "w");
  if (file == nullptr || write(file) != 1 || std::fclose(file) != 0) std::abort();
  chmod(fresh.c_str(), 0600);
  if (std::rename(fresh.c_str(), path.c_str()) != 0) std::abort();
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  WriteFile(path, [&](std::FILE* file) {
    return PEM_write_PKCS8PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

struct TestPki::Ca {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  ~Ca() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

TestPki::TestPki() : ca_(std::make_unique<Ca>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "yilian-pki-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  folder_ = pattern;
  ca_->key = NewKey();
  ca_->certificate = NewCertificate(ca_->key, "Test region CA", absl::Hours(24));
  X509_set_issuer_name(ca_->certificate, X509_get_subject_name(ca_->certificate));
  AddExtension(ca_->certificate, ca_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(ca_->certificate, ca_->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(ca_->certificate, ca_->certificate, NID_subject_key_identifier, "hash");
  X509_sign(ca_->certificate, ca_->key, EVP_sha256());
  WriteFile(folder_ + "/ca.pem",
            [&](std::FILE* file) { return PEM_write_X509(file, ca_->certificate); });
}

TestPki::~TestPki() { std::filesystem::remove_all(folder_); }

rpc::TlsFiles TestPki::Issue(const std::string& name, const std::string& spiffe_uri,
                             absl::Duration lifetime) {
  EVP_PKEY* key = NewKey();
  X509* certificate = NewCertificate(key, name, lifetime);
  X509_set_issuer_name(certificate, X509_get_subject_name(ca_->certificate));
  AddExtension(certificate, ca_->certificate, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate, ca_->certificate, NID_key_usage, "critical,digitalSignature");
  AddExtension(certificate, ca_->certificate, NID_ext_key_usage, "serverAuth,clientAuth");
  if (!spiffe_uri.empty()) {
    AddExtension(certificate, ca_->certificate, NID_subject_alt_name, "URI:" + spiffe_uri);
  }
  X509_sign(certificate, ca_->key, EVP_sha256());
  rpc::TlsFiles files{folder_ + "/ca.pem", folder_ + "/" + name + ".pem",
                      folder_ + "/" + name + ".key"};
  WriteKey(files.key_file, key);
  WriteFile(files.certificate_file,
            [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

std::string TestPki::Escaped(const rpc::TlsFiles& files) {
  std::ifstream file(files.certificate_file);
  std::stringstream pem;
  pem << file.rdbuf();
  std::string escaped;
  for (const char c : pem.str()) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      escaped += c;
    } else {
      char hex[4];
      std::snprintf(hex, sizeof(hex), "%%%02X", static_cast<unsigned char>(c));
      escaped += hex;
    }
  }
  return escaped;
}

void TestPki::IssueTokenKey(const std::string& private_file, const std::string& public_file) {
  EVP_PKEY* key = NewKey();
  WriteKey(private_file, key);
  WriteFile(public_file, [&](std::FILE* file) { return PEM_write_PUBKEY(file, key); });
  EVP_PKEY_free(key);
}

}  // namespace yilian::contract
