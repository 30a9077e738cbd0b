#include "server/security/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "server/platform/files.hpp"

namespace wutong::server {

namespace {

template <auto release>
struct Releaser {
    template <class T>
    void operator()(T* pointer) const {
        release(pointer);
    }
};
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Releaser<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Releaser<X509_EXTENSION_free>>;

constexpr long kValidSeconds = 10L * 365 * 24 * 3600;

[[noreturn]] void fail(const std::string& what) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw CertificateError(what + ": " + text.data());
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        throw CertificateError(path.string() + ": can't be read; is it readable for this user?");
    }
    return {std::istreambuf_iterator<char>{in}, {}};
}

Certificate parse_certificate(const std::string& pem) {
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
    if (!certificate) {
        fail("not a certificate in PEM form");
    }
    return certificate;
}

Key parse_key(const std::string& pem, const std::filesystem::path& path) {
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    // No password call-back: a daemon can't type one.
    const auto none = [](char*, int, int, void*) { return 0; };
    Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, none, nullptr)};
    if (!key) {
        fail(path.string() + ": not a private key in PEM form without a password");
    }
    return key;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        fail("a certificate extension can't be added (" + value + ")");
    }
}

/// Host names with characters that don't belong into one would be read by OpenSSL as more extensions.
bool is_dns_name(const std::string& name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
               std::string::npos;
}

Certificate make_certificate(EVP_PKEY* key) {
    Certificate certificate{X509_new()};
    std::array<unsigned char, 16> serial{};
    if (!certificate || RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) {
        fail("a certificate can't be made");
    }
    serial[0] = static_cast<unsigned char>((serial[0] & 0x7FU) | 0x40U);
    const std::unique_ptr<BIGNUM, Releaser<BN_free>> number{
        BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr)};
    X509_set_version(certificate.get(), 2);
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    // An hour back: clients whose clock is a little slow shall not refuse it.
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
    X509_set_pubkey(certificate.get(), key);
    auto* name = X509_get_subject_name(certificate.get());
    const std::string common = "wutong-server";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common.data()),
                               static_cast<int>(common.size()), -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    if (const auto host = platform::host_name(); is_dns_name(host) && host != "localhost") {
        names += ",DNS:" + host;
    }
    add_extension(certificate.get(), NID_subject_alt_name, names);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature,keyCertSign");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) {
        fail("the certificate can't be signed");
    }
    return certificate;
}

template <class Write>
std::string to_pem(Write&& write) {
    const Bio bio{BIO_new(BIO_s_mem())};
    if (write(bio.get()) != 1) {
        fail("PEM can't be written");
    }
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

std::string digest(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned int length = 0;
    if (X509_digest(certificate, EVP_sha256(), raw.data(), &length) != 1) {
        fail("the certificate can't be digested");
    }
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
        text += kDigits[raw[i] >> 4U];
        text += kDigits[raw[i] & 0x0FU];
    }
    return text;
}

}  // namespace

std::string fingerprint_of(const std::string& certificate_pem) {
    return digest(parse_certificate(certificate_pem).get());
}

TlsMaterial load_or_make_certificate(const std::filesystem::path& certificate_path,
                                     const std::filesystem::path& key_path) {
    std::error_code ignored;
    const bool has_certificate = std::filesystem::exists(certificate_path, ignored);
    const bool has_key = std::filesystem::exists(key_path, ignored);
    if (has_certificate != has_key) {
        throw CertificateError((has_certificate ? certificate_path : key_path).string() + " is there but " +
                               (has_certificate ? key_path : certificate_path).string() +
                               " is not: bring both, or remove both and the server makes new ones (clients "
                               "must then pin the new fingerprint)");
    }
    TlsMaterial material;
    if (has_certificate) {
        material.certificate_pem = read_file(certificate_path);
        material.key_pem = read_file(key_path);
        Certificate certificate;
        try {
            certificate = parse_certificate(material.certificate_pem);
        } catch (const CertificateError& error) {
            throw CertificateError(certificate_path.string() + ": " + error.what());
        }
        if (X509_check_private_key(certificate.get(), parse_key(material.key_pem, key_path).get()) != 1) {
            throw CertificateError(key_path.string() + " is not the key of " + certificate_path.string());
        }
        material.fingerprint = digest(certificate.get());
    } else {
        const Key key{EVP_EC_gen("P-256")};
        if (!key) {
            fail("a key can't be made");
        }
        const auto certificate = make_certificate(key.get());
        material.made = true;
        material.certificate_pem =
            to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
        material.key_pem = to_pem([&](BIO* bio) {
            return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
        material.fingerprint = digest(certificate.get());
        platform::write_private_file(key_path, material.key_pem);
        platform::write_public_file(certificate_path, material.certificate_pem);
    }
    auto fingerprint_path = certificate_path;
    fingerprint_path += ".sha256";
    platform::write_public_file(fingerprint_path, material.fingerprint + "\n");
    return material;
}

}  // namespace wutong::server
