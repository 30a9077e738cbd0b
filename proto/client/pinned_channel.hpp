#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace grpc {
class Channel;
}

/// How every client of wutong-server reaches it: TLS to one pinned certificate.
///
/// The server makes a self-signed certificate at its first start, so there is no authority to ask.
/// A client asks its user once, keeps the SHA-256 fingerprint, and from then on talks to that
/// certificate only; a changed one is a hard stop (CertificateChanged).
namespace wutong::api {

struct ServerCertificate {
    std::string pem;
    std::string fingerprint;  ///< SHA-256 of the DER form, 64 lower-case hex digits
    std::string host_name;    ///< a name that the certificate is valid for
};

class ServerUnreachable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class CertificateChanged : public std::runtime_error {
public:
    CertificateChanged(std::string expected, std::string presented);
    [[nodiscard]] const std::string& presented() const { return presented_; }

private:
    std::string presented_;
};

/// Asks `address` ("host:port", "[v6]:port") for its certificate without trusting it.
/// @throws ServerUnreachable, also when what answers does not speak TLS
[[nodiscard]] ServerCertificate fetch_certificate(const std::string& address,
                                                  std::chrono::milliseconds timeout);

/// @param fingerprint what the user pinned; colons and upper case are accepted
/// @throws CertificateChanged, ServerUnreachable
[[nodiscard]] std::shared_ptr<grpc::Channel> connect_pinned(const std::string& address,
                                                            const std::string& fingerprint,
                                                            std::chrono::milliseconds timeout);

/// Lower case, without colons and blanks. @throws std::invalid_argument unless 64 hex digits remain
[[nodiscard]] std::string normalize_fingerprint(const std::string& text);

}  // namespace wutong::api
