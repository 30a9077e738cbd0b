#pragma once

#include <wutong/v1/control_service.pb.h>

#include <string>
#include <vector>

#include "core/command.hpp"
#include "core/identity.hpp"
#include "core/meter_profile.hpp"

namespace wutong::server {

/// A checked SendCommandRequest.
struct CommandWish {
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments_json;         ///< as command.arguments keeps them
    std::vector<core::MeterId> meters;  ///< each once, in order
    struct Setting {
        std::string name;
        core::Quantity quantity;
        std::int64_t value = 0;
    };
    std::vector<Setting> settings;  ///< what is to be set, for the check against each meter's profile
    int expires_after_s = 0;        ///< 0: as the property's parameters say
};

/// @throws Refused INVALID_ARGUMENT naming every field that is wrong
[[nodiscard]] CommandWish parse_command_request(const v1::SendCommandRequest& request);

}  // namespace wutong::server
