#include "services/gateway/mllp/connection.h"

#include <openssl/x509v3.h>

#include <type_traits>
#include <utility>

namespace yilian::gateway::mllp {
namespace {

using Error = boost::system::error_code;

std::chrono::nanoseconds ToChrono(absl::Duration duration) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(duration));
}

}  // namespace

std::string SpiffeUriOf(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  if (!certificate) return "";
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string uri;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (!uri.empty()) return "";
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               ASN1_STRING_length(text));
  }
  return uri;
}

template <typename Stream>
void Connection<Stream>::Start(ConnectionIdentity identity) {
  identity_ = std::move(identity);
  if constexpr (std::is_same_v<Stream, TlsStream>) {
    Handshake();
  } else {
    Admit();
  }
}

template <typename Stream>
void Connection<Stream>::Handshake() {
  if constexpr (std::is_same_v<Stream, TlsStream>) {
    Arm(shared_->options.handshake_timeout);
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [this, self = this->shared_from_this()](const Error& error) {
                              if (error) {
                                ++shared_->refused;
                                Close();
                                return;
                              }
                              identity_.spiffe_uri = SpiffeUriOf(stream_.native_handle());
                              Admit();
                            });
  }
}

template <typename Stream>
void Connection<Stream>::Admit() {
  std::optional<inbound::Peer> peer = shared_->admit(identity_);
  if (!peer || shared_->draining) {
    if (!peer) ++shared_->refused;
    Close();
    return;
  }
  peer_ = *std::move(peer);
  Arm(shared_->options.idle_timeout);
  Read();
}

template <typename Stream>
void Connection<Stream>::Read() {
  if (closed_) return;
  stream_.async_read_some(asio::buffer(buffer_), [this, self = this->shared_from_this()](
                                                     const Error& error, size_t count) {
    if (error || closed_) {
      Close();
      return;
    }
    pending_ = std::string_view(buffer_.data(), count);
    Pump();
  });
}

// Gives the framer what was read; stops while a message is with the handler.
template <typename Stream>
void Connection<Stream>::Pump() {
  if (closed_ || busy_) return;
  while (!pending_.empty()) {
    pending_.remove_prefix(framer_.Feed(pending_));
    if (framer_.is_broken() || !CountBuffered()) {
      Broken();
      return;
    }
    if (std::optional<Frame> frame = framer_.Take()) {
      Dispatch(*std::move(frame));
      return;
    }
  }
  if (framer_.is_inside() != timed_) {
    timed_ = framer_.is_inside();
    Arm(timed_ ? shared_->options.message_timeout : shared_->options.idle_timeout);
  }
  Read();
}

template <typename Stream>
bool Connection<Stream>::CountBuffered() {
  const auto now = static_cast<int64_t>(framer_.buffered());
  shared_->buffered += now - counted_;
  counted_ = now;
  return shared_->buffered <= shared_->options.buffered_bytes;
}

template <typename Stream>
void Connection<Stream>::Dispatch(Frame frame) {
  busy_ = true;
  timed_ = false;
  Disarm();
  auto message = std::make_shared<Frame>(std::move(frame));
  asio::post(*shared_->workers, [this, self = this->shared_from_this(), message] {
    shared_->handle(peer_, *message, [this, self](std::string answer) {
      asio::post(shared_->io,
                 [this, self, framed = Wrap(answer)]() mutable { Queue(std::move(framed)); });
    });
    asio::post(shared_->io, [this, self] { Handled(); });
  });
}

template <typename Stream>
void Connection<Stream>::Queue(std::string answer) {
  if (closed_) return;
  answers_.push_back(std::move(answer));
  if (answers_.size() == 1) Write();
}

template <typename Stream>
void Connection<Stream>::Write() {
  Arm(shared_->options.write_timeout);
  asio::async_write(stream_, asio::buffer(answers_.front()),
                    [this, self = this->shared_from_this()](const Error& error, size_t) {
                      if (error || closed_) {
                        Close();
                        return;
                      }
                      answers_.pop_front();
                      if (!answers_.empty()) {
                        Write();
                      } else if (!busy_) {
                        Handled();
                      } else {
                        Disarm();
                      }
                    });
}

// The message is done with. The next one is taken when its answers are on their way.
template <typename Stream>
void Connection<Stream>::Handled() {
  busy_ = false;
  if (closed_ || !answers_.empty()) return;
  CountBuffered();
  if (shared_->draining) {
    Close();
    return;
  }
  Arm(shared_->options.idle_timeout);
  Pump();
}

template <typename Stream>
void Connection<Stream>::Arm(absl::Duration timeout) {
  Disarm();
  timer_.expires_after(ToChrono(timeout));
  timer_.async_wait([this, self = this->shared_from_this(), armed = armed_](const Error& error) {
    // One that was about to run when it was armed anew or disarmed comes too late to count.
    if (!error && !closed_ && armed == armed_) Broken();
  });
}

template <typename Stream>
void Connection<Stream>::Disarm() {
  ++armed_;
  timer_.cancel();
}

template <typename Stream>
void Connection<Stream>::Drain(bool now) {
  if (now || (!busy_ && answers_.empty())) Close();
}

template <typename Stream>
void Connection<Stream>::Broken() {
  ++shared_->broken;
  Close();
}

template <typename Stream>
void Connection<Stream>::Close() {
  if (closed_) return;
  closed_ = true;
  Disarm();
  Error ignored;
  stream_.lowest_layer().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.lowest_layer().close(ignored);
}

template class Connection<Tcp::socket>;
template class Connection<TlsStream>;

}  // namespace yilian::gateway::mllp
