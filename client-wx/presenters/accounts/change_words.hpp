#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client-wx/api/fault.hpp"

namespace wutong::client {

/// What stands in the way of an exchange or a transfer, as a sentence that says what to do.
/// @param unit which meter it is about; empty: all of the account
[[nodiscard]] std::string change_blocker_words(const std::string& reason, const std::string& text,
                                               const std::string& unit);
/// The same for a refusal of the act itself: what was not done comes first.
[[nodiscard]] std::string change_refusal_words(const Fault& fault);
/// "0.01" or less to "1234.56": kilowatt-hours as somebody reads them off a display.
[[nodiscard]] bool parse_kwh(const std::string& typed, std::int64_t& wh);
/// Nothing but blanks.
[[nodiscard]] bool is_blank(const std::string& text);
/// At most `bytes`, cut between letters.
[[nodiscard]] std::string at_most(std::string text, std::size_t bytes);

}  // namespace wutong::client
