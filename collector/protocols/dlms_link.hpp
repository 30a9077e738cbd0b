#pragma once

#include <deque>
#include <variant>

#include "collector/protocols/dlms_hdlc.hpp"

/// One HDLC connection with windows of 1, for either side. No input or output and no clock: frames in, what
/// to do out. Long APDUs go in segments; each but the last is acknowledged with RR.
namespace wutong::protocols::dlms {

class HdlcLink {
public:
    enum class Role { client, meter };

    /// @param other client: the meter. meter: ignored, the client is whoever connects
    HdlcLink(Role role, HdlcAddress self, HdlcAddress other, HdlcLimits limits,
             HdlcAddressBytes width = HdlcAddressBytes::shortest);

    // What the client sends; wait for an answer to each. The returned frame is kept: see again().
    [[nodiscard]] Bytes connect();
    [[nodiscard]] Bytes disconnect();
    /// Client: a request. Meter: the answer to the one that came. The rest of a long one follows in take().
    /// @throws std::invalid_argument when the APDU is empty or longer than kApduMax
    [[nodiscard]] Bytes send(ByteView apdu);
    /// The last frame once more, after a time-out.
    [[nodiscard]] const Bytes& again() const { return last_sent_; }

    struct Send {
        Bytes frame;  ///< put this on the line
    };
    struct Connected {};
    struct Disconnected {};
    struct Apdu {
        Bytes apdu;  ///< whole, without its LLC header
    };
    struct Ignored {};  ///< of another meter, or a repetition: go on waiting
    struct Broken {
        std::string reason;  ///< connect anew
    };
    using Step = std::variant<Send, Connected, Disconnected, Apdu, Ignored, Broken>;
    [[nodiscard]] Step take(const HdlcFrame& frame);

    [[nodiscard]] bool connected() const { return connected_; }
    static constexpr std::size_t kApduMax = 65'535;

private:
    [[nodiscard]] Bytes keep(std::uint8_t control, ByteView information, bool segmented = false);
    [[nodiscard]] Bytes next_segment();
    [[nodiscard]] Step take_unnumbered(const HdlcFrame& frame);
    [[nodiscard]] Step take_information(const HdlcFrame& frame);
    void reset();

    Role role_;
    HdlcAddress self_;
    HdlcAddress other_;
    HdlcLimits wanted_;
    HdlcLimits granted_;
    HdlcAddressBytes width_;
    bool connected_ = false;
    bool disconnecting_ = false;
    unsigned send_ = 0;     ///< number of our next I-frame
    unsigned receive_ = 0;  ///< number of the one we expect
    std::deque<Bytes> to_send_;
    Bytes gathered_;
    Bytes last_sent_;
};

}  // namespace wutong::protocols::dlms
