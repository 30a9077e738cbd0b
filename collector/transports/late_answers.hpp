#pragma once

#include <string>
#include <vector>

#include "collector/protocols/modbus_rtu.hpp"
#include "collector/transports/byte_stream.hpp"
#include "collector/transports/frame_exchange.hpp"

namespace wutong::collector {

/// Answers that are still owed on a line whose frames carry no number. An RTU answer names its unit and
/// function, so the late answer of another unit, or to another function, is known for what it is when it
/// comes. One with the same unit and function isn't (an exception has not even a length of its own): until it
/// has come, or its time is over, such a question must not be asked. Frames of other protocols are known by
/// their matcher, and told apart by their key.
class LateAnswers {
public:
    /// @param until  after this the answer is given up
    void expect(const protocols::ExpectedReply& answer, Deadline until);
    void expect(const FrameExchange& exchange, Deadline until);
    /// The answer has come.
    void settle(std::uint8_t unit, std::uint8_t function) { settle(key_of(unit, function)); }
    void settle(const std::string& key);
    /// Drops those whose time is over.
    void expire(Deadline now);
    void clear() { owed_.clear(); }

    [[nodiscard]] bool owed(std::uint8_t unit, std::uint8_t function) const {
        return owed(key_of(unit, function));
    }
    [[nodiscard]] bool owed(const std::string& key) const;
    /// Time zero when nothing is owed.
    [[nodiscard]] Deadline clear_at(std::uint8_t unit, std::uint8_t function) const {
        return clear_at(key_of(unit, function));
    }
    [[nodiscard]] Deadline clear_at(const std::string& key) const;

    struct Recognised {
        enum class Verdict { none, need_more, complete } verdict = Verdict::none;
        std::size_t length = 0;  ///< bytes to skip when complete
        std::string key;
    };
    /// Do these bytes begin with an answer that is owed?
    [[nodiscard]] Recognised recognise(protocols::ByteView received) const;

    /// The key of registers' answers; no protocol of frames begins its keys with "modbus ".
    [[nodiscard]] static std::string key_of(std::uint8_t unit, std::uint8_t function) {
        return "modbus " + std::to_string(unit) + ' ' + std::to_string(function);
    }

private:
    struct Owed {
        std::string key;
        FrameMatcher match;
        Deadline until;
    };
    std::vector<Owed> owed_;  ///< one for each key at most
};

}  // namespace wutong::collector
