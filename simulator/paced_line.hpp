#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>

#include "simulator/line_deframer.hpp"
#include "simulator/wire.hpp"

namespace wutong::simulator {

/// One RS-485 bus: two wires, half-duplex, bytes take their time.
///
/// Request bytes arrive from a pseudo-terminal or a socket all at once; here they are on the wire one after
/// the other, so a request is complete when its last byte would be. The answer starts one turn-around later,
/// and each of its bytes is put out at the end of its own byte time, counted from the start of the answer:
/// a late wake-up is caught up with, no byte is ever early. Bytes that come while the bus is sending are
/// heard by nobody. Answers wait for each other and for a request that is on the wire, so that a late answer
/// arrives whole - between the next question and its answer, if it so happens.
class PacedLine final : public Wire {
public:
    using Steady = SimClock::Steady;

    /// @param grain put out so many bytes at a time (at least): 1 for a wire, more for a serial server,
    ///              which packs bytes before it sends them on
    PacedLine(const boost::asio::any_io_executor& executor, const LinePlan& plan, Building& building,
              const SimClock& clock, std::size_t grain, Output output);

    void receive(protocols::ByteView bytes) override;
    void stop() override;
    [[nodiscard]] const LineStats& stats() const override { return stats_; }
    [[nodiscard]] int speed() const override { return speed_; }

private:
    void take_frames();
    void watch_silence();
    void on_request(const protocols::Bytes& frame, Steady::time_point wire_end);
    struct Answer {
        protocols::Bytes bytes;
        int baud = 0;  ///< other than the line's
    };
    void queue_answer(Steady::time_point due, Answer answer);
    void wake_sender();
    void send_due_bytes();

    boost::asio::any_io_executor executor_;
    const LinePlan& plan_;
    Building& building_;
    const SimClock& clock_;
    std::size_t grain_;
    Output output_;
    std::chrono::nanoseconds byte_time_;         ///< of questions
    std::chrono::nanoseconds answer_byte_time_;  ///< of the answer that is going out

    std::unique_ptr<LineDeframer> deframer_;
    Steady::time_point wire_end_{};  ///< when the last byte received has passed
    boost::asio::steady_timer silence_timer_;
    std::size_t requests_waiting_ = 0;

    std::multimap<Steady::time_point, Answer> answers_;
    boost::asio::steady_timer send_timer_;
    bool sending_ = false;
    Steady::time_point answer_start_{};
    Steady::time_point line_free_{};
    protocols::Bytes answer_;
    std::size_t sent_ = 0;
    int speed_ = 0;
    bool stopped_ = false;
    LineStats stats_;
};

}  // namespace wutong::simulator
