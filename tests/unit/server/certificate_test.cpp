#include "server/security/certificate.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace wutong::server;

namespace {

struct Folder {
    Folder() {
        char place[] = "/tmp/wutong-tls-XXXXXX";
        REQUIRE(::mkdtemp(place) != nullptr);
        path = place;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

std::string content(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("certificate: made once, then kept", "[certificate]") {
    const Folder folder;
    const auto certificate = folder.path / "tls" / "server.crt";
    const auto key = folder.path / "tls" / "server.key";
    const auto first = load_or_make_certificate(certificate, key);
    CHECK(first.made);
    CHECK(first.fingerprint.size() == 64);
    CHECK(content(certificate.string() + ".sha256") == first.fingerprint + "\n");
    CHECK(fingerprint_of(first.certificate_pem) == first.fingerprint);
    struct ::stat status {};
    REQUIRE(::stat(key.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);

    const auto second = load_or_make_certificate(certificate, key);
    CHECK_FALSE(second.made);
    CHECK(second.fingerprint == first.fingerprint);
    CHECK(second.key_pem == first.key_pem);
}

TEST_CASE("certificate: the fingerprint is the one that openssl tells", "[certificate]") {
    const Folder folder;
    const auto made = load_or_make_certificate(folder.path / "c.crt", folder.path / "c.key");
    const auto command = "openssl x509 -in " + (folder.path / "c.crt").string() +
                         " -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f > " +
                         (folder.path / "theirs").string();
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(content(folder.path / "theirs") == made.fingerprint + "\n");
}

TEST_CASE("certificate: half a pair, or two halves of different pairs, are refused", "[certificate]") {
    const Folder folder;
    const auto certificate = folder.path / "a.crt";
    const auto key = folder.path / "a.key";
    static_cast<void>(load_or_make_certificate(certificate, key));
    static_cast<void>(load_or_make_certificate(folder.path / "b.crt", folder.path / "b.key"));
    CHECK_THROWS_WITH(load_or_make_certificate(certificate, folder.path / "b.key"),
                      Catch::Contains("is not the key of"));
    std::filesystem::remove(key);
    CHECK_THROWS_WITH(load_or_make_certificate(certificate, key), Catch::Contains("is there but"));
    std::ofstream{key} << "no key";
    CHECK_THROWS_AS(load_or_make_certificate(certificate, key), CertificateError);
}
