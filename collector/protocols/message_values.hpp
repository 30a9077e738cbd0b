#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/protocols/json_text.hpp"
#include "core/meter_profile.hpp"
#include "core/time.hpp"

/// From what a message says to values, as a profile maps it. Pure.
namespace wutong::protocols {

/// In the unit of the field's quantity. Nothing for null, for what is no number, and for texts that are
/// neither `on` nor `off`.
[[nodiscard]] std::optional<std::int64_t> message_value(const core::Field& field, const JsonNode& leaf);

/// All fields of the block that stand below this node.
void read_values(const core::Block& block, const JsonNode& node, core::Values& into);

/// @param utc_offset of the property, for times without a zone
[[nodiscard]] std::optional<core::Timestamp> message_time(core::TimeFormat format, std::string_view text,
                                                          std::chrono::seconds utc_offset);

/// The message (or the element) passes `when` and `equals`.
[[nodiscard]] bool counts(const core::MessagePlace& place, const JsonNode& node);

/// "tele/{address}/SENSOR" for one meter. What is in other braces stays as it is.
[[nodiscard]] std::string filled_in(std::string_view text, const std::string& address,
                                    const std::string& code);

/// Of a retained text, a payload that is no JSON: without blanks around it.
[[nodiscard]] JsonNode plain_text(std::string_view payload);

}  // namespace wutong::protocols
