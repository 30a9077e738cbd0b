#pragma once

#include <optional>

#include "client-wx/presenters/live_meters.hpp"

namespace google::protobuf {
class Timestamp;
}

/// From the live stream's messages to LiveMeter. Names are cut, numbers and moments kept within what screens
/// can show.
namespace wutong::client {

/// None when it is absent, or beyond the years 1 to 9999.
[[nodiscard]] std::optional<LiveMeter::TimePoint> moment_of(bool present,
                                                            const google::protobuf::Timestamp& at);

/// Whether the message says where the meter is, and not only how it is.
[[nodiscard]] bool introduces(const v1::LiveMeter& from);
/// Where the meter is: the wall's order follows from it.
void take_introduction(const v1::LiveMeter& from, LiveMeter& into);
/// Account, state and figures.
void take_figures(const v1::LiveMeter& from, LiveMeter& into);

}  // namespace wutong::client
