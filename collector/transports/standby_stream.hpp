#pragma once

#include <functional>
#include <memory>

#include "collector/transports/byte_stream.hpp"

namespace wutong::collector {

struct StandbyRules {
    /// Questions without a single byte in answer for so long, at least two of them: the path is taken for
    /// dead. Doubled with each change that brought no answer either, so that a bus of dead meters does not
    /// swing for ever.
    std::chrono::milliseconds silence_first{2'500};
    std::chrono::milliseconds silence_max{600'000};
    /// Waiting for bytes that don't come, over all questions: however long the time-outs are, the other path
    /// is tried then. Grows with the silence.
    std::chrono::milliseconds waiting_max{4'200};
    /// For opening one path before the other is tried.
    std::chrono::milliseconds open_within{1'500};
    /// How long the standby path is kept before the main one is looked at, beside the traffic; doubled while
    /// the main path opens and then stays silent.
    std::chrono::milliseconds return_first{15'000};
    std::chrono::milliseconds return_max{600'000};
};

/// Two paths to the same bus, one at a time. What goes wrong on one (it can't be opened, is closed, or is
/// silent) is answered with the other, and it goes back to the main path by itself when that can be opened
/// again.
class StandbyStream final : public ByteStream {
public:
    /// @param tell  on each change; from the stream's executor
    StandbyStream(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> main,
                  std::unique_ptr<ByteStream> standby, StandbyRules rules,
                  std::function<void(bool on_standby)> tell);
    ~StandbyStream() override;

    StreamResult open(Deadline deadline, Yield yield) override;
    void close() override;
    [[nodiscard]] bool is_open() const override;
    StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) override;
    StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    [[nodiscard]] bool reopening_discards() const override;
    [[nodiscard]] LineTiming timing() const override;
    [[nodiscard]] bool can_set_speed() const override;
    StreamResult set_speed(int baud) override;
    [[nodiscard]] const std::string& name() const override;
    [[nodiscard]] bool on_standby() const { return on_standby_; }

private:
    struct Paths;
    [[nodiscard]] ByteStream& current() const;
    void change(bool to_standby);
    void heard();
    void look_at_main();
    [[nodiscard]] std::chrono::nanoseconds patience() const;
    StreamResult try_path(bool standby, Deadline deadline, Yield yield);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<Paths> paths_;  ///< shared with the look at the main path
    StandbyRules rules_;
    std::function<void(bool)> tell_;
    bool on_standby_ = false;
    int unanswered_ = 0;
    Deadline asked_at_{};  ///< the first question without an answer
    std::chrono::nanoseconds waited_{0};
    std::chrono::milliseconds silence_;
    std::chrono::milliseconds return_after_;
    Deadline look_at_{};
    Deadline main_since_{};
};

}  // namespace wutong::collector
