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

/// RTU frames over any stream: serial ports, serial servers (RTU over TCP).
class RtuClient final : public FramedClient {
public:
    RtuClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
              RtuOptions options = {});

    [[nodiscard]] Deadline clear_at(std::uint8_t unit, int function) const override;
    void close() override;

protected:
    ReadOutcome exchange(std::uint8_t unit, const protocols::Request& request,
                         protocols::ByteView request_pdu, Milliseconds answer_timeout, Yield yield) override;

private:
    using MaybeFault = std::optional<ModbusFault>;

    MaybeFault open(Yield yield);
    MaybeFault await_owed_answer(std::uint8_t unit, std::uint8_t function, Yield yield);
    MaybeFault await_silence(Yield yield);
    ReadOutcome receive(const protocols::ExpectedReply& expected, const protocols::Request& request,
                        Deadline deadline, Yield yield);
    ReadOutcome give_up(ModbusFault::Kind kind, const protocols::ExpectedReply& expected,
                        protocols::ByteView received, Yield yield);
    void resynchronise(Yield yield);
    bool skip_owed(protocols::Bytes& received);

    RtuOptions options_;
    LateAnswers late_;
    Deadline last_activity_{};  ///< when the last byte was on the line, as far as we know
    Deadline owed_until_{};     ///< for the request under way: when its answer would be given up
};

}  // namespace wutong::collector
