#pragma once

#include <string>

#include "client-wx/presenters/held/guard_watch.hpp"

namespace wutong::v1 {
class HeldMeter;
}

namespace wutong::client {

/// "Medical", "Safety"
[[nodiscard]] std::string guard_kind_words(const std::string& kind);
/// "Guarded: medical", what a badge says
[[nodiscard]] std::string guard_badge_words(const UnitGuard& guard);
/// The badge and its note: "Guarded: medical · oxygen at night"
[[nodiscard]] std::string guard_whole_words(const UnitGuard& guard);
/// "2026-03-26 10:42:07 · 1,234.50 kWh": up to which reading a meter is charged
[[nodiscard]] std::string charged_words(const v1::HeldMeter& meter);

}  // namespace wutong::client
