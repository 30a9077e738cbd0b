#include "collector/drivers/bus_exchange.hpp"

#include <type_traits>

namespace wutong::collector {

namespace {

BusReply reply_of(const ModbusFault& fault) {
    BusReply reply;
    reply.reason = describe(fault);
    switch (fault.kind) {
        case ModbusFault::Kind::exception:
            switch (fault.code) {
                case protocols::ExceptionCode::illegal_function:
                case protocols::ExceptionCode::illegal_address:
                case protocols::ExceptionCode::illegal_value:
                case protocols::ExceptionCode::device_failure:
                    reply.kind = BusReply::Kind::refused;
                    break;
                default:
                    // Busy, still at it, or a gateway speaking for a meter that did not answer: nothing is
                    // known.
                    reply.kind = BusReply::Kind::silent;
            }
            break;
        case ModbusFault::Kind::timeout:
            reply.kind = BusReply::Kind::silent;
            break;
        case ModbusFault::Kind::closed:
            reply.kind = BusReply::Kind::away;
            break;
        case ModbusFault::Kind::unsupported:
            reply.kind = BusReply::Kind::refused;
            break;
        default:
            reply.kind = BusReply::Kind::garbled;
    }
    return reply;
}

template <class Outcome>
BusReply convert(const Outcome& outcome) {
    if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
        return reply_of(*fault);
    }
    BusReply reply;
    reply.kind = BusReply::Kind::answered;
    if constexpr (std::is_same_v<Outcome, ReadOutcome>) {
        reply.words = std::get<protocols::Words>(outcome);
    } else if constexpr (std::is_same_v<Outcome, FrameOutcome>) {
        reply.frame = std::get<protocols::Bytes>(outcome);
    }
    return reply;
}

}  // namespace

BusReply exchange_registers(ModbusClient& client, std::uint8_t unit, const protocols::Request& request,
                            std::chrono::milliseconds timeout, Yield yield) {
    if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
        return convert(
            client.read_registers(unit, read->function, read->address, read->count, timeout, yield));
    }
    if (const auto* write = std::get_if<protocols::WriteRequest>(&request)) {
        return convert(client.write_registers(unit, write->address, write->words, timeout, yield));
    }
    return convert(
        client.vendor_write(unit, std::get<protocols::VendorWriteRequest>(request), timeout, yield));
}

BusReply exchange_frame(ModbusClient& client, const FrameExchange& exchange,
                        std::chrono::milliseconds timeout, Yield yield) {
    return convert(client.exchange_frames(exchange, timeout, yield));
}

}  // namespace wutong::collector
