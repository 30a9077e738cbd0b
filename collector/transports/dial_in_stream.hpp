#pragma once

#include <boost/asio/steady_timer.hpp>

#include "collector/transports/dial_in_link.hpp"

namespace wutong::collector {

/// One bus behind a gateway that dialled in. Opening waits for the gateway; closing leaves its link alone,
/// since nobody but the gateway can open it again.
class DialInStream final : public ByteStream {
public:
    DialInStream(std::shared_ptr<DialInHub> hub, const boost::asio::any_io_executor& executor,
                 core::DialInName name, std::shared_ptr<DialInSlot> slot, LineTiming timing);
    ~DialInStream() override;

    StreamResult open(Deadline deadline, Yield yield) override;
    void close() override { open_ = false; }
    [[nodiscard]] bool is_open() const override;
    StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) override;
    StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) override;
    std::size_t take_pending(protocols::Bytes* into) override;
    [[nodiscard]] bool reopening_discards() const override { return false; }
    [[nodiscard]] LineTiming timing() const override { return timing_; }
    [[nodiscard]] const std::string& name() const override { return shown_; }

private:
    /// The link that this stream was opened on, if it is still there. @pre the slot's mutex is held
    [[nodiscard]] bool linked() const { return open_ && slot_->link && slot_->generation == generation_; }
    StreamFault gone();
    void wait(Deadline deadline, Yield yield);

    std::shared_ptr<DialInHub> hub_;
    core::DialInName name_;
    std::string shown_;
    std::shared_ptr<DialInSlot> slot_;
    LineTiming timing_;
    std::shared_ptr<boost::asio::steady_timer> timer_;
    bool open_ = false;
    std::uint64_t generation_ = 0;
};

}  // namespace wutong::collector
