#include "collector/transports/framed_client.hpp"

#include <stdexcept>

#include "collector/protocols/modbus_rtu.hpp"

namespace wutong::collector {

using protocols::ReplyFault;
using protocols::Words;

ModbusFault::Kind fault_kind(ReplyFault::Kind kind) {
    switch (kind) {
        case ReplyFault::Kind::crc:
            return ModbusFault::Kind::crc;
        case ReplyFault::Kind::wrong_unit:
            return ModbusFault::Kind::wrong_unit;
        case ReplyFault::Kind::wrong_function:
            return ModbusFault::Kind::wrong_function;
        case ReplyFault::Kind::wrong_length:
            return ModbusFault::Kind::wrong_length;
        case ReplyFault::Kind::wrong_echo:
            return ModbusFault::Kind::wrong_echo;
        case ReplyFault::Kind::wrong_protocol:
            return ModbusFault::Kind::wrong_protocol;
        case ReplyFault::Kind::exception:
            return ModbusFault::Kind::exception;
    }
    throw std::logic_error("reply fault out of range");
}

FramedClient::Turn::Turn(FramedClient& client) : busy_{client.busy_} {
    if (busy_) {
        throw std::logic_error(client.name() + ": two exchanges at once on one channel");
    }
    busy_ = true;
}

ModbusFault FramedClient::fault(ModbusFault::Kind kind, bool request_sent, const std::string& what) const {
    return {kind, {}, request_sent, name() + ": " + what};
}

ReadOutcome FramedClient::read_reply(protocols::ByteView pdu, const protocols::Request& request) const {
    auto parsed = protocols::parse_reply(pdu, request);
    if (auto* words = std::get_if<Words>(&parsed)) {
        return std::move(*words);
    }
    const auto& bad = std::get<ReplyFault>(parsed);
    auto told = fault(fault_kind(bad.kind), true, "answer " + protocols::to_hex(pdu));
    told.code = bad.code;
    return told;
}

ReadOutcome FramedClient::run(std::uint8_t unit, const protocols::Request& request,
                              Milliseconds answer_timeout, Yield yield) {
    if (unit < protocols::kUnitMin || unit > protocols::kUnitMax) {
        throw std::invalid_argument("unit " + std::to_string(unit) + ", must be 1..247");
    }
    const Turn turn{*this};
    const auto pdu = protocols::encode_request(request);
    return exchange(unit, request, pdu, answer_timeout, yield);
}

ReadOutcome FramedClient::read_registers(std::uint8_t unit, int function, std::uint16_t address,
                                         std::uint16_t count, Milliseconds answer_timeout, Yield yield) {
    if (function != protocols::kReadHolding && function != protocols::kReadInput) {
        throw std::invalid_argument("function " + std::to_string(function) +
                                    " does not read registers, use 3 or 4");
    }
    return run(unit, protocols::ReadRequest{static_cast<std::uint8_t>(function), address, count},
               answer_timeout, yield);
}

WriteOutcome FramedClient::write_registers(std::uint8_t unit, std::uint16_t address, const Words& words,
                                           Milliseconds answer_timeout, Yield yield) {
    auto outcome = run(unit, protocols::WriteRequest{address, words}, answer_timeout, yield);
    if (auto* bad = std::get_if<ModbusFault>(&outcome)) {
        return std::move(*bad);
    }
    return Acknowledged{};
}

WriteOutcome FramedClient::vendor_write(std::uint8_t unit, const protocols::VendorWriteRequest& request,
                                        Milliseconds answer_timeout, Yield yield) {
    auto outcome = run(unit, request, answer_timeout, yield);
    if (auto* bad = std::get_if<ModbusFault>(&outcome)) {
        return std::move(*bad);
    }
    return Acknowledged{};
}

}  // namespace wutong::collector
