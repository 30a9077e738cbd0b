#pragma once

#include "collector/protocols/modbus_tcp.hpp"
#include "collector/transports/framed_client.hpp"

namespace wutong::collector {

struct TcpClientOptions {
    std::chrono::milliseconds open_timeout{3'000};
};

/// Modbus TCP. Each question has a number that its answer repeats, so late answers are known and skipped, and
/// nothing has to be waited for: clear_at() is always in the past.
class TcpClient final : public FramedClient {
public:
    TcpClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
              TcpClientOptions options = {});

    [[nodiscard]] Deadline clear_at(std::uint8_t /*unit*/, int /*function*/) const override { return {}; }
    void close() override;

protected:
    ReadOutcome exchange(std::uint8_t unit, const protocols::Request& request,
                         protocols::ByteView request_pdu, Milliseconds answer_timeout, Yield yield) override;

private:
    std::optional<ModbusFault> open(Yield yield);

    TcpClientOptions options_;
    protocols::TcpDeframer deframer_;
    std::uint16_t transaction_ = 0;
};

}  // namespace wutong::collector
