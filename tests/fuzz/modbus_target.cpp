#include "collector/protocols/acrel_frames.hpp"
#include "collector/protocols/modbus_rtu.hpp"
#include "collector/protocols/modbus_tcp.hpp"
#include "fuzz/targets.hpp"

namespace wutong::fuzz {
namespace {

using namespace protocols;

void device_reads(ByteView pdu) {
    const auto parsed = parse_request(pdu);
    if (const auto* request = std::get_if<Request>(&parsed)) {
        const auto again = parse_request(encode_request(*request));
        hold(std::holds_alternative<Request>(again) && std::get<Request>(again) == *request,
             "a request that was read is written as the same");
    }
}

}  // namespace

void modbus(ByteView bytes) {
    device_reads(bytes);
    const Request kAsked[] = {ReadRequest{kReadHolding, 0x200, 4}, WriteRequest{0x57, {1, 0}},
                              VendorWriteRequest{0x200, Bytes(60)}};
    for (const auto& request : kAsked) {
        static_cast<void>(parse_reply(bytes, request));
        const auto told = match_reply(bytes, {1, reply_shape(request)});
        if (const auto* complete = std::get_if<FrameComplete>(&told)) {
            hold(complete->length <= bytes.size(), "a reply lies inside the bytes");
        }
        ReplyDeframer deframer{{1, reply_shape(request)}};
        static_cast<void>(deframer.feed(bytes));
        hold(deframer.received() <= kRtuFrameMax, "a reply's buffer has an end");
    }
    // In two pieces, as a line gives them.
    RequestDeframer device;
    TcpDeframer tcp;
    const auto half = bytes.size() / 2;
    for (const auto piece : {bytes.first(half), bytes.subspan(half)}) {
        device.feed(piece);
        while (const auto frame = device.next()) {
            device_reads(frame->pdu);
        }
        tcp.feed(piece);
        while (const auto frame = tcp.next()) {
            hold(frame->pdu.size() <= kPduMax, "a PDU has 253 bytes at most");
            device_reads(frame->pdu);
        }
    }
    device.silence();
    static_cast<void>(device.next());
    static_cast<void>(request_frame_length(bytes));
}

void acrel(ByteView bytes) {
    if (bytes.size() < 2) {
        return;
    }
    const auto data = bytes.subspan(2);
    const VendorWriteRequest vendor{read_u16(bytes, 0), {data.begin(), data.end()}};
    if (const auto money = decode_money(vendor); std::holds_alternative<MoneyCommand>(money)) {
        const auto again = decode_money(encode_money(std::get<MoneyCommand>(money)));
        hold(std::holds_alternative<MoneyCommand>(again) &&
                 std::get<MoneyCommand>(again) == std::get<MoneyCommand>(money),
             "a money command that was read is written as the same");
    }
    if (const auto load = decode_load(vendor); std::holds_alternative<DecodedLoad>(load)) {
        const auto& told = std::get<DecodedLoad>(load);
        const auto again = decode_load(encode_load(told.command, told.relay));
        hold(std::holds_alternative<DecodedLoad>(again) &&
                 std::get<DecodedLoad>(again).command == told.command,
             "a load command that was read is written as the same");
    }
    if (const auto clock = decode_clock(vendor); std::holds_alternative<MeterClock>(clock)) {
        hold(std::get<MeterClock>(decode_clock(encode_clock(std::get<MeterClock>(clock)))) ==
                 std::get<MeterClock>(clock),
             "a clock that was read is written as the same");
    }
    WriteRequest write{read_u16(bytes, 0), {}};
    for (std::size_t at = 2; at + 1 < bytes.size(); at += 2) {
        write.words.push_back(read_u16(bytes, at));
    }
    static_cast<void>(decode_relay(write));
}

}  // namespace wutong::fuzz
