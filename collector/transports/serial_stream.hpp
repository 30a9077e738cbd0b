#pragma once

#include "collector/platform/serial_port.hpp"
#include "collector/transports/byte_stream.hpp"
#include "collector/transports/timed_io.hpp"

namespace wutong::collector {

/// A serial port, or a pseudo-terminal.
class SerialStream final : public ByteStream {
public:
    /// @param turnaround  extra silence before a request, for line drivers that let go of the bus slowly
    SerialStream(const boost::asio::any_io_executor& executor, std::string path, SerialSettings settings,
                 std::chrono::microseconds turnaround = std::chrono::microseconds{0});
    ~SerialStream() override;

    StreamResult open(Deadline deadline, Yield yield) override;
    void close() override;
    [[nodiscard]] bool is_open() const override { return port_.is_open(); }
    StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) override;
    StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    [[nodiscard]] bool reopening_discards() const override { return false; }
    [[nodiscard]] LineTiming timing() const override { return timing_; }
    [[nodiscard]] const std::string& name() const override { return path_; }

private:
    StreamFault closed(const std::string& why);

    std::string path_;
    SerialSettings settings_;
    LineTiming timing_;
    SerialIo port_;
    detail::TimedIo timed_;
};

}  // namespace wutong::collector
