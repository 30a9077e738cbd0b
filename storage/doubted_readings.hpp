#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/plausibility.hpp"
#include "core/time.hpp"

/// Registers that could not be, and what people have said of them.
namespace wutong::storage {

class Transaction;

enum class DoubtDecision {
    used,     ///< the register is right: what lies between was used, and is charged
    anew,     ///< it counts from here; nothing between is charged
    ignored,  ///< it was wrong
    settled,  ///< needed nobody: read again it made sense
};
[[nodiscard]] const char* to_string(DoubtDecision decision);
/// @throws std::invalid_argument naming what is known
[[nodiscard]] DoubtDecision parse_doubt_decision(const std::string& text);

struct DoubtedReading {
    std::int64_t id = 0;
    core::MeterId meter;
    std::string meter_code, unit_code;
    core::Timestamp read_at;
    core::DoubtedRegister doubt;
    std::optional<DoubtDecision> decision;
    std::string reason, decided_by;
    std::optional<core::Timestamp> decided_at;
    core::Commodity commodity = core::Commodity::electricity;
};

struct DoubtFilter {
    core::PropertyId property;
    core::MeterId meter;  ///< 0: all
    bool open_only = true;
};

/// Newest first. @param before 0, or the id of the last one of the page before
[[nodiscard]] std::vector<DoubtedReading> list_doubted_readings(Transaction& tx, const DoubtFilter& filter,
                                                                std::int64_t before, int limit);
[[nodiscard]] std::optional<DoubtedReading> find_doubted_reading(Transaction& tx, core::PropertyId property,
                                                                 std::int64_t id);

/// May this be said of it? A fall can't have been used, unless the register rolled over.
[[nodiscard]] bool fits(core::Plausibility verdict, DoubtDecision decision);

struct DoubtWord {
    DoubtDecision decision = DoubtDecision::ignored;
    std::string reason;
    core::OperatorId by;
    core::Timestamp at;
};

/// Keeps the word for this doubt and the older open ones of its meter. With `used` and `anew` the register is
/// believed from here on: the use up to the last believed register is booked, and the booking of an opened
/// meter goes on as the word says. A meter that the server charges goes on by go_on_charging.
/// @return false: there is no such doubt, or it is decided already
/// @throws std::logic_error unless fits()
bool decide_doubt(Transaction& tx, core::PropertyId property, std::int64_t id, const DoubtWord& word);

}  // namespace wutong::storage
