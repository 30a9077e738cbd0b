#include "server/security/password_hash.hpp"

#include <cryptopp/hex.h>
#include <cryptopp/misc.h>
#include <cryptopp/osrng.h>
#include <cryptopp/scrypt.h>
#include <cryptopp/secblock.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace wutong::server {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr int kLog2NMax = 20;

using Block = CryptoPP::SecByteBlock;

const CryptoPP::byte* bytes(std::string_view text) {
    return reinterpret_cast<const CryptoPP::byte*>(text.data());
}

Block scrypt(std::string_view password, const Block& salt, const ScryptCost& cost) {
    Block hash{kHashBytes};
    CryptoPP::Scrypt{}.DeriveKey(hash, hash.size(), bytes(password), password.size(), salt, salt.size(),
                                 CryptoPP::word64{1} << cost.log2_n, static_cast<CryptoPP::word64>(cost.r),
                                 static_cast<CryptoPP::word64>(cost.p));
    return hash;
}

std::string to_hex(const Block& block) {
    std::string text;
    CryptoPP::StringSource source{block, block.size(), true,
                                  new CryptoPP::HexEncoder{new CryptoPP::StringSink{text}, false}};
    return text;
}

Block from_hex(const std::string& text) {
    std::string raw;
    CryptoPP::StringSource source{text, true, new CryptoPP::HexDecoder{new CryptoPP::StringSink{raw}}};
    return Block{bytes(raw), raw.size()};
}

struct Stored {
    ScryptCost cost;
    Block salt;
    Block hash;
};

Stored parse(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', from)) {
        parts.push_back(text.substr(from, at - from));
        from = at + 1;
    }
    parts.push_back(text.substr(from));
    const auto number = [&parts](std::size_t index, int most) {
        int value = 0;
        const auto& part = parts[index];
        const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
        if (read.ec != std::errc{} || read.ptr != part.data() + part.size() || value < 1 || value > most) {
            throw std::invalid_argument("a stored password has a cost that this server does not accept");
        }
        return value;
    };
    if (parts.size() != 6 || parts[0] != "scrypt") {
        throw std::invalid_argument("a stored password is not of a form that this server knows");
    }
    Stored stored{
        {number(1, kLog2NMax), number(2, 32), number(3, 16)}, from_hex(parts[4]), from_hex(parts[5])};
    if (stored.salt.size() < kSaltBytes || stored.hash.size() != kHashBytes) {
        throw std::invalid_argument("a stored password is cut short");
    }
    return stored;
}

std::string format(const ScryptCost& cost, const Block& salt, const Block& hash) {
    return fmt::format("scrypt${}${}${}${}${}", cost.log2_n, cost.r, cost.p, to_hex(salt), to_hex(hash));
}

Block random_block(std::size_t size) {
    Block block{size};
    CryptoPP::OS_GenerateRandomBlock(false, block, block.size());
    return block;
}

}  // namespace

std::string hash_password(std::string_view password, ScryptCost cost) {
    const auto salt = random_block(kSaltBytes);
    return format(cost, salt, scrypt(password, salt, cost));
}

bool verify_password(std::string_view password, const std::string& stored) {
    const auto known = parse(stored);
    const auto given = scrypt(password, known.salt, known.cost);
    return CryptoPP::VerifyBufsEqual(given, known.hash, kHashBytes);
}

bool verify_nobody(std::string_view password) {
    static const Block salt = random_block(kSaltBytes);
    static const Block nobody = random_block(kHashBytes);
    const auto given = scrypt(password, salt, ScryptCost{});
    // A chance of 2^-256 is no password; the comparison is there for its time.
    return CryptoPP::VerifyBufsEqual(given, nobody, kHashBytes) && false;
}

bool needs_rehash(const std::string& stored) {
    const auto known = parse(stored);
    const ScryptCost today;
    return known.cost.log2_n < today.log2_n || known.cost.r < today.r || known.cost.p < today.p;
}

std::string random_token() {
    return to_hex(random_block(32));
}

}  // namespace wutong::server
