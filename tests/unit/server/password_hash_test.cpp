#include "server/security/password_hash.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>

using namespace wutong::server;

namespace {

constexpr ScryptCost kCheap{4, 1, 1};

double seconds(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

TEST_CASE("password: right and wrong", "[password]") {
    const auto stored = hash_password("correct horse", kCheap);
    CHECK(verify_password("correct horse", stored));
    CHECK_FALSE(verify_password("correct horsf", stored));
    CHECK_FALSE(verify_password("", stored));
    CHECK(hash_password("correct horse", kCheap) != stored);
}

TEST_CASE("password: the same scrypt as another program's", "[password]") {
    // Python: hashlib.scrypt(b"pleaseletmein", salt=b"0123456789abcdef", n=1024, r=8, p=1, dklen=32)
    const std::string theirs =
        "scrypt$10$8$1$30313233343536373839616263646566$"
        "a37cc18a53dcf3aaf468dba68afc43a8625bb350959156322df1b35522054b45";
    CHECK(verify_password("pleaseletmein", theirs));
    CHECK_FALSE(verify_password("pleaseletmeout", theirs));
}

TEST_CASE("password: what is stored must be of our making", "[password]") {
    const auto stored = hash_password("correct horse", kCheap);
    CHECK_THROWS_AS(verify_password("x", "plain"), std::invalid_argument);
    CHECK_THROWS_AS(verify_password("x", "scrypt$40$8$1$00$00"), std::invalid_argument);
    CHECK_THROWS_AS(verify_password("x", stored.substr(0, stored.size() - 2)), std::invalid_argument);
}

TEST_CASE("password: a lower cost than today's is hashed again", "[password]") {
    CHECK(needs_rehash(hash_password("x", kCheap)));
    CHECK_FALSE(needs_rehash(hash_password("x")));
}

TEST_CASE("password: nobody takes as long as somebody", "[password]") {
    const auto stored = hash_password("correct horse");
    verify_nobody("warm up");
    const auto somebody = seconds([&] { CHECK_FALSE(verify_password("wrong", stored)); });
    const auto nobody = seconds([&] { CHECK_FALSE(verify_nobody("wrong")); });
    CHECK(nobody > somebody / 4);
    CHECK(nobody < somebody * 4);
}

TEST_CASE("password: tokens are 256 random bits", "[password]") {
    const auto token = random_token();
    CHECK(token.size() == 64);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(random_token() != token);
}
