#include "core/station_address.hpp"

#include <algorithm>

namespace wutong::core {

namespace {

constexpr std::size_t kDigits645 = 12;

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
    }
    if (address.size() != kDigits645 || !all_digits(address)) {
        return "must be the 12 digits of the meter's DL/T 645 address, with zeros in front";
    }
    // 99… is everybody.
    return address == std::string(kDigits645, '9') ? "must be the meter's own: 999999999999 is everybody"
                                                   : "";
}

}  // namespace wutong::core
