#include "collector/protocols/dlms_security.hpp"

#include <cryptopp/aes.h>
#include <cryptopp/gcm.h>

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/byte_cursor.hpp"
#include "collector/protocols/dlms_data.hpp"

namespace wutong::protocols::dlms {
namespace {

using Tag = std::array<std::uint8_t, kTagBytes>;
using Nonce = std::array<std::uint8_t, 12>;

constexpr std::uint8_t kGeneralGlobal = 0xDB;
constexpr std::uint8_t kSuiteMask = 0x0F;
/// SC and IC.
constexpr std::size_t kHeader = 5;

Nonce nonce_of(const SystemTitle& sender, std::uint32_t counter) {
    Nonce nonce{};
    std::copy(sender.begin(), sender.end(), nonce.begin());
    for (std::size_t i = 0; i < 4; ++i) {
        nonce[sender.size() + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i) & 0xFFU);
    }
    return nonce;
}

/// What is authenticated besides the ciphertext.
Bytes associated(std::uint8_t security_control, const SecurityKeys& keys, ByteView plain) {
    Bytes aad;
    if ((security_control & SecurityControl::authenticated) != 0) {
        aad.push_back(security_control);
        aad.insert(aad.end(), keys.authentication.begin(), keys.authentication.end());
        if ((security_control & SecurityControl::encrypted) == 0) {
            aad.insert(aad.end(), plain.begin(), plain.end());
        }
    }
    return aad;
}

struct Sealed {
    Bytes text;
    Tag tag{};
};

Sealed seal(const Key& key, const Nonce& nonce, ByteView aad, ByteView plain) {
    CryptoPP::GCM<CryptoPP::AES>::Encryption cipher;
    cipher.SetKeyWithIV(key.data(), key.size(), nonce.data(), nonce.size());
    Sealed sealed;
    sealed.text.resize(plain.size());
    cipher.EncryptAndAuthenticate(sealed.text.data(), sealed.tag.data(), sealed.tag.size(), nonce.data(),
                                  static_cast<int>(nonce.size()), aad.data(), aad.size(), plain.data(),
                                  plain.size());
    return sealed;
}

/// Counter mode alone, for what is encrypted without a tag.
Bytes decrypted(const Key& key, const Nonce& nonce, ByteView text) {
    // GCM encrypts with a key stream: doing it again takes it off.
    return seal(key, nonce, {}, text).text;
}

bool verify(const Key& key, const Nonce& nonce, ByteView aad, ByteView text, ByteView tag, Bytes& plain) {
    CryptoPP::GCM<CryptoPP::AES>::Decryption cipher;
    cipher.SetKeyWithIV(key.data(), key.size(), nonce.data(), nonce.size());
    plain.resize(text.size());
    return cipher.DecryptAndVerify(plain.data(), tag.data(), tag.size(), nonce.data(),
                                   static_cast<int>(nonce.size()), aad.data(), aad.size(), text.data(),
                                   text.size());
}

bool known_control(std::uint8_t security_control) {
    return security_control == SecurityControl::authenticated ||
           security_control == SecurityControl::encrypted || security_control == SecurityControl::both;
}

}  // namespace

std::uint8_t global_tag(std::uint8_t plain_tag) {
    switch (plain_tag) {
        case 0x01:  // initiate request
            return 0x21;
        case 0x08:  // initiate response
            return 0x28;
        case 0xC0:  // get, set, action: requests, then responses
            return 0xC8;
        case 0xC1:
            return 0xC9;
        case 0xC3:
            return 0xCB;
        case 0xC4:
            return 0xCC;
        case 0xC5:
            return 0xCD;
        case 0xC7:
            return 0xCF;
        default:
            return 0;
    }
}

