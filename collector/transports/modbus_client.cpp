#include "collector/transports/modbus_client.hpp"

namespace wutong::collector {

const char* to_string(ModbusFault::Kind kind) {
    switch (kind) {
        case ModbusFault::Kind::timeout:
            return "timeout";
        case ModbusFault::Kind::torn:
            return "torn";
        case ModbusFault::Kind::crc:
            return "crc";
        case ModbusFault::Kind::wrong_unit:
            return "wrong_unit";
        case ModbusFault::Kind::wrong_function:
            return "wrong_function";
        case ModbusFault::Kind::wrong_length:
            return "wrong_length";
        case ModbusFault::Kind::wrong_echo:
            return "wrong_echo";
        case ModbusFault::Kind::wrong_protocol:
            return "wrong_protocol";
        case ModbusFault::Kind::wrong_transaction:
            return "wrong_transaction";
        case ModbusFault::Kind::exception:
            return "exception";
        case ModbusFault::Kind::line_busy:
            return "line_busy";
        case ModbusFault::Kind::closed:
            return "closed";
        case ModbusFault::Kind::unsupported:
            return "unsupported";
        case ModbusFault::Kind::foreign:
            return "foreign";
    }
    return "unknown";
}

std::string describe(const ModbusFault& fault) {
    std::string text = to_string(fault.kind);
    if (fault.kind == ModbusFault::Kind::exception) {
        text += " " + protocols::to_string(fault.code);
    }
    if (!fault.detail.empty()) {
        text += ": " + fault.detail;
    }
    return text;
}

FrameOutcome ModbusClient::exchange_frames(const FrameExchange& /*exchange*/, Milliseconds /*answer_timeout*/,
                                           Yield /*yield*/) {
    return ModbusFault{ModbusFault::Kind::unsupported,
                       {},
                       false,
                       name() +
                           ": this line carries Modbus only; meters of other protocols need a serial port "
                           "or RTU over TCP"};
}

Deadline ModbusClient::frames_clear_at(const std::string& /*key*/) const {
    return {};
}

}  // namespace wutong::collector
