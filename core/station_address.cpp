#include "core/station_address.hpp"

#include <algorithm>

namespace wutong::core {

namespace {

constexpr std::size_t kDigits645 = 12;
constexpr std::size_t kDigits188 = 14;
constexpr int kDlmsMax = 16'381;  // the two above mean "everybody" and are kept

bool all_digits(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string station_address_fault(MeterProtocol protocol, const std::string& address) {
    switch (protocol) {
        case MeterProtocol::modbus:
            return address.empty() ? "" : "must be empty: a Modbus meter has a bus address from 1 to 247";
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