Bytes protect(std::uint8_t tag, std::uint8_t security_control, const SystemTitle& sender,
              std::uint32_t counter, const SecurityKeys& keys, ByteView plain) {
    if (!known_control(security_control)) {
        throw std::invalid_argument("DLMS security control " + to_hex(Bytes{security_control}) +
                                    " is not 10, 20 or 30");
    }
    Bytes body{security_control};
    append_u32(body, counter);
    const auto aad = associated(security_control, keys, plain);
    const bool encrypt = (security_control & SecurityControl::encrypted) != 0;
    const auto sealed = seal(keys.encryption, nonce_of(sender, counter), aad, encrypt ? plain : ByteView{});
    const auto text = encrypt ? ByteView{sealed.text} : plain;
    body.insert(body.end(), text.begin(), text.end());
    if ((security_control & SecurityControl::authenticated) != 0) {
        body.insert(body.end(), sealed.tag.begin(), sealed.tag.end());
    }
    Bytes apdu{tag};
    append_length(apdu, body.size());
    apdu.insert(apdu.end(), body.begin(), body.end());
    return apdu;
}

std::variant<Unprotected, DecodeFault> unprotect(ByteView apdu, const SystemTitle& sender,
                                                 const SecurityKeys& keys) {
    ByteCursor from{apdu};
    Unprotected opened;
    opened.tag = from.u8();
    if (opened.tag == kGeneralGlobal) {
        const auto title = from.take(read_length(from));
        if (!std::equal(title.begin(), title.end(), sender.begin(), sender.end())) {
            return DecodeFault{"ciphered by system title " + to_hex(title) + ", expected " +
                               to_hex(ByteView{sender})};
        }
    }
    auto body = from.take(read_length(from));
    if (!from.done() || body.size() < kHeader) {
        return DecodeFault{"no ciphered DLMS APDU: its lengths don't fit"};
    }
    opened.security_control = body[0];
    if (!known_control(opened.security_control)) {
        return DecodeFault{"DLMS security control " + to_hex(Bytes{body[0]}) +
                           ((body[0] & kSuiteMask) != 0 ? ": only suite 0 is spoken" : " is not known")};
    }
    opened.counter = read_u32(body, 1);
    body = body.subspan(kHeader);
    const auto nonce = nonce_of(sender, opened.counter);
    if (opened.security_control == SecurityControl::encrypted) {
        opened.plain = decrypted(keys.encryption, nonce, body);
        return opened;
    }
    if (body.size() < kTagBytes) {
        return DecodeFault{"a ciphered DLMS APDU without its tag"};
    }
    const auto tag = body.last(kTagBytes);
    const auto text = body.first(body.size() - kTagBytes);
    bool right = false;
    if (opened.security_control == SecurityControl::both) {
        right = verify(keys.encryption, nonce, associated(opened.security_control, keys, {}), text, tag,
                       opened.plain);
    } else {
        Bytes nothing;
        right =
            verify(keys.encryption, nonce, associated(opened.security_control, keys, text), {}, tag, nothing);
        opened.plain.assign(text.begin(), text.end());
    }
    if (!right) {
        return DecodeFault{
            "the tag of a ciphered DLMS APDU is wrong: other keys, another system title, or changed "
            "on the way"};
    }
    return opened;
}

Bytes answer_challenge(ByteView challenge, const SystemTitle& sender, std::uint32_t counter,
                       const SecurityKeys& keys) {
    const auto sealed = seal(keys.encryption, nonce_of(sender, counter),
                             associated(SecurityControl::authenticated, keys, challenge), {});
    Bytes answer{SecurityControl::authenticated};
    append_u32(answer, counter);
    answer.insert(answer.end(), sealed.tag.begin(), sealed.tag.end());
    return answer;
}

std::optional<std::uint32_t> check_answer(ByteView answer, ByteView challenge, const SystemTitle& sender,
                                          const SecurityKeys& keys) {
    if (answer.size() != kHeader + kTagBytes || answer[0] != SecurityControl::authenticated) {
        return std::nullopt;
    }
    const auto counter = read_u32(answer, 1);
    Bytes nothing;
    const bool right = verify(keys.encryption, nonce_of(sender, counter),
                              associated(SecurityControl::authenticated, keys, challenge), {},
                              answer.last(kTagBytes), nothing);
    return right ? std::optional{counter} : std::nullopt;
}

bool ReplayGuard::accept(std::uint32_t counter) {
    if (last_ && counter <= *last_) {
        return false;
    }
    last_ = counter;
    return true;
}

}  // namespace wutong::protocols::dlms
