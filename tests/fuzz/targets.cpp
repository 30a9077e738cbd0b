#include "fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>

namespace wutong::fuzz {
namespace {

constexpr Target kAll[] = {
    {"modbus", modbus},
    {"acrel", acrel},
    {"dlt645", dlt645},
    {"cjt188", cjt188},
    {"iec62056", iec62056},
    {"dlms_hdlc", dlms_hdlc},
    {"dlms_wrapper", dlms_wrapper},
    {"dlms_services", dlms_services},
    {"dlms_association", dlms_association},
    {"dlms_security", dlms_security},
    {"message_json", message_json},
    {"sparkplug", sparkplug},
};

}  // namespace

const std::span<const Target> kTargets{kAll};

const Target* find_target(std::string_view name) {
    for (const auto& target : kTargets) {
        if (name == target.name) {
            return &target;
        }
    }
    return nullptr;
}

void broken(const char* what) {
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace wutong::fuzz
