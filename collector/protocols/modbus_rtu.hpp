#pragma once

#include <optional>
#include <variant>

#include "collector/protocols/framing.hpp"
#include "collector/protocols/modbus_pdu.hpp"

/// The serial line envelope: unit, PDU, CRC.
namespace wutong::protocols {

inline constexpr std::size_t kRtuFrameMax = 256;
inline constexpr std::uint8_t kUnitMin = 1;
inline constexpr std::uint8_t kUnitMax = 247;

/// @throws std::invalid_argument when the PDU is empty or longer than 253 bytes
[[nodiscard]] Bytes encode_rtu(std::uint8_t unit, ByteView pdu);

struct RtuFrame {
    std::uint8_t unit = 0;
    Bytes pdu;
    friend bool operator==(const RtuFrame&, const RtuFrame&) = default;
};

/// The reply that a client waits for. The line itself has no lengths: they follow from the question.
struct ExpectedReply {
    std::uint8_t unit = 0;
    ReplyShape shape;
    friend bool operator==(const ExpectedReply&, const ExpectedReply&) = default;
};

/// Is what has come so far the beginning of the expected reply (or of its exception)? Faults are told at the
/// first byte that can't belong to it. Pure, so a client can try several expectations on the same bytes.
[[nodiscard]] std::variant<NeedMore, FrameComplete, ReplyFault::Kind> match_reply(
    ByteView received, const ExpectedReply& expected);

/// Client side, byte by byte or in any pieces. One reply, then it is used up.
class ReplyDeframer {
public:
    explicit ReplyDeframer(ExpectedReply expected) : expected_{expected} {}
    /// Bytes after the end of the frame are counted in surplus() and otherwise ignored.
    std::variant<NeedMore, RtuFrame, ReplyFault::Kind> feed(ByteView bytes);
    [[nodiscard]] std::size_t received() const { return buffer_.size(); }
    [[nodiscard]] std::size_t surplus() const { return surplus_; }

private:
    ExpectedReply expected_;
    Bytes buffer_;
    std::size_t surplus_ = 0;
};

/// Device side. Frames of functions with a known length are told as soon as they are complete; others, and
/// resynchronising after a bad frame, need the line's silence (3.5 characters), which the caller has to
/// report.
class RequestDeframer {
public:
    void feed(ByteView bytes);
    /// The next complete request. Call until it is empty.
    [[nodiscard]] std::optional<RtuFrame> next();
    /// The line was silent: what is left is a frame if its CRC holds (then next() tells it), else it is
    /// dropped.
    void silence();
    [[nodiscard]] std::size_t faults() const { return faults_; }  ///< frames dropped for CRC or length
    /// Bytes of a frame that isn't complete, or that are being skipped: silence() has work to do.
    [[nodiscard]] bool busy() const { return skipping_ || !buffer_.empty(); }

private:
    void skip_until_silence();

    Bytes buffer_;
    bool skipping_ = false;
    bool silent_ = false;
    std::size_t faults_ = 0;
};

/// Bytes of a whole request as far as its beginning tells: 0 = more bytes are needed to know,
/// nullopt = this function's length is known by silence only.
[[nodiscard]] std::optional<std::size_t> request_frame_length(ByteView received);

}  // namespace wutong::protocols
