#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/meter_status.hpp"
#include "core/time.hpp"

/// Messages to tenants and operators: who is told what, and when. What they say: core/message_text.hpp.
namespace wutong::core {

enum class MessageKind {
    alarm_1,
    alarm_2,
    arrears,
    recharge,    ///< money that was paid has arrived at the meter
    operations,  ///< an alarm that the operators of a property are told
    test,
};
[[nodiscard]] const char* to_string(MessageKind kind);
/// @throws std::invalid_argument naming the known words
[[nodiscard]] MessageKind parse_message_kind(std::string_view text);
/// @pre level is not none
[[nodiscard]] MessageKind message_kind(AlarmLevel level);

enum class MessageChannel { sms, email };
[[nodiscard]] const char* to_string(MessageChannel channel);
/// @throws std::invalid_argument naming the known words
[[nodiscard]] MessageChannel parse_message_channel(std::string_view text);

/// E.164: "+" and 7 to 15 digits, the first of them not 0.
[[nodiscard]] bool is_telephone(std::string_view text);
/// One address, local@domain, in the characters that every mail server takes; at most 254 of them.
[[nodiscard]] bool is_mail_address(std::string_view text);

// ---- once per level and credit period ---------------------------------------------------------------
/// What a tenant was told about a meter since credit last arrived there. A period begins with each credit, so
/// that a balance that hovers at a threshold is told once.
struct ToldLevels {
    AlarmLevel told = AlarmLevel::none;         ///< the worst of this period
    AlarmLevel told_before = AlarmLevel::none;  ///< of the period before
    std::optional<Timestamp> credit_at;         ///< when this period began
    friend bool operator==(const ToldLevels&, const ToldLevels&) = default;
};

/// Little credit for an old debt leaves the meter at a level the tenant has heard of: whoever has just been
/// told that the recharge arrived, with the balance, is not warned again about the same.
inline constexpr std::chrono::minutes kAfterCredit{15};

struct LevelVerdict {
    bool tell = false;
    ToldLevels told;           ///< to be kept
    const char* why_not = "";  ///< when it is not told
};
/// @param standing false: the level is over already, or a worse one took its place
[[nodiscard]] LevelVerdict judge_level(const ToldLevels& told, AlarmLevel level, Timestamp raised_at,
                                       bool standing);
[[nodiscard]] ToldLevels after_credit(const ToldLevels& told, Timestamp arrived_at);

// ---- trying again -----------------------------------------------------------------------------------
/// After so many attempts that failed for now: 1, 2, 4, … minutes, at most an hour. @pre attempts > 0
[[nodiscard]] std::chrono::seconds message_pause(int attempts);

}  // namespace wutong::core
