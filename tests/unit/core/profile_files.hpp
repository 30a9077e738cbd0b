#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "core/meter_profile.hpp"

namespace wutong::core::test {

inline std::string profile_text(const std::string& id) {
    const std::string path = std::string(WUTONG_SOURCE_DIR) + "/profiles/" + id + ".toml";
    std::ifstream file{path};
    if (!file) {
        throw std::runtime_error("can't read " + path);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline MeterProfile shipped_profile(const std::string& id) {
    return parse_meter_profile(profile_text(id), id);
}

}  // namespace wutong::core::test
