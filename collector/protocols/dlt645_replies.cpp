#include "collector/protocols/dlt645_replies.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/dlt645_functions.hpp"

namespace wutong::protocols::dlt645 {
namespace {

struct BitName {
    std::uint16_t bit;
    const char* words;
};
constexpr BitName kRefusals[] = {
    {RefusalBit::other, "other fault"},
    {RefusalBit::no_such_data, "no such data"},
    {RefusalBit::not_authorised, "password wrong or not authorised"},
    {RefusalBit::baud, "baud rate can't be changed"},
    {RefusalBit::year_zones, "too many year zones"},
    {RefusalBit::day_slots, "too many time slots in a day"},
    {RefusalBit::rates, "too many rates"},
};
constexpr BitName kSecurityRefusals[] = {
    {SecurityRefusalBit::other, "other fault"},
    {SecurityRefusalBit::repeated_purchase, "this purchase was taken before"},
    {SecurityRefusalBit::chip, "the security chip refuses"},
    {SecurityRefusalBit::identity, "identity not proven"},
    {SecurityRefusalBit::customer_number, "another customer number"},
    {SecurityRefusalBit::purchase_count, "wrong purchase count"},
    {SecurityRefusalBit::too_much, "more than the meter may hold"},
};

/// How much of a request's data comes back in front of the answer.
std::size_t echoed(std::uint8_t function) {
    switch (function) {
        case kFnRead:
        case kFnReadFollowing:
            return kIdBytes;
        case kFnRead1997:
            return kIdBytes1997;
        default:
            return 0;
    }
}

ReplyFault fault(ReplyFault::Kind kind, std::string reason) {
    return {kind, 0, std::move(reason)};
}

}  // namespace

std::string refusal_in_words(std::uint8_t function, std::uint16_t bits) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string words;
    const auto name = [&](const BitName& known) {
        if ((bits & known.bit) != 0) {
            words += (words.empty() ? "" : ", ") + std::string{known.words};
        }
    };
    if ((function & kFunctionMask) == kFnSecurity) {
        std::for_each(std::begin(kSecurityRefusals), std::end(kSecurityRefusals), name);
    } else {
        std::for_each(std::begin(kRefusals), std::end(kRefusals), name);
    }
    if (words.empty()) {
        words = "refused without a known reason";
    }
    words += " (";
    for (int shift = bits > 0xFF ? 12 : 4; shift >= 0; shift -= 4) {
        words.push_back(kHex[bits >> shift & 0x0F]);
    }
    return words + ")";
}

std::variant<Reply, ReplyFault> parse_reply(const Frame& reply, const Frame& request) {
    using Kind = ReplyFault::Kind;
    if ((reply.control & kFromMeter) == 0) {
        return fault(Kind::not_mine, "a question, not an answer (the line may echo)");
    }
    if (!meant_for(request.address, reply.address)) {
        return fault(Kind::not_mine, "meter " + to_string(reply.address) + " answered, " +
                                         to_string(request.address) + " was asked");
    }
    const auto function = static_cast<std::uint8_t>(request.control & kFunctionMask);
    if ((reply.control & kFunctionMask) != function) {
        return fault(Kind::not_mine,
                     "answer to function " +
                         to_hex(Bytes{static_cast<std::uint8_t>(reply.control & kFunctionMask)}) +
                         "h, asked was " + to_hex(Bytes{function}) + "h");
    }
    if ((reply.control & kAbnormal) != 0) {
        if (reply.data.empty()) {
            return fault(Kind::wrong_length, "a refusal without its reason byte");
        }
        ReplyFault refused{Kind::refused, reply.data[0], {}};
        if (reply.data.size() > 1) {
            refused.bits = static_cast<std::uint16_t>(refused.bits | reply.data[1] << 8);
        }
        refused.reason =
            "meter " + to_string(reply.address) + " refuses: " + refusal_in_words(function, refused.bits);
        return refused;
    }
    const auto head = echoed(function);
    if (reply.data.size() < head) {
        return fault(Kind::wrong_length,
                     "an answer of " + std::to_string(reply.data.size()) + " bytes has no data identifier");
    }
    if (request.data.size() < head ||
        !std::equal(request.data.begin(), request.data.begin() + static_cast<std::ptrdiff_t>(head),
                    reply.data.begin())) {
        return fault(Kind::wrong_id,
                     "answer for data identifier " + to_hex(ByteView{reply.data}.first(head)) +
                         " (low byte first), asked was " +
                         to_hex(ByteView{request.data}.first(std::min(head, request.data.size()))));
    }
    auto body = ByteView{reply.data}.subspan(head);
    if (function == kFnReadFollowing) {
        if (body.empty()) {
            return fault(Kind::wrong_length, "a following frame without its number");
        }
        if (request.data.size() > head && body.back() != request.data[head]) {
            return fault(Kind::wrong_id, "following frame " + std::to_string(body.back()) + ", asked was " +
                                             std::to_string(request.data[head]));
        }
        body = body.first(body.size() - 1);
    }
    return Reply{reply.address, {body.begin(), body.end()}, (reply.control & kMoreFollows) != 0};
}

bool wants_reply(const Frame& request) {
    return request.address != kBroadcast && request.control != kFnSetTime;
}

Frame encode_reply(const Address& meter, const Frame& request, ByteView data, bool more) {
    const auto head = std::min(echoed(request.control), request.data.size());
    Frame reply{
        meter, static_cast<std::uint8_t>(request.control | kFromMeter | (more ? kMoreFollows : 0)), {}};
    reply.data.assign(request.data.begin(), request.data.begin() + static_cast<std::ptrdiff_t>(head));
    reply.data.insert(reply.data.end(), data.begin(), data.end());
    if (request.control == kFnReadFollowing && request.data.size() > head) {
        reply.data.push_back(request.data[head]);
    }
    if (reply.data.size() > kDataMax) {
        throw std::invalid_argument("a DL/T 645 answer holds 200 bytes at most, not " +
                                    std::to_string(reply.data.size()));
    }
    return reply;
}

Frame encode_refusal(const Address& meter, const Frame& request, std::uint16_t bits) {
    Frame reply{meter,
                static_cast<std::uint8_t>((request.control & kFunctionMask) | kFromMeter | kAbnormal),
                {static_cast<std::uint8_t>(bits & 0xFF)}};
    if ((request.control & kFunctionMask) == kFnSecurity) {
        reply.data.push_back(static_cast<std::uint8_t>(bits >> 8));
    }
    return reply;
}

}  // namespace wutong::protocols::dlt645
