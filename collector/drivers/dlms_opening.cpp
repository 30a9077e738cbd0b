#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "collector/drivers/dlms_client.hpp"
#include "collector/drivers/dlms_frames.hpp"

/// How a connection and an association with a meter come about, and with which counter.
namespace wutong::collector {

namespace dlms = protocols::dlms;
using core::DlmsLink;
using protocols::Bytes;

namespace {

constexpr std::size_t kChallengeBytes = 16;
constexpr std::size_t kShortAnswer = 64;
constexpr std::size_t kAssociationBytes = 110;
/// Room for a day of frames is left.
constexpr std::int64_t kCounterLast = 0xFFFF'0000;
constexpr std::uint16_t kClassData = 1;

bool needs_counter(const DlmsLink& link) {
    return link.ciphered || link.proof == DlmsLink::Proof::gmac;
}

Bytes random_bytes(std::size_t count) {
    std::random_device random;
    Bytes bytes(count);
    std::generate(bytes.begin(), bytes.end(), [&random] { return static_cast<std::uint8_t>(random()); });
    return bytes;
}

dlms::Mechanism mechanism_of(DlmsLink::Proof proof) {
    switch (proof) {
        case DlmsLink::Proof::low:
            return dlms::Mechanism::low;
        case DlmsLink::Proof::gmac:
            return dlms::Mechanism::gmac;
        case DlmsLink::Proof::none:
            break;
    }
    return dlms::Mechanism::none;
}

DlmsAnswer failure(BusReply::Kind kind, std::string reason) {
    DlmsAnswer answer;
    answer.kind = kind;
    answer.reason = std::move(reason);
    return answer;
}

}  // namespace

std::uint32_t counter_floor(core::Timestamp now) {
    constexpr auto kEpoch = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
    constexpr std::int64_t kPerSecond = 4;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - core::Timestamp{kEpoch}).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, 0x3000'0000) * kPerSecond);
}

BusReply DlmsClient::connect(int client) {
    const auto& link = meter_.profile->dlms;
    drop();
    client_ = client;
    if (link.envelope == DlmsLink::Envelope::wrapper) {
        BusReply reply;
        reply.kind = BusReply::Kind::answered;
        return reply;
    }
    session_->hdlc.emplace(dlms::HdlcLink::Role::client,
                           dlms::HdlcAddress{static_cast<std::uint16_t>(client), {}}, hdlc_address(meter_),
                           kDlmsHdlcLimits, static_cast<dlms::HdlcAddressBytes>(link.address_bytes));
    auto reply = frame(session_->hdlc->connect(), kShortAnswer, Repeat::allowed, false);
    if (!reply.answered()) {
        drop();
        return reply;
    }
    const auto step = session_->hdlc->take(dlms::decode_hdlc(reply.frame));
    if (!std::holds_alternative<dlms::HdlcLink::Connected>(step)) {
        const auto* broken = std::get_if<dlms::HdlcLink::Broken>(&step);
        reply.kind = BusReply::Kind::refused;
        reply.reason = broken == nullptr ? "the meter does not answer SNRM with UA" : broken->reason;
        drop();
    }
    return reply;
}

/// So that the meter is free for another client. Whether it heard is of no interest.
void DlmsClient::disconnect() {
    if (session_->hdlc && session_->hdlc->connected()) {
        static_cast<void>(frame(session_->hdlc->disconnect(), kShortAnswer, Repeat::never, false));
    } else if (session_->talk && session_->talk->is_open()) {
        static_cast<void>(carry(session_->talk->close(), kShortAnswer, Repeat::never, false));
    }
    drop();
}

DlmsAnswer DlmsClient::associate(int client, dlms::Credentials credentials) {
    auto reply = connect(client);
    if (!reply.answered()) {
        return failure(reply.kind, std::move(reply.reason));
    }
    session_->talk.emplace(std::move(credentials));
    bool gone = false;
    return converse(session_->talk->open(), kAssociationBytes, Repeat::never, gone);
}

std::string DlmsClient::cannot_prove() const {
    const auto& link = meter_.profile->dlms;
    if (link.proof == DlmsLink::Proof::low && (!meter_.dlms || meter_.dlms->password.empty())) {
        return fmt::format(
            "there is no password for meter {}: name it in the collector's meter_secrets file, under the "
            "meter's serial number",
            meter_.code);
    }
    if (needs_counter(link) && (!meter_.dlms || !meter_.dlms->keys)) {
        return fmt::format(
            "there are no keys for meter {}: name them in the collector's meter_secrets file, under the "
            "meter's serial number",
            meter_.code);
    }
    return {};
}

DlmsAnswer DlmsClient::learn_counter() {
    auto opened = associate(kDlmsPublicClient, {});
    if (!opened.answered()) {
        return opened;
    }
    const auto& where = meter_.profile->dlms.counter;
    bool gone = false;
    auto answer = converse(session_->talk->ask(dlms::GetRequest{{{kClassData, dlms::Obis{where}, 2}, {}}}),
                           kShortAnswer, Repeat::allowed, gone);
    if (!answer.answered()) {
        return answer;
    }
    const auto* got = std::get_if<dlms::GetResponse>(&*answer.response);
    const auto* data = got == nullptr ? nullptr : std::get_if<dlms::Data>(&got->result);
    const std::int64_t told = data == nullptr ? -1 : dlms::as_integer(*data).value_or(-1);
    disconnect();
    if (told < 0) {
        return failure(BusReply::Kind::refused,
                       fmt::format("the meter does not tell its invocation counter at {}; see counter under "
                                   "[dlms] in the profile",
                                   core::obis_text(where)));
    }
    if (told > kCounterLast) {
        return failure(BusReply::Kind::refused,
                       "the meter's invocation counter is used up: it needs new keys");
    }
    // What anybody may tell us must not make us use a counter twice: it can only raise ours.
    session_->counter =
        std::max({static_cast<std::uint32_t>(told), counter_floor(bus_.now()), session_->counter});
    session_->counter_known = true;
    return failure(BusReply::Kind::answered, {});
}

DlmsAnswer DlmsClient::open() {
    const auto& link = meter_.profile->dlms;
    if (auto missing = cannot_prove(); !missing.empty()) {
        return failure(BusReply::Kind::refused, std::move(missing));
    }
    if (needs_counter(link) && !session_->counter_known) {
        if (auto learned = learn_counter(); !learned.answered()) {
            return learned;
        }
    }
    dlms::Credentials credentials;
    credentials.mechanism = mechanism_of(link.proof);
    credentials.ciphered = link.ciphered;
    if (meter_.dlms) {
        credentials.password = meter_.dlms->password;
        credentials.title = meter_.dlms->title;
        credentials.keys = meter_.dlms->keys.value_or(dlms::SecurityKeys{});
    }
    credentials.counter = session_->counter;
    if (link.proof == DlmsLink::Proof::gmac) {
        credentials.challenge = random_bytes(kChallengeBytes);
    }
    auto opened = associate(link.client, std::move(credentials));
    if (!opened.answered()) {
        session_->counter_known = false;
    }
    return opened;
}

}  // namespace wutong::collector
