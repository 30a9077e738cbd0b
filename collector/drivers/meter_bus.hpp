#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "collector/protocols/modbus_pdu.hpp"
#include "collector/transports/frame_exchange.hpp"
#include "collector/transports/message_line.hpp"
#include "core/time.hpp"

namespace wutong::collector {

/// How one exchange with a meter ended.
struct BusReply {
    enum class Kind {
        answered,
        refused,  ///< the meter answered with an exception; nothing was done
        silent,   ///< no answer in time: for a write the outcome is unknown
        garbled,  ///< something came that is not the answer: for a write the outcome is unknown
        away,     ///< the channel itself is down: nothing was sent
    };
    Kind kind = Kind::silent;
    protocols::Words words;  ///< of a read of registers
    protocols::Bytes frame;  ///< the whole answer to a frame; empty for a broadcast
    std::string reason;      ///< for people, when not answered

    [[nodiscard]] bool answered() const { return kind == Kind::answered; }
};

/// A frame on the wire.
struct EvidenceFrame {
    core::Timestamp at;
    bool sent = false;  ///< by us
    std::string hex;    ///< "01 03 02 00 00 30 …"
};

/// May the exchange be repeated when it goes wrong? Never for money: there the meter is looked at first.
enum class Repeat { allowed, never };

/// What a driver keeps of a meter from one call to the next: an association, a counter of frames. It goes
/// with the line and with the process, so a driver must be able to begin without.
class MeterSession {
public:
    MeterSession() = default;
    MeterSession(const MeterSession&) = delete;
    MeterSession& operator=(const MeterSession&) = delete;
    virtual ~MeterSession() = default;
};

struct SessionSlot {
    std::shared_ptr<MeterSession> kept;
};

/// One meter on its bus, as drivers see it. Between two exchanges more urgent work for other meters may have
/// its turn, never for this one.
class MeterBus {
public:
    MeterBus() = default;
    MeterBus(const MeterBus&) = delete;
    MeterBus& operator=(const MeterBus&) = delete;
    virtual ~MeterBus() = default;
    virtual BusReply exchange(const protocols::Request& request, Repeat repeat) = 0;
    /// The same in frames of another protocol. What such a frame says, a refusal perhaps, is for the caller
    /// to read: `refused` means here that the line can't carry it.
    virtual BusReply transact(const FrameExchange& exchange, Repeat repeat);
    /// To a meter that sends by itself: at most once, now or never. `answered` says that it has gone out.
    virtual BusReply publish(const Message& message);
    /// Empty until the meter's driver puts something in. The meter has one for all of its buses.
    virtual std::shared_ptr<MeterSession>& session() { return own_session_.kept; }
    /// Leaves the bus to others for a while.
    virtual void pause(std::chrono::milliseconds duration) = 0;
    [[nodiscard]] virtual core::Timestamp now() const = 0;
    /// What went over the wire since the last call, oldest first, bounded: the newest are kept.
    virtual std::vector<EvidenceFrame> take_frames() = 0;

private:
    SessionSlot own_session_;
};

inline BusReply MeterBus::transact(const FrameExchange& /*exchange*/, Repeat /*repeat*/) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason = "this bus carries Modbus only";
    return reply;
}

inline BusReply MeterBus::publish(const Message& /*message*/) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason = "this bus carries no messages: the meter's channel needs the transport mqtt";
    return reply;
}

}  // namespace wutong::collector
