#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace wutong::server {

class CertificateError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct TlsMaterial {
    std::string certificate_pem;
    std::string key_pem;
    std::string fingerprint;  ///< SHA-256 of the certificate, 64 small hex digits
    bool made = false;        ///< by this call
};

/// Reads certificate and key. When neither file is there, makes an EC P-256 key (readable for this user only)
/// and a certificate signed by itself, for localhost, this machine's name and its loopback addresses, good
/// for ten years. The fingerprint is written to <certificate>.sha256 in any case.
/// @throws CertificateError when only one of them is there, they don't belong together, or can't be written
[[nodiscard]] TlsMaterial load_or_make_certificate(const std::filesystem::path& certificate,
                                                   const std::filesystem::path& key);

/// @throws CertificateError for text that is no PEM certificate
[[nodiscard]] std::string fingerprint_of(const std::string& certificate_pem);

}  // namespace wutong::server
