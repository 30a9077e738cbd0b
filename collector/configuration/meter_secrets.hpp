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
///
/// Of DLMS, by serial number, since their addresses are small and repeat on each bus:
///
///     [dlms.default]
///     password = "12345678"          # of the low level, up to 64 characters
///     [dlms.202600000004]
///     encryption_key = "000102..0F"      # 32 hexadecimal digits, for GMAC and ciphering
///     authentication_key = "D0D1..DF"
///     title = "5755540000000001"         # ours, 16 hexadecimal digits; this when left out
struct MeterSecrets {
    std::optional<MeterSecret> any;
    std::map<std::string, MeterSecret> by_station;

    std::optional<DlmsSecret> any_dlms;
    std::map<std::string, DlmsSecret> dlms_by_serial;

    /// What its protocol wants, as far as there is something. @pre it has its profile
    void give_to(FieldMeter& meter) const;
    [[nodiscard]] std::optional<DlmsSecret> of_dlms(const std::string& serial_number) const;
    [[nodiscard]] std::optional<MeterSecret> of(const std::string& station_address) const;
};

/// @param file only for messages, which never repeat a value
/// @throws ConfigurationError
[[nodiscard]] MeterSecrets parse_meter_secrets(std::string_view toml, const std::string& file);
/// None when the path is empty.
/// @throws ConfigurationError, also when others than its owner may read the file
[[nodiscard]] MeterSecrets load_meter_secrets(const std::filesystem::path& file);

}  // namespace wutong::collector
