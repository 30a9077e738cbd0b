#pragma once

#include "collector/drivers/field_meter.hpp"
#include "collector/protocols/dlms_hdlc.hpp"
#include "collector/transports/frame_exchange.hpp"

/// One DLMS frame on a bus, in either envelope.
namespace wutong::collector {

/// @throws std::invalid_argument when the meter's station address is none; core::station_address_fault keeps
///         such meters out
[[nodiscard]] int dlms_station(const FieldMeter& meter);
[[nodiscard]] protocols::dlms::HdlcAddress hdlc_address(const FieldMeter& meter);

/// @param client on whose behalf, and to whom the answer has to be addressed
[[nodiscard]] FrameExchange dlms_exchange(const FieldMeter& meter, int client, protocols::Bytes frame,
                                          std::size_t answer_bytes);

}  // namespace wutong::collector
