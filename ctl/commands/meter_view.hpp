#pragma once

#include <string>
#include <vector>

#include "ctl/program.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::ctl {

/// "alarm 1", "normal" …
[[nodiscard]] std::string status_text(v1::MeterStatus status);
/// "12 s", "4 min", "3 h", "2 d"; "never".
[[nodiscard]] std::string age_text(bool has, const google::protobuf::Timestamp& time);
void print_meters(const std::vector<v1::Meter>& meters);
void add_meter_commands(CLI::App& app, Program& program);

}  // namespace wutong::ctl
