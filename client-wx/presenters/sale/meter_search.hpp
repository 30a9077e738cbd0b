#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "client-wx/presenters/live_meters.hpp"

namespace wutong::client {

/// Prepaid meters that `typed` may mean, best first: the unit itself ("C-312", "c312"), its number ("312"),
/// what begins so, what contains it; among equals those with an account first, then as on the wall. Looks at
/// unit, shop, customer, account, meter and serial number. Full-width letters and digits count as plain ones.
/// @return indices into `meters`, at most `most`
[[nodiscard]] std::vector<std::size_t> find_meters(const std::vector<LiveMeter>& meters,
                                                   std::string_view typed, std::size_t most,
                                                   std::size_t* found = nullptr);

/// The best of them, and what else its unit has: an electricity meter and one of water, as a rule.
[[nodiscard]] std::vector<const LiveMeter*> find_unit_meters(const std::vector<LiveMeter>& meters,
                                                             std::string_view typed);
/// Of these the one that measures this; null: there is none.
[[nodiscard]] const LiveMeter* find_meter(const std::vector<LiveMeter>& meters, std::string_view typed,
                                          core::Commodity commodity);

/// Lower case, plain width, without the marks that people leave out ("Ｃ－312" → "c312").
[[nodiscard]] std::string search_form(std::string_view text);

/// What the counter calls the meter: its unit, or its code where it has none.
[[nodiscard]] const std::string& unit_or_code(const LiveMeter& meter);
/// Customer, else the unit's name.
[[nodiscard]] const std::string& shop_of(const LiveMeter& meter);
/// The same, and of a water meter that it is one: a unit may have both kinds.
[[nodiscard]] std::string shop_and_kind(const LiveMeter& meter);

}  // namespace wutong::client
