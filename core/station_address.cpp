#include "core/station_address.hpp"

#include <algorithm>

namespace wutong::core {

namespace {

constexpr std::size_t kDigits645 = 12;
constexpr std::size_t kDigits188 = 14;
constexpr int kDlmsMax = 16'381;  // the two above mean "everybody" and are kept
constexpr std::size_t kMessageAddressMax = 128;
constexpr std::size_t kTariffDeviceMax = 32;

/// Without the blanks that the standard allows: nobody sees them.
bool is_tariff_device(const std::string& address) {
    return address == "*" || (!address.empty() && address.size() <= kTariffDeviceMax &&
                              std::all_of(address.begin(), address.end(), [](char c) {
                                  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                                         (c >= 'a' && c <= 'z');
                              }));
}

bool all_digits(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Stands in topics, so nothing that a topic filter understands.
std::string message_address_fault(const std::string& address) {
    const bool good = !address.empty() && address.size() <= kMessageAddressMax && address.front() != '/' &&
                      address.back() != '/' && address.find("//") == std::string::npos &&
                      std::all_of(address.begin(), address.end(), [](char c) {
                          return c > ' ' && c < 127 && c != '+' && c != '#' && c != '$';
                      });
    return good ? ""
                : "must be the meter's name in its topics: 1 to 128 printable characters without blank, +, # "
                  "and $, parts between single slashes";
}

}  // namespace

std::string station_address_fault(MeterProtocol protocol, const std::string& address) {
    switch (protocol) {
        case MeterProtocol::modbus:
            return address.empty() ? "" : "must be empty: a Modbus meter has a bus address from 1 to 247";
        case MeterProtocol::mqtt_json:
            return message_address_fault(address);
        case MeterProtocol::sparkplug_b: {
            const auto slashes = std::count(address.begin(), address.end(), '/');
            auto fault = message_address_fault(address);
            return fault.empty() && slashes != 1 && slashes != 2
                       ? "must be GROUP/NODE or GROUP/NODE/DEVICE, as in the meter's Sparkplug topics"
                       : fault;
        }
        case MeterProtocol::dlt645_2007:
        case MeterProtocol::dlt645_1997:
            break;
        case MeterProtocol::dlms: {
            constexpr std::size_t kDigits = 5;
            const bool fits = !address.empty() && address.size() <= kDigits && all_digits(address) &&
                              address.front() != '0' && std::stoi(address) <= kDlmsMax;
            return fits ? ""
                        : "must be the meter's DLMS address, 1 to 16381: its physical address on HDLC, its "
                          "logical device in a TCP wrapper";
        }
        case MeterProtocol::iec62056_21:
            return is_tariff_device(address)
                       ? ""
                       : "must be the meter's IEC 62056-21 address, 1 to 32 letters and digits, or * where "
                         "it is alone on its line";
        case MeterProtocol::cjt188:
            return address.size() == kDigits188 && all_digits(address)
                       ? ""
                       : "must be the 14 digits of the meter's CJ/T 188 address: four of the manufacturer, "
                         "then the ten of the meter";
    }
    if (address.size() != kDigits645 || !all_digits(address)) {
        return "must be the 12 digits of the meter's DL/T 645 address, with zeros in front";
    }
    // 99… is everybody.
    return address == std::string(kDigits645, '9') ? "must be the meter's own: 999999999999 is everybody"
                                                   : "";
}

}  // namespace wutong::core
