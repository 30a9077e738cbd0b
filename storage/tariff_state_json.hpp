#pragma once

#include <string>

#include "core/bill.hpp"

/// What one charge hands to the next (core::TariffState), as it is kept in `held_charge.state`.
namespace wutong::storage {

[[nodiscard]] std::string tariff_state_json(const core::TariffState& state);
/// @throws std::invalid_argument for what tariff_state_json did not write
[[nodiscard]] core::TariffState tariff_state_of(const std::string& json);

}  // namespace wutong::storage
