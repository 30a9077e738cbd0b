#pragma once

#include <string>
#include <vector>

#include "server/profiles.hpp"
#include "server/refused.hpp"
#include "storage/devices.hpp"
#include "storage/meters.hpp"

/// What is checked of gateways, channels and meters, whether they come by a call or by a file. Fields are
/// named as in the API, which are also the keys of the file.
namespace wutong::server {

[[nodiscard]] std::vector<FieldViolation> check_gateway(const storage::GatewayRow& gateway);
[[nodiscard]] std::vector<FieldViolation> check_channel(const storage::ChannelRow& channel);
[[nodiscard]] std::vector<FieldViolation> check_meter(const storage::MeterRow& meter,
                                                      const Profiles& profiles);

/// 1 to `most` bytes. Adds a violation otherwise.
void check_text(const std::string& value, const char* field, std::size_t most,
                std::vector<FieldViolation>& violations);
/// @throws Refused INVALID_ARGUMENT when there are violations
/// Why the meter can't be on such a channel; empty when it can, or its profile is not known.
[[nodiscard]] std::string carrier_fault(const std::string& transport, const storage::MeterRow& meter,
                                        const Profiles& profiles);

void refuse_if_any(std::vector<FieldViolation> violations);

/// Says which field a unique key or a reference of the tables is about.
/// @throws Refused always; the error itself, when the constraint is not one of an operator's making
[[noreturn]] void refuse_conflict(const storage::StatementFailed& error);

/// Address, channel, profile and serial number say which meter is meant. While money or a command is on its
/// way to it they stay.
/// @throws Refused FAILED_PRECONDITION work_under_way
void refuse_move_under_way(storage::Transaction& tx, const storage::MeterRow& before,
                           const storage::MeterRow& after);

}  // namespace wutong::server
