#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "collector/drivers/field_meter.hpp"

namespace wutong::collector {

/// Passwords of meters, from a file of its own:
///
///     [default]                      # of every meter that is not named; may be left out
///     level = 2                      # 0 to 99, default 2
///     password = "123456"            # six digits
///     operator = "00000001"          # eight digits, default zeros
///     [meter.201000000012]           # by station address
///     password = "654321"
struct MeterSecrets {
    std::optional<MeterSecret> any;
    std::map<std::string, MeterSecret> by_station;

    [[nodiscard]] std::optional<MeterSecret> of(const std::string& station_address) const;
};

/// @param file only for messages, which never repeat a value
/// @throws ConfigurationError
[[nodiscard]] MeterSecrets parse_meter_secrets(std::string_view toml, const std::string& file);
/// None when the path is empty.
/// @throws ConfigurationError, also when others than its owner may read the file
[[nodiscard]] MeterSecrets load_meter_secrets(const std::filesystem::path& file);

}  // namespace wutong::collector
