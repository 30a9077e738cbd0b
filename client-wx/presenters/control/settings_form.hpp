#pragma once

#include <map>
#include <optional>
#include <string>

#include "client-wx/presenters/control/command_wish.hpp"

namespace wutong::client {

/// Price and limits as somebody types them, checked before a command is made of them. Fields left empty are
/// not changed on the meter.
struct SettingsForm {
    std::string price, alarm_1, alarm_2, overdraft, overload_kw;

    struct Checked {
        std::optional<CommandWish> wish;  ///< none when a field is wrong
        std::map<std::string, std::string>
            errors;  ///< by field: price, alarm_1, alarm_2, overdraft, overload
    };
    /// Only the price, which must be there.
    [[nodiscard]] Checked check_price() const;
    /// The limits; at least one.
    [[nodiscard]] Checked check_limits() const;
};

}  // namespace wutong::client
