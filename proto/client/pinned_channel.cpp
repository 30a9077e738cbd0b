#include "proto/client/pinned_channel.hpp"

#include <grpcpp/grpcpp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cctype>

namespace wutong::api {

namespace {

template <class T, void (*release)(T*)>
struct Releaser {
    void operator()(T* pointer) const { release(pointer); }
};
using SslContext = std::unique_ptr<SSL_CTX, Releaser<SSL_CTX, SSL_CTX_free>>;
using Bio = std::unique_ptr<BIO, Releaser<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Releaser<X509, X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Releaser<GENERAL_NAMES, GENERAL_NAMES_free>>;

std::string hex(const unsigned char* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string fingerprint_of(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) {
        throw ServerUnreachable("the server's certificate can't be digested");
    }
    return hex(digest.data(), length);
}

std::string pem_of(X509* certificate) {
    const Bio memory{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(memory.get(), certificate);
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

// The pinned certificate is trusted whatever the address is called, so any name that it carries will do.
std::string host_name_of(X509* certificate) {
    const Names names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    if (names) {
        for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
            const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
            if (name->type == GEN_DNS) {
                return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                        static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))};
            }
        }
    }
    return "localhost";
}

// OpenSSL's BIO connects without a limit of its own; a non-blocking one is driven until the deadline.
void drive(BIO* bio, std::chrono::steady_clock::time_point deadline, const std::string& address) {
    for (;;) {
        if (BIO_do_handshake(bio) == 1) {
            return;
        }
        if (!BIO_should_retry(bio)) {
            const unsigned long code = ERR_get_error();
            std::array<char, 256> text{};
            ERR_error_string_n(code, text.data(), text.size());
            throw ServerUnreachable(
                address + (code != 0 ? std::string(": ") + text.data() : ": no TLS server answers there"));
        }
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero() || BIO_wait(bio, std::time(nullptr) + 1, 10) < 0) {
            throw ServerUnreachable(address + ": no answer in time");
        }
    }
}

}  // namespace

CertificateChanged::CertificateChanged(std::string expected, std::string presented)
    : std::runtime_error("the server's certificate is not the pinned one: pinned " + expected +
                         ", presented " + presented),
      presented_{std::move(presented)} {}

ServerCertificate fetch_certificate(const std::string& address, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    ERR_clear_error();
    const SslContext context{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Whether to trust it is decided afterwards, by its fingerprint.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    static constexpr std::array<unsigned char, 3> alpn_h2{2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context.get(), alpn_h2.data(), alpn_h2.size());

    const Bio bio{BIO_new_ssl_connect(context.get())};
    BIO_set_conn_hostname(bio.get(), address.c_str());
    BIO_set_nbio(bio.get(), 1);
    drive(bio.get(), deadline, address);

    SSL* ssl = nullptr;
    BIO_get_ssl(bio.get(), &ssl);
    const Certificate certificate{SSL_get1_peer_certificate(ssl)};
    if (!certificate) {
        throw ServerUnreachable(address + ": the server presents no certificate");
    }
    return {.pem = pem_of(certificate.get()),
            .fingerprint = fingerprint_of(certificate.get()),
            .host_name = host_name_of(certificate.get())};
}

std::string normalize_fingerprint(const std::string& text) {
    std::string normal;
    for (const char c : text) {
        if (c == ':' || std::isspace(static_cast<unsigned char>(c)) != 0) {
            continue;
        }
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
            throw std::invalid_argument("fingerprint '" + text +
                                        "': only hex digits and colons belong in it");
        }
        normal += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (normal.size() != 64) {
        throw std::invalid_argument("fingerprint '" + text + "': 64 hex digits expected (SHA-256), found " +
                                    std::to_string(normal.size()));
    }
    return normal;
}

std::shared_ptr<grpc::Channel> connect_pinned(const std::string& address, const std::string& fingerprint,
                                              std::chrono::milliseconds timeout) {
    const ServerCertificate certificate = fetch_certificate(address, timeout);
    const std::string pinned = normalize_fingerprint(fingerprint);
    if (certificate.fingerprint != pinned) {
        throw CertificateChanged(pinned, certificate.fingerprint);
    }
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = certificate.pem;
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(certificate.host_name);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
    arguments.SetMaxReceiveMessageSize(16 * 1024 * 1024);
    return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

}  // namespace wutong::api
