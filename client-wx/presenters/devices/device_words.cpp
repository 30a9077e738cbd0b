#include "client-wx/presenters/devices/device_words.hpp"

#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string role_of_meter_words(const std::string& role) {
    return role == "prepaid"   ? tr("Prepaid")
           : role == "monitor" ? tr("Monitor")
           : role == "feeder"  ? tr("Feeder")
                               : role;
}

bool is_plain_link(const std::string& transport) {
    return transport == "gateway_plain";
}

std::string transport_words(const std::string& transport) {
    return transport == "serial"         ? tr("Serial port")
           : transport == "modbus_tcp"   ? tr("Modbus TCP")
           : transport == "rtu_over_tcp" ? tr("RTU over TCP")
           : transport == "dial_in"      ? tr("Dials in")
           : transport == "gateway_tls"  ? tr("Wutong gateway, TLS")
           : transport == "gateway_3des" ? tr("Wutong gateway, triple DES")
           : transport == "mqtt"         ? tr("MQTT broker")
           : is_plain_link(transport)    ? tr("Wutong gateway, not encrypted")
                                         : transport;
}

Protection protection_of(const std::string& transport, const std::string& endpoint) {
    const auto begins = [&endpoint](const char* with) { return endpoint.rfind(with, 0) == 0; };
    if (transport == "serial") {
        return {Protection::Kind::cable, tr("Cable")};
    }
    if (transport == "gateway_tls" || (transport == "mqtt" && begins("mqtts://"))) {
        return {Protection::Kind::encrypted, tr("TLS")};
    }
    if (transport == "gateway_3des") {
        return {Protection::Kind::encrypted, tr("Triple DES")};
    }
    if (transport == "dial_in" && begins("acrel-gateway:")) {
        return {Protection::Kind::encrypted, tr("Gateway's AES")};
    }
    return {Protection::Kind::plain, tr("Plain text")};
}

std::vector<FormOption> transport_options() {
    std::vector<FormOption> options;
    for (const auto* transport : {"serial", "modbus_tcp", "rtu_over_tcp", "dial_in", "gateway_tls",
                                  "gateway_3des", "gateway_plain", "mqtt"}) {
        options.push_back({transport, transport_words(transport)});
    }
    return options;
}

std::vector<FormOption> meter_role_options() {
    return {{"prepaid", role_of_meter_words("prepaid")},
            {"monitor", role_of_meter_words("monitor")},
            {"feeder", role_of_meter_words("feeder")}};
}

}  // namespace wutong::client
