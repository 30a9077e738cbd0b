#pragma once

#include "collector/transports/framed_client.hpp"
#include "collector/transports/late_answers.hpp"

namespace wutong::collector {

struct RtuOptions {
    std::chrono::milliseconds open_timeout{3'000};
    /// How long after its time-out an answer may still come. A question with the same unit and function waits
    /// for so long.
    std::chrono::milliseconds late_answer_window{1'500};
    /// After rubbish the line counts as in step again when it was silent for so long …
    std::chrono::milliseconds resync_silence{30};
    /// … and is given up after so long (a connection is then closed).
    std::chrono::milliseconds resync_max{500};
};

/// RTU frames over any stream: serial ports, serial servers (RTU over TCP). Frames of other protocols take
/// the same way, so that a bus may mix them.
class RtuClient final : public FramedClient {
public:
    RtuClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
              RtuOptions options = {});

    [[nodiscard]] Deadline clear_at(std::uint8_t unit, int function) const override;
    FrameOutcome exchange_frames(const FrameExchange& exchange, Milliseconds answer_timeout,
                                 Yield yield) override;
    [[nodiscard]] Deadline frames_clear_at(const std::string& key) const override;
    void close() override;

protected:
    ReadOutcome exchange(std::uint8_t unit, const protocols::Request& request,
                         protocols::ByteView request_pdu, Milliseconds answer_timeout, Yield yield) override;

private:
    using MaybeFault = std::optional<ModbusFault>;

    /// A question under way.
    struct Asked {
        Deadline deadline;    ///< of its answer
        Deadline owed_until;  ///< when an answer that is late is given up
        Deadline ends_at;     ///< one that goes on for long ends here
    };

    /// What goes out, and what has to be known of it.
    struct Sent {
        protocols::ByteView frame;
        const std::string& key;
        std::size_t answer_bytes = 0;
        std::chrono::nanoseconds pause{0};
        int baud = 0;
    };

    MaybeFault open(Yield yield);
    MaybeFault await_owed_answer(const std::string& key, Yield yield);
    MaybeFault await_silence(std::chrono::nanoseconds pause, Yield yield);
    /// One question of an exchange and its answer. @param received what came after the answer before, and is
    /// left of this
    FrameOutcome ask_frame(const FrameExchange& exchange, Milliseconds answer_timeout,
                           protocols::Bytes& received, Yield yield);
    MaybeFault set_speed(int baud);
    /// Everything up to the last byte of the question. @param asked filled as soon as anything may have gone
    /// out
    MaybeFault send(const Sent& question, Milliseconds answer_timeout, Asked& asked, Yield yield);
    ReadOutcome receive(const protocols::ExpectedReply& expected, const protocols::Request& request,
                        const Asked& asked, Yield yield);
    FrameOutcome receive_frame(const FrameExchange& exchange, Asked asked, protocols::Bytes& received,
                               Yield yield);
    /// More of what was received, or why no more comes.
    StreamResult read_more(protocols::Bytes& received, Deadline deadline, Yield yield);
    /// No answer, or none that can be believed.
    ModbusFault give_up(ModbusFault::Kind kind, protocols::ByteView received, Yield yield);
    void resynchronise(Yield yield);
    bool skip_owed(protocols::Bytes& received);

    RtuOptions options_;
    LateAnswers late_;
    Deadline last_activity_{};  ///< when the last byte was on the line, as far as we know
};

}  // namespace wutong::collector
