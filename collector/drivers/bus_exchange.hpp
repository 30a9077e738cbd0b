#pragma once

#include "collector/drivers/meter_bus.hpp"
#include "collector/transports/modbus_client.hpp"

/// From a line's outcome to what a bus answers.
namespace wutong::collector {

[[nodiscard]] BusReply exchange_registers(ModbusClient& client, std::uint8_t unit,
                                          const protocols::Request& request,
                                          std::chrono::milliseconds timeout, Yield yield);
[[nodiscard]] BusReply exchange_frame(ModbusClient& client, const FrameExchange& exchange,
                                      std::chrono::milliseconds timeout, Yield yield);

}  // namespace wutong::collector
