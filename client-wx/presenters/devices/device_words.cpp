#include "client-wx/presenters/devices/device_words.hpp"

#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string role_of_meter_words(const std::string& role) {
    return role == "prepaid"   ? tr("Prepaid")
           : role == "monitor" ? tr("Monitor")
           : role == "feeder"  ? tr("Feeder")
                               : role;
}

std::string transport_words(const std::string& transport) {
    return transport == "serial"         ? tr("Serial port")
           : transport == "modbus_tcp"   ? tr("Modbus TCP")
           : transport == "rtu_over_tcp" ? tr("RTU over TCP")
                                         : transport;
}

std::vector<FormOption> transport_options() {
    return {{"serial", transport_words("serial")},
            {"modbus_tcp", transport_words("modbus_tcp")},
            {"rtu_over_tcp", transport_words("rtu_over_tcp")}};
}

std::vector<FormOption> meter_role_options() {
    return {{"prepaid", role_of_meter_words("prepaid")},
            {"monitor", role_of_meter_words("monitor")},
            {"feeder", role_of_meter_words("feeder")}};
}

}  // namespace wutong::client
