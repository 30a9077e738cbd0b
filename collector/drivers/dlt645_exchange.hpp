#pragma once

#include <optional>
#include <string>
#include <variant>

#include "collector/drivers/meter_bus.hpp"
#include "collector/protocols/dlt645_replies.hpp"

/// One DL/T 645 question on a bus.
namespace wutong::collector {

/// @param answer_bytes of data that the answer usually has
[[nodiscard]] FrameExchange dlt645_exchange(const protocols::dlt645::Frame& request,
                                            std::size_t answer_bytes);

struct Dlt645Answer {
    BusReply::Kind kind = BusReply::Kind::silent;
    protocols::Bytes data;      ///< of a read, without the identifier
    bool more = false;          ///< follows in another frame
    bool no_such_data = false;  ///< refused, because the meter has no such item
    std::string reason;         ///< for people, when not answered

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};
/// Asks, and reads the answer.
[[nodiscard]] Dlt645Answer dlt645_ask(MeterBus& bus, const protocols::dlt645::Address& address,
                                      const protocols::dlt645::Request& request, std::size_t answer_bytes,
                                      Repeat repeat);

/// A whole data item, however many frames it comes in.
[[nodiscard]] Dlt645Answer dlt645_read(MeterBus& bus, const protocols::dlt645::Address& address,
                                       protocols::dlt645::Edition edition, std::uint32_t id,
                                       std::size_t answer_bytes);

}  // namespace wutong::collector
