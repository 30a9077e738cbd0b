#include "collector/protocols/triple_des_link.hpp"

#include <cryptopp/des.h>
#include <cryptopp/filters.h>
#include <cryptopp/hkdf.h>
#include <cryptopp/hmac.h>
#include <cryptopp/modes.h>
#include <cryptopp/sha.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace wutong::protocols::triple_des {

namespace {

constexpr std::array<std::uint8_t, 5> kMagic{0x57, 0x47, 0x4C, 0x33, 0x01};
constexpr std::size_t kBlock = 8;
constexpr std::size_t kCipherKey = 24;
constexpr std::size_t kMac = 32;
constexpr std::size_t kHeader = 3;  // length of what follows the type, and the type
constexpr std::size_t kBodyMin = kBlock + kBlock + kMac;
constexpr std::size_t kBodyMax = kBlock + kPlainMax + kBlock + kMac;

using Hkdf = CryptoPP::HKDF<CryptoPP::SHA256>;

void derive(std::span<std::uint8_t> into, ByteView secret, ByteView salt, std::string_view label) {
    Hkdf{}.DeriveKey(into.data(), into.size(), secret.data(), secret.size(), salt.data(), salt.size(),
                     reinterpret_cast<const CryptoPP::byte*>(label.data()), label.size());
}

/// The keys of one direction at one time, and the number of the next record.
class Keys {
public:
    explicit Keys(const DirectionSecret& secret) : secret_{secret} { make(); }

    void next() {
        DirectionSecret after{};
        derive(after, secret_, {}, "wutong gateway link 1 next");
        secret_ = after;
        record_ = 0;
        ++generation_;
        make();
    }

    [[nodiscard]] ByteView cipher() const { return cipher_; }
    [[nodiscard]] std::uint32_t generation() const { return generation_; }

    /// Over generation, number, header, first block and cipher text. Each record has a number of its own.
    [[nodiscard]] std::array<std::uint8_t, kMac> mac(ByteView header_to_cipher) {
        Bytes numbers;
        append_u32(numbers, generation_);
        append_u32(numbers, static_cast<std::uint32_t>(record_ >> 32U));
        append_u32(numbers, static_cast<std::uint32_t>(record_));
        ++record_;
        CryptoPP::HMAC<CryptoPP::SHA256> hmac{mac_.data(), mac_.size()};
        hmac.Update(numbers.data(), numbers.size());
        hmac.Update(header_to_cipher.data(), header_to_cipher.size());
        std::array<std::uint8_t, kMac> code{};
        hmac.Final(code.data());
        return code;
    }

private:
    void make() {
        derive(cipher_, secret_, {}, "wutong gateway link 1 3des");
        derive(mac_, secret_, {}, "wutong gateway link 1 hmac");
    }

    DirectionSecret secret_;
    std::array<std::uint8_t, kCipherKey> cipher_{};
    std::array<std::uint8_t, 32> mac_{};
    std::uint64_t record_ = 0;
    std::uint32_t generation_ = 0;
};

}  // namespace

Bytes encode(const ClientHello& hello) {
    Bytes bytes{kMagic.begin(), kMagic.end()};
    bytes.push_back(static_cast<std::uint8_t>(hello.key_name.size()));
    bytes.insert(bytes.end(), hello.key_name.begin(), hello.key_name.end());
    bytes.insert(bytes.end(), hello.nonce.begin(), hello.nonce.end());
    return bytes;
}

FoundClientHello find_client_hello(ByteView received) {
    FoundClientHello found;
    const auto head = std::min(received.size(), kMagic.size());
    found.broken =
        !std::equal(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(head), kMagic.begin());
    if (found.broken || received.size() <= kMagic.size()) {
        return found;
    }
    const std::size_t name = received[kMagic.size()];
    const auto begin = kMagic.size() + 1;
    if (name == 0 || name > kKeyNameMax) {
        found.broken = true;
        return found;
    }
    if (received.size() < begin + name + kNonceBytes) {
        return found;
    }
    ClientHello hello;
    for (const auto c : received.subspan(begin, name)) {
        const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          c == '-' || c == '_';
        found.broken = found.broken || !word;
        hello.key_name.push_back(static_cast<char>(c));
    }
    if (found.broken) {
        return found;
    }
    const auto nonce = received.subspan(begin + name, kNonceBytes);
    std::copy(nonce.begin(), nonce.end(), hello.nonce.begin());
    found.hello = std::move(hello);
    found.used = begin + name + kNonceBytes;
    return found;
}

Bytes encode_server_hello(const Nonce& nonce) {
    Bytes bytes{kMagic.begin(), kMagic.end()};
    bytes.insert(bytes.end(), nonce.begin(), nonce.end());
    return bytes;
}

std::optional<Nonce> read_server_hello(ByteView received) {
    if (received.size() != kServerHelloBytes || !std::equal(kMagic.begin(), kMagic.end(), received.begin())) {
        return std::nullopt;
    }
    Nonce nonce{};
    std::copy_n(received.begin() + kMagic.size(), kNonceBytes, nonce.begin());
    return nonce;
}

