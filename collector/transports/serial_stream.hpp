#pragma once

#include "collector/platform/serial_port.hpp"
#include "collector/transports/device_stream.hpp"

namespace wutong::collector {

/// A serial port, or a pseudo-terminal.
class SerialStream final : public detail::DeviceStream<SerialIo> {
public:
    /// @param turnaround  extra silence before a request, for line drivers that let go of the bus slowly
    SerialStream(const boost::asio::any_io_executor& executor, std::string path, SerialSettings settings,
                 std::chrono::microseconds turnaround = std::chrono::microseconds{0});

    StreamResult open(Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    [[nodiscard]] bool reopening_discards() const override { return false; }
    [[nodiscard]] bool can_set_speed() const override { return true; }
    StreamResult set_speed(int baud) override;

private:
    SerialSettings settings_;
    std::chrono::microseconds turnaround_;
    int speed_ = 0;  ///< other than configured
};

}  // namespace wutong::collector
