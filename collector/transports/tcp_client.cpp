#include "collector/transports/tcp_client.hpp"

#include <array>

namespace wutong::collector {

TcpClient::TcpClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
                     TcpClientOptions options)
    : FramedClient{executor, std::move(stream)}, options_{options} {}

void TcpClient::close() {
    stream_->close();
    deframer_.reset();
}

std::optional<ModbusFault> TcpClient::open(Yield yield) {
    // What came since the last exchange stays in the deframer: half a frame thrown away would put us out of
    // step.
    protocols::Bytes pending;
    stream_->take_pending(&pending);
    deframer_.feed(pending);
    while (deframer_.next()) {
    }
    if (deframer_.out_of_step()) {
        stream_->close();
    }
    if (stream_->is_open()) {
        return std::nullopt;
    }
    deframer_.reset();
    const auto opened = stream_->open(Monotonic::now() + options_.open_timeout, yield);
    if (const auto* why = std::get_if<StreamFault>(&opened)) {
        return closed(*why, false);
    }
    return std::nullopt;
}

ReadOutcome TcpClient::exchange(std::uint8_t unit, const protocols::Request& request,
                                protocols::ByteView request_pdu, Milliseconds answer_timeout, Yield yield) {
    if (auto why = open(yield)) {
        return std::move(*why);
    }
    // 65 535 exchanges until a number comes again; zero is left out, since it is what careless gateways
    // answer with.
    transaction_ = transaction_ == 0xFFFF ? std::uint16_t{1} : static_cast<std::uint16_t>(transaction_ + 1);
    const auto frame =
        protocols::encode_tcp({transaction_, unit, protocols::Bytes(request_pdu.begin(), request_pdu.end())});
    const auto deadline = Monotonic::now() + answer_timeout;
    const auto written = stream_->write(frame, deadline, yield);
    if (const auto* why = std::get_if<StreamFault>(&written)) {
        deframer_.reset();
        return closed(*why, true);
    }
    std::size_t skipped = 0;
    std::array<std::uint8_t, protocols::kTcpFrameMax> chunk{};
    for (;;) {
        const auto result = stream_->read_some(chunk, deadline, yield);
        if (const auto* why = std::get_if<StreamFault>(&result)) {
            if (why->kind == StreamFault::Kind::closed) {
                deframer_.reset();
                return closed(*why, true);
            }
            if (deframer_.pending() > 0) {
                close();  // the rest of a torn frame would have to be waited for; a new connection is in step
                return fault(ModbusFault::Kind::torn, true, "an answer did not end in time");
            }
            return skipped > 0
                       ? fault(ModbusFault::Kind::wrong_transaction, true,
                               std::to_string(skipped) + " answers to other questions, none to number " +
                                   std::to_string(transaction_))
                       : fault(ModbusFault::Kind::timeout, true, "silence");
        }
        deframer_.feed(protocols::ByteView{chunk}.first(std::get<std::size_t>(result)));
        while (const auto answer = deframer_.next()) {
            if (answer->transaction != transaction_) {
                ++skipped;
                continue;
            }
            if (answer->unit != unit) {
                return fault(ModbusFault::Kind::wrong_unit, true,
                             "answer of unit " + std::to_string(answer->unit));
            }
            return read_reply(answer->pdu, request);
        }
        if (deframer_.out_of_step()) {
            close();
            return fault(ModbusFault::Kind::wrong_protocol, true, "what came is not Modbus TCP");
        }
        // A peer that keeps answering other questions must not hold us longer than we wanted to wait.
        if (Monotonic::now() >= deadline) {
            return fault(ModbusFault::Kind::wrong_transaction, true,
                         std::to_string(skipped) + " answers to other questions");
        }
    }
}

}  // namespace wutong::collector