DirectionSecret direction_secret(ByteView secret, const Nonce& collector, const Nonce& gateway,
                                 Direction direction) {
    if (secret.size() < kSecretBytesMin) {
        throw std::invalid_argument("the secret has " + std::to_string(secret.size()) + " bytes; it needs " +
                                    std::to_string(kSecretBytesMin));
    }
    Bytes salt{collector.begin(), collector.end()};
    salt.insert(salt.end(), gateway.begin(), gateway.end());
    DirectionSecret derived{};
    derive(derived, secret, salt,
           direction == Direction::to_gateway ? "wutong gateway link 1 to gateway"
                                              : "wutong gateway link 1 to collector");
    return derived;
}

struct Sealer::Parts {
    Keys keys;
    Random random;
    RekeyRules rules;
    Time keys_since;
    std::uint64_t sealed = 0;

    void record(Bytes& to, RecordType type, ByteView plain) {
        std::array<std::uint8_t, kBlock> first{};
        random(first);
        const auto key = keys.cipher();
        CryptoPP::CBC_Mode<CryptoPP::DES_EDE3>::Encryption cipher{key.data(), key.size(), first.data()};
        Bytes secret_text;
        const CryptoPP::VectorSource run{
            Bytes{plain.begin(), plain.end()}, true,
            new CryptoPP::StreamTransformationFilter{cipher, new CryptoPP::VectorSink{secret_text},
                                                     CryptoPP::BlockPaddingSchemeDef::PKCS_PADDING}};
        Bytes whole;
        append_u16(whole, static_cast<std::uint16_t>(kBlock + secret_text.size() + kMac));
        whole.push_back(static_cast<std::uint8_t>(type));
        whole.insert(whole.end(), first.begin(), first.end());
        whole.insert(whole.end(), secret_text.begin(), secret_text.end());
        const auto code = keys.mac(whole);
        whole.insert(whole.end(), code.begin(), code.end());
        sealed += secret_text.size();
        to.insert(to.end(), whole.begin(), whole.end());
    }
};

Sealer::Sealer(const DirectionSecret& secret, Random random, RekeyRules rules, Time now)
    : parts_{std::make_unique<Parts>(Parts{Keys{secret}, std::move(random), rules, now, 0})} {}
Sealer::~Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;

Bytes Sealer::seal(ByteView plain, Time now) {
    Bytes records;
    while (!plain.empty()) {
        if (parts_->sealed >= parts_->rules.bytes || now - parts_->keys_since >= parts_->rules.time) {
            parts_->record(records, RecordType::new_keys, {});
            parts_->keys.next();
            parts_->sealed = 0;
            parts_->keys_since = now;
        }
        const auto part = plain.first(std::min(plain.size(), kPlainMax));
        parts_->record(records, RecordType::data, part);
        plain = plain.subspan(part.size());
    }
    return records;
}

std::uint32_t Sealer::generation() const {
    return parts_->keys.generation();
}

struct Opener::Parts {
    Keys keys;
    Bytes received;
    bool broken = false;

    /// @return false when no whole record is there, or it is broken
    bool take(Bytes& plain) {
        if (received.size() < kHeader) {
            return false;
        }
        const std::size_t body = read_u16(received, 0);
        const auto type = static_cast<RecordType>(received[2]);
        const bool known = type == RecordType::data || type == RecordType::new_keys;
        if (!known || body < kBodyMin || body > kBodyMax || (body - kMac) % kBlock != 0) {
            broken = true;
            return false;
        }
        if (received.size() < kHeader + body) {
            return false;
        }
        const ByteView whole{received.data(), kHeader + body};
        const auto expected = keys.mac(whole.first(whole.size() - kMac));
        // Checked before anything is decrypted, and in the same time whatever the difference is.
        if (!CryptoPP::VerifyBufsEqual(expected.data(), whole.last(kMac).data(), kMac)) {
            broken = true;
            return false;
        }
        const auto first = whole.subspan(kHeader, kBlock);
        const auto text = whole.subspan(kHeader + kBlock, body - kBlock - kMac);
        const auto key = keys.cipher();
        CryptoPP::CBC_Mode<CryptoPP::DES_EDE3>::Decryption cipher{key.data(), key.size(), first.data()};
        Bytes opened;
        try {
            const CryptoPP::VectorSource run{
                Bytes{text.begin(), text.end()}, true,
                new CryptoPP::StreamTransformationFilter{cipher, new CryptoPP::VectorSink{opened},
                                                         CryptoPP::BlockPaddingSchemeDef::PKCS_PADDING}};
        } catch (const CryptoPP::Exception&) {
            broken = true;
            return false;
        }
        received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(kHeader + body));
        if (type == RecordType::new_keys) {
            broken = !opened.empty();
            keys.next();
        } else {
            plain.insert(plain.end(), opened.begin(), opened.end());
        }
        return !broken;
    }
};

Opener::Opener(const DirectionSecret& secret)
    : parts_{std::make_unique<Parts>(Parts{Keys{secret}, {}, false})} {}
Opener::~Opener() = default;
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;

Opener::Opened Opener::open(ByteView bytes) {
    Opened opened;
    if (!parts_->broken) {
        parts_->received.insert(parts_->received.end(), bytes.begin(), bytes.end());
        while (parts_->take(opened.plain)) {
        }
    }
    opened.broken = parts_->broken;
    return opened;
}

std::uint32_t Opener::generation() const {
    return parts_->keys.generation();
}

}  // namespace wutong::protocols::triple_des
