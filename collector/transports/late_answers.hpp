#pragma once

#include <vector>

#include "collector/protocols/modbus_rtu.hpp"
#include "collector/transports/byte_stream.hpp"

namespace wutong::collector {

/// Answers that are still owed on a line whose frames carry no number. An RTU answer names its unit and
/// function, so the late answer of another unit, or to another function, is known for what it is when it
/// comes. One with the same unit and function isn't (an exception has not even a length of its own): until it
/// has come, or its time is over, such a question must not be asked.
class LateAnswers {
public:
    /// @param until  after this the answer is given up
    void expect(const protocols::ExpectedReply& answer, Deadline until);
    /// The answer to this unit and function has come.
    void settle(std::uint8_t unit, std::uint8_t function);
    /// Drops those whose time is over.
    void expire(Deadline now);
    void clear() { owed_.clear(); }

    [[nodiscard]] bool owed(std::uint8_t unit, std::uint8_t function) const;
    /// Time zero when nothing is owed.
    [[nodiscard]] Deadline clear_at(std::uint8_t unit, std::uint8_t function) const;

    struct Recognised {
        enum class Verdict { none, need_more, complete } verdict = Verdict::none;
        std::size_t length = 0;  ///< bytes to skip when complete
        std::uint8_t unit = 0;
        std::uint8_t function = 0;
    };
    /// Do these bytes begin with an answer that is owed?
    [[nodiscard]] Recognised recognise(protocols::ByteView received) const;

private:
    struct Owed {
        protocols::ExpectedReply answer;
        Deadline until;
    };
    std::vector<Owed> owed_;  ///< one for each unit and function at most
};

}  // namespace wutong::collector
