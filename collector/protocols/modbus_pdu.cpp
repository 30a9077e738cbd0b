#include "collector/protocols/modbus_pdu.hpp"

#include <stdexcept>

namespace wutong::protocols {
namespace {

constexpr std::uint32_t kRegisters = 0x10000;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void require_span(std::uint16_t address, std::size_t count, std::size_t count_max, const char* what) {
    if (count == 0 || count > count_max) {
        throw std::invalid_argument(std::string{what} + ": " + std::to_string(count) +
                                    " registers, must be 1.." + std::to_string(count_max));
    }
    if (address + count > kRegisters) {
        throw std::invalid_argument(std::string{what} + ": " + std::to_string(count) + " registers from " +
                                    std::to_string(address) + " run past register 65535");
    }
}

std::variant<Request, ExceptionCode> parse_read(ByteView pdu) {
    if (pdu.size() != 5) {
        return ExceptionCode::illegal_value;
    }
    const ReadRequest request{pdu[0], read_u16(pdu, 1), read_u16(pdu, 3)};
    if (request.count == 0 || request.count > kReadRegistersMax) {
        return ExceptionCode::illegal_value;
    }
    if (std::uint32_t{request.address} + request.count > kRegisters) {
        return ExceptionCode::illegal_address;
    }
    return request;
}

/// 10h and 20h: address, count, byte count, data.
std::variant<Request, ExceptionCode> parse_write(ByteView pdu) {
    if (pdu.size() < 6) {
        return ExceptionCode::illegal_value;
    }
    const auto address = read_u16(pdu, 1);
    const std::size_t count = read_u16(pdu, 3);
    if (count == 0 || count > kWriteRegistersMax || pdu[5] != count * 2 || pdu.size() != 6 + count * 2) {
        return ExceptionCode::illegal_value;
    }
    if (pdu[0] == kVendorWrite) {
        return VendorWriteRequest{address, Bytes(pdu.begin() + 6, pdu.end())};
    }
    if (address + count > kRegisters) {
        return ExceptionCode::illegal_address;
    }
    WriteRequest request{address, {}};
    for (std::size_t i = 0; i < count; ++i) {
        request.words.push_back(read_u16(pdu, 6 + i * 2));
    }
    return request;
}

}  // namespace

std::string to_string(ExceptionCode code) {
    switch (code) {
        case ExceptionCode::illegal_function:
            return "illegal function (01)";
        case ExceptionCode::illegal_address:
            return "illegal address (02)";
        case ExceptionCode::illegal_value:
            return "illegal value (03)";
        case ExceptionCode::device_failure:
            return "device failure (04)";
        case ExceptionCode::acknowledge:
            return "acknowledge (05)";
        case ExceptionCode::device_busy:
            return "device busy (06)";
        case ExceptionCode::gateway_path:
            return "gateway path unavailable (0A)";
        case ExceptionCode::gateway_target:
            return "gateway target does not answer (0B)";
    }
    const auto byte = static_cast<std::uint8_t>(code);
    return "exception " + to_hex(ByteView{&byte, 1});
}

const char* to_string(ReplyFault::Kind kind) {
    switch (kind) {
        case ReplyFault::Kind::crc:
            return "crc";
        case ReplyFault::Kind::wrong_unit:
            return "wrong_unit";
        case ReplyFault::Kind::wrong_function:
            return "wrong_function";
        case ReplyFault::Kind::wrong_length:
            return "wrong_length";
        case ReplyFault::Kind::wrong_echo:
            return "wrong_echo";
        case ReplyFault::Kind::wrong_protocol:
            return "wrong_protocol";
        case ReplyFault::Kind::exception:
            return "exception";
    }
    return "unknown";
}

Bytes encode_request(const Request& request) {
    Bytes pdu;
    std::visit(
        Overloaded{
            [&](const ReadRequest& read) {
                if (read.function != kReadHolding && read.function != kReadInput) {
                    throw std::invalid_argument("read: function " + std::to_string(read.function) +
                                                " does not read registers, use 3 or 4");
                }
                require_span(read.address, read.count, kReadRegistersMax, "read");
                pdu.push_back(read.function);
                append_u16(pdu, read.address);
                append_u16(pdu, read.count);
            },
            [&](const WriteRequest& write) {
                require_span(write.address, write.words.size(), kWriteRegistersMax, "write");
                pdu.push_back(kWriteRegisters);
                append_u16(pdu, write.address);
                append_u16(pdu, static_cast<std::uint16_t>(write.words.size()));
                pdu.push_back(static_cast<std::uint8_t>(write.words.size() * 2));
                for (const auto word : write.words) {
                    append_u16(pdu, word);
                }
            },
            [&](const VendorWriteRequest& write) {
                if (write.data.empty() || write.data.size() % 2 != 0 || write.data.size() > kVendorBytesMax) {
                    throw std::invalid_argument("function 20h: " + std::to_string(write.data.size()) +
                                                " bytes, must be an even number from 2 to 246");
                }
                pdu.push_back(kVendorWrite);
                append_u16(pdu, write.address);
                append_u16(pdu, static_cast<std::uint16_t>(write.data.size() / 2));
                pdu.push_back(static_cast<std::uint8_t>(write.data.size()));
                pdu.insert(pdu.end(), write.data.begin(), write.data.end());
            },
        },
        request);
    return pdu;
}

std::variant<Request, ExceptionCode> parse_request(ByteView pdu) {
    if (pdu.empty()) {
        return ExceptionCode::illegal_function;
    }
    switch (pdu[0]) {
        case kReadHolding:
        case kReadInput:
            return parse_read(pdu);
        case kWriteRegisters:
        case kVendorWrite:
            return parse_write(pdu);
        default:
            return ExceptionCode::illegal_function;
    }
}

ReplyShape reply_shape(const Request& request) {
    return std::visit(Overloaded{
                          [](const ReadRequest& read) {
                              return ReplyShape{read.function, 2 + std::size_t{read.count} * 2};
                          },
                          [](const WriteRequest&) {
                              return ReplyShape{kWriteRegisters, 5};
                          },
                          [](const VendorWriteRequest&) {
                              return ReplyShape{kVendorWrite, kVendorReplyPdu};
                          },
                      },
                      request);
}

std::variant<Words, ReplyFault> parse_reply(ByteView pdu, const Request& request) {
    const auto shape = reply_shape(request);
    if (pdu.empty()) {
        return ReplyFault{ReplyFault::Kind::wrong_length};
    }
    if (pdu[0] == (shape.function | kExceptionBit)) {
        if (pdu.size() != 2) {
            return ReplyFault{ReplyFault::Kind::wrong_length};
        }
        return ReplyFault{ReplyFault::Kind::exception, ExceptionCode{pdu[1]}};
    }
    if (pdu[0] != shape.function) {
        return ReplyFault{ReplyFault::Kind::wrong_function};
    }
    if (pdu.size() != shape.pdu_length) {
        return ReplyFault{ReplyFault::Kind::wrong_length};
    }
    Words words;
    if (const auto* read = std::get_if<ReadRequest>(&request)) {
        if (pdu[1] != read->count * 2) {
            return ReplyFault{ReplyFault::Kind::wrong_length};
        }
        for (std::size_t i = 0; i < read->count; ++i) {
            words.push_back(read_u16(pdu, 2 + i * 2));
        }
    } else if (const auto* write = std::get_if<WriteRequest>(&request)) {
        if (read_u16(pdu, 1) != write->address || read_u16(pdu, 3) != write->words.size()) {
            return ReplyFault{ReplyFault::Kind::wrong_echo};
        }
    }
    return words;
}

Bytes encode_read_reply(std::uint8_t function, const Words& words) {
    require_span(0, words.size(), kReadRegistersMax, "read reply");
    Bytes pdu{function, static_cast<std::uint8_t>(words.size() * 2)};
    for (const auto word : words) {
        append_u16(pdu, word);
    }
    return pdu;
}

Bytes encode_write_reply(std::uint16_t address, std::uint16_t count) {
    Bytes pdu{kWriteRegisters};
    append_u16(pdu, address);
    append_u16(pdu, count);
    return pdu;
}

Bytes encode_vendor_reply(const VendorWriteRequest& request) {
    Bytes pdu{kVendorWrite};
    append_u16(pdu, request.address);
    append_u16(pdu, static_cast<std::uint16_t>(request.data.size() / 2));
    pdu.push_back(static_cast<std::uint8_t>(request.data.size()));
    pdu.resize(kVendorReplyPdu, 0);
    return pdu;
}

Bytes encode_exception(std::uint8_t function, ExceptionCode code) {
    return Bytes{static_cast<std::uint8_t>(function | kExceptionBit), static_cast<std::uint8_t>(code)};
}

}  // namespace wutong::protocols
