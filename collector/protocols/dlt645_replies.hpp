#pragma once

#include "collector/protocols/dlt645_requests.hpp"

/// What a DL/T 645 meter answers.
namespace wutong::protocols::dlt645 {

/// Bits of the error byte of all functions but 03h.
namespace RefusalBit {
inline constexpr std::uint8_t other = 0x01;
inline constexpr std::uint8_t no_such_data = 0x02;
inline constexpr std::uint8_t not_authorised = 0x04;
inline constexpr std::uint8_t baud = 0x08;
inline constexpr std::uint8_t year_zones = 0x10;
inline constexpr std::uint8_t day_slots = 0x20;
inline constexpr std::uint8_t rates = 0x40;
}  // namespace RefusalBit
/// Bits of the error word of function 03h.
namespace SecurityRefusalBit {
inline constexpr std::uint16_t other = 0x01;
inline constexpr std::uint16_t repeated_purchase = 0x02;
inline constexpr std::uint16_t chip = 0x04;
inline constexpr std::uint16_t identity = 0x08;
inline constexpr std::uint16_t customer_number = 0x10;
inline constexpr std::uint16_t purchase_count = 0x20;
inline constexpr std::uint16_t too_much = 0x40;
}  // namespace SecurityRefusalBit

/// "password wrong or not authorised (04)"
[[nodiscard]] std::string refusal_in_words(std::uint8_t function, std::uint16_t bits);

/// A good answer.
struct Reply {
    Address from;
    Bytes data;         ///< of reads: what follows the identifier (and before the sequence number)
    bool more = false;  ///< to be had with ReadFollowing
    friend bool operator==(const Reply&, const Reply&) = default;
};

struct ReplyFault {
    enum class Kind {
        not_mine,  ///< another address, another function, or a question: not an answer to this
        wrong_id,  ///< the right meter answers for another data identifier: a late answer
        wrong_length,
        refused,
    };
    Kind kind = Kind::not_mine;
    std::uint16_t bits = 0;  ///< refused: the error byte or word
    std::string reason;      ///< one sentence
    friend bool operator==(const ReplyFault&, const ReplyFault&) = default;
};

/// Everything that can be checked is: address, function, identifier, sequence.
/// `not_mine` and `wrong_id` mean: throw this frame away and go on waiting.
[[nodiscard]] std::variant<Reply, ReplyFault> parse_reply(const Frame& reply, const Frame& request);

/// False for what nobody answers: anything to kBroadcast, and the time (08h) to anybody.
[[nodiscard]] bool wants_reply(const Frame& request);

/// The device's side. Identifier and sequence are taken from the request.
/// @throws std::invalid_argument when that is too much for one frame
[[nodiscard]] Frame encode_reply(const Address& meter, const Frame& request, ByteView data,
                                 bool more = false);
[[nodiscard]] Frame encode_refusal(const Address& meter, const Frame& request, std::uint16_t bits);

}  // namespace wutong::protocols::dlt645
