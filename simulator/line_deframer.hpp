#pragma once

#include <memory>
#include <optional>

#include "collector/protocols/bytes.hpp"
#include "simulator/meter_device.hpp"

namespace wutong::simulator {

/// Finds requests in what comes over a line, the devices' side of every protocol.
class LineDeframer {
public:
    virtual ~LineDeframer() = default;
    virtual void feed(protocols::ByteView bytes) = 0;
    /// The next whole request with a good check, envelope included. Call until it is empty.
    [[nodiscard]] virtual std::optional<protocols::Bytes> next() = 0;
    /// The line was silent: an unfinished frame is none.
    virtual void silence() = 0;
    /// Bytes of an unfinished frame wait: silence() has work to do.
    [[nodiscard]] virtual bool busy() const = 0;
    [[nodiscard]] virtual std::size_t faults() const = 0;
};

[[nodiscard]] std::unique_ptr<LineDeframer> make_line_deframer(LineFraming framing);

}  // namespace wutong::simulator
