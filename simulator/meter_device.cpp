#include "simulator/meter_device.hpp"

namespace wutong::simulator {

const char* profile_of(Model model) {
    switch (model) {
        case Model::ddsy1352:
            return "acrel-ddsy1352";
        case Model::dtsy1352:
            return "acrel-dtsy1352";
        case Model::adf300:
            return "acrel-adf300";
        case Model::sdm630:
            return "eastron-sdm630";
        case Model::dlt645_single_phase:
            return "dlt645-relay-1ph";
        case Model::dlt645_three_phase:
            return "dlt645-relay-3ph";
        case Model::cjt188_valve_water:
            return "cjt188-valve-water";
        case Model::dlms_single_phase:
            return "dlms-1ph";
        case Model::dlms_three_phase:
            return "dlms-3ph";
        case Model::iec62056_single_phase:
            return "iec62056-1ph";
        case Model::iec62056_three_phase:
            return "iec62056-3ph";
    }
    return "?";
}

const char* to_string(LineFraming framing) {
    switch (framing) {
        case LineFraming::modbus:
            return "modbus";
        case LineFraming::dlt645:
            return "dlt645";
        case LineFraming::cjt188:
            return "cjt188";
        case LineFraming::hdlc:
            return "hdlc";
        case LineFraming::dlms_wrapper:
            return "dlms_wrapper";
        case LineFraming::iec62056:
            return "iec62056";
    }
    return "?";
}

bool speaks(Model model, LineFraming framing) {
    switch (model) {
        case Model::dlt645_single_phase:
        case Model::dlt645_three_phase:
            return framing == LineFraming::dlt645;
        case Model::cjt188_valve_water:
            return framing == LineFraming::cjt188;
        case Model::dlms_single_phase:
        case Model::dlms_three_phase:
            return framing == LineFraming::hdlc || framing == LineFraming::dlms_wrapper;
        case Model::iec62056_single_phase:
        case Model::iec62056_three_phase:
            return framing == LineFraming::iec62056;
        default:
            return framing == LineFraming::modbus;
    }
}

bool RegisterBlock::covers(const protocols::ReadRequest& request) const {
    return request.address >= address &&
           std::size_t{request.address} + request.count <= std::size_t{address} + words.size();
}

protocols::Words RegisterBlock::part(const protocols::ReadRequest& request) const {
    const auto first = words.begin() + (request.address - address);
    return {first, first + request.count};
}

}  // namespace wutong::simulator
