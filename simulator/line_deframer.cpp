#include "simulator/line_deframer.hpp"

#include <stdexcept>
#include <variant>

#include "collector/protocols/cjt188.hpp"
#include "collector/protocols/dlms_hdlc.hpp"
#include "collector/protocols/dlms_wrapper.hpp"
#include "collector/protocols/dlt645_frame.hpp"
#include "collector/protocols/iec62056.hpp"
#include "collector/protocols/modbus_rtu.hpp"

namespace wutong::simulator {
namespace {

using protocols::Bytes;
using protocols::ByteView;

class ModbusDeframer : public LineDeframer {
public:
    void feed(ByteView bytes) override { requests_.feed(bytes); }
    std::optional<Bytes> next() override {
        const auto frame = requests_.next();
        return frame ? std::optional{protocols::encode_rtu(frame->unit, frame->pdu)} : std::nullopt;
    }
    void silence() override { requests_.silence(); }
    [[nodiscard]] bool busy() const override { return requests_.busy(); }
    [[nodiscard]] std::size_t faults() const override { return requests_.faults(); }

private:
    protocols::RequestDeframer requests_;
};

using Match = std::variant<protocols::NeedMore, protocols::FrameComplete, protocols::Skip> (*)(ByteView);

/// Protocols whose frames tell where they end.
class MatchDeframer : public LineDeframer {
public:
    /// @param start a skip that begins with it was a bad frame, others are noise and wake-up bytes
    /// @param ends_with_silence false on TCP, where a pause says nothing
    MatchDeframer(Match match, std::uint8_t start, std::size_t frame_max, bool ends_with_silence)
        : match_{match}, start_{start}, frame_max_{frame_max}, ends_with_silence_{ends_with_silence} {}

    void feed(ByteView bytes) override {
        // Two whole frames at most: a client has one question under way, the rest is a flood.
        if (buffer_.size() + bytes.size() > 2 * frame_max_) {
            buffer_.clear();
            ++faults_;
            return;
        }
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
    std::optional<Bytes> next() override {
        while (true) {
            const auto told = match_(buffer_);
            if (const auto* complete = std::get_if<protocols::FrameComplete>(&told)) {
                const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(complete->length);
                Bytes frame{buffer_.begin(), end};
                buffer_.erase(buffer_.begin(), end);
                return frame;
            }
            const auto* skip = std::get_if<protocols::Skip>(&told);
            if (skip == nullptr) {
                return std::nullopt;
            }
            faults_ += buffer_[0] == start_ ? 1U : 0U;
            buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(skip->bytes));
        }
    }
    void silence() override {
        if (ends_with_silence_ && !buffer_.empty()) {
            // What looked like a beginning was none; a whole frame may be behind it.
            ++faults_;
            buffer_.erase(buffer_.begin());
        }
    }
    [[nodiscard]] bool busy() const override { return ends_with_silence_ && !buffer_.empty(); }
    [[nodiscard]] std::size_t faults() const override { return faults_; }

private:
    Match match_;
    std::uint8_t start_;
    std::size_t frame_max_;
    bool ends_with_silence_;
    Bytes buffer_;
    std::size_t faults_ = 0;
};

}  // namespace

std::unique_ptr<LineDeframer> make_line_deframer(LineFraming framing) {
    switch (framing) {
        case LineFraming::modbus:
            return std::make_unique<ModbusDeframer>();
        case LineFraming::dlt645:
            return std::make_unique<MatchDeframer>(protocols::dlt645::match_frame, std::uint8_t{0x68},
                                                   protocols::dlt645::kFrameMax, true);
        case LineFraming::cjt188:
            return std::make_unique<MatchDeframer>(protocols::cjt188::match_frame, std::uint8_t{0x68},
                                                   protocols::cjt188::kFrameMax, true);
        case LineFraming::hdlc:
            return std::make_unique<MatchDeframer>(protocols::dlms::match_hdlc, std::uint8_t{0x7E},
                                                   protocols::dlms::kHdlcLengthMax + 2, true);
        case LineFraming::dlms_wrapper:
            return std::make_unique<MatchDeframer>(
                protocols::dlms::match_wrapper, std::uint8_t{0x00},
                protocols::dlms::kWrapperHeader + protocols::dlms::kWrapperApduMax, false);
        case LineFraming::iec62056: {
            constexpr std::size_t kLongestQuestion = 128;
            return std::make_unique<MatchDeframer>(protocols::iec62056::match_request,
                                                   static_cast<std::uint8_t>('/' | 0x80), kLongestQuestion,
                                                   true);
        }
    }
    throw std::logic_error("unknown framing of a line");
}

}  // namespace wutong::simulator
