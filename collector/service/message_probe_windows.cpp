#include <fmt/format.h>

#include "collector/service/message_probe.hpp"
#include "collector/service/service.hpp"

namespace wutong::collector {

int run_message_probe(const ProbeOptions& /*options*/, const FieldMeter& /*meter*/, std::FILE* /*out*/,
                      std::FILE* faults) {
    fmt::print(faults, "MQTT is spoken on Linux only\n");
    return kExitFailed;
}

}  // namespace wutong::collector
