#pragma once

#include <boost/asio/steady_timer.hpp>

#include "simulator/recording.hpp"
#include "simulator/wire.hpp"

namespace wutong::simulator {

/// A line that says again what was recorded: to each question that is in the recording, the answer that came
/// then, after as long as it took then, piece by piece. Other questions get silence and are counted as bad
/// frames.
class ReplayLine final : public Wire {
public:
    ReplayLine(const boost::asio::any_io_executor& executor, Recording recording, Output output);

    void receive(protocols::ByteView bytes) override;
    void stop() override;
    [[nodiscard]] const LineStats& stats() const override { return stats_; }

private:
    void take_questions();
    void answer(protocols::ByteView question);

    boost::asio::any_io_executor executor_;
    Recording recording_;
    Output output_;
    protocols::Bytes heard_;
    boost::asio::steady_timer silence_;
    LineStats stats_;
    bool stopped_ = false;
};

}  // namespace wutong::simulator
