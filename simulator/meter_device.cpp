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
    }
    return "?";
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
