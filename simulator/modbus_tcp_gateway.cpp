#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "simulator/tcp_connection.hpp"

namespace wutong::simulator {
namespace {

using Steady = SimClock::Steady;
using protocols::ExceptionCode;

constexpr std::size_t kQueueMax = 32;
/// Unit and CRC, which the serial side has and the PDU has not.
constexpr std::size_t kSerialOverhead = 3;

/// Modbus TCP outside, a paced serial bus inside: one transaction at a time, the others wait in a queue.
/// The serial side is heard through the gateway only, so it is kept as times, not as bytes.
///
/// Faults show on the TCP side: a late answer comes late with its old transaction id, while the bus goes on;
/// a torn one leaves half a frame in the stream; a garbled one has a damaged header. What is lost on the bus
/// is answered by the gateway itself with exception 0Bh after its time-out.
class ModbusTcpGateway : public TcpGateway {
public:
    ModbusTcpGateway(const boost::asio::any_io_executor& executor, const LinePlan& plan, Building& building,
                     const SimClock& clock)
        : TcpGateway{executor, plan},
          executor_{executor},
          building_{building},
          clock_{clock},
          byte_time_{byte_time(plan)},
          timer_{executor} {
        listen();
    }

    [[nodiscard]] LineStats stats() const override { return with_connections(stats_); }

    void stop() override {
        stopped_ = true;
        timer_.cancel();
        TcpGateway::stop();
    }

private:
    struct Job {
        ConnectionPtr from;
        protocols::TcpFrame request;
    };

    void on_bytes(const ConnectionPtr& from, protocols::ByteView bytes) override {
        from->deframer.feed(bytes);
        while (auto frame = from->deframer.next()) {
            if (frame->pdu.empty()) {
                continue;
            }
            ++stats_.requests;
            if (queue_.size() >= kQueueMax) {
                reply(from, *frame, frame->unit,
                      protocols::encode_exception(frame->pdu[0], ExceptionCode::device_busy));
                continue;
            }
            queue_.push_back({from, std::move(*frame)});
        }
        if (from->deframer.out_of_step()) {
            ++stats_.bad_frames;
            close(from);
        }
        begin();
    }

    /// A gateway that lost its client does not put the rest of its questions on the bus.
    void on_closed(const ConnectionPtr& connection) override {
        const auto keep = busy_ && !queue_.empty() ? queue_.begin() + 1 : queue_.begin();
        queue_.erase(
            std::remove_if(keep, queue_.end(), [&](const Job& job) { return job.from == connection; }),
            queue_.end());
    }

    void begin() {
        if (busy_ || stopped_ || queue_.empty()) {
            return;
        }
        busy_ = true;
        const auto wire = on_wire(queue_.front().request.pdu.size());
        stats_.bytes_in += queue_.front().request.pdu.size() + kSerialOverhead;
        const auto asked = std::max(Steady::now(), line_free_) + wire;
        after(asked, [this, asked] { ask(asked); });
    }

    void ask(Steady::time_point asked) {
        const auto& request = queue_.front().request;
        auto exchange = building_.exchange(plan().name, request.unit, request.pdu, clock_.at(asked));
        if (!exchange.answered) {
            const auto given_up = asked + std::chrono::milliseconds{plan().gateway_timeout_ms};
            after(given_up, [this, given_up] {
                const auto& job = queue_.front();
                if (job.request.unit != 0) {
                    reply(job.from, job.request, job.request.unit,
                          protocols::encode_exception(job.request.pdu[0], ExceptionCode::gateway_target));
                }
                finish(given_up);
            });
            return;
        }
        const auto answered =
            asked + std::chrono::milliseconds{plan().turnaround_ms} + on_wire(exchange.pdu.size());
        stats_.bytes_out += exchange.pdu.size() + kSerialOverhead;
        after(answered, [this, answered, exchange = std::move(exchange)] {
            forward(queue_.front(), exchange);
            finish(answered);
        });
    }

    void forward(const Job& job, const Exchange& exchange) {
        auto frame = protocols::encode_tcp({job.request.transaction, exchange.unit, exchange.pdu});
        if (exchange.fault == FaultKind::late_answer) {
            const auto due = Steady::now() + std::chrono::milliseconds{exchange.delay_ms};
            auto timer = std::make_shared<boost::asio::steady_timer>(executor_, due);
            timer->async_wait([this, timer, to = job.from, frame](const boost::system::error_code& fault) {
                if (!fault && !stopped_) {
                    ++stats_.answers;
                    send(to, frame);
                }
            });
            return;
        }
        if (exchange.fault == FaultKind::torn_answer) {
            frame.resize(frame.size() / 2);
        } else if (exchange.fault == FaultKind::garbled_answer) {
            frame[1] ^= 0x55;
            frame[3] ^= 0x0F;
        } else if (exchange.fault == FaultKind::repeated_answer) {
            send(job.from, frame);
        }
        ++stats_.answers;
        send(job.from, std::move(frame));
    }

    void reply(const ConnectionPtr& to, const protocols::TcpFrame& request, std::uint8_t unit,
               protocols::Bytes pdu) {
        send(to, protocols::encode_tcp({request.transaction, unit, std::move(pdu)}));
    }

    void finish(Steady::time_point line_free) {
        line_free_ = line_free;
        queue_.pop_front();
        busy_ = false;
        begin();
    }

    [[nodiscard]] std::chrono::nanoseconds on_wire(std::size_t pdu_bytes) {
        const auto time = byte_time_ * static_cast<std::int64_t>(pdu_bytes + kSerialOverhead);
        stats_.wire_busy_us += static_cast<std::uint64_t>(time.count()) / 1000;
        return time;
    }

    template <class Action>
    void after(Steady::time_point when, Action action) {
        timer_.expires_at(when);
        timer_.async_wait([this, action = std::move(action)](const boost::system::error_code& fault) {
            if (!fault && !stopped_) {
                action();
            }
        });
    }

    boost::asio::any_io_executor executor_;
    Building& building_;
    const SimClock& clock_;
    std::chrono::nanoseconds byte_time_;
    boost::asio::steady_timer timer_;
    std::deque<Job> queue_;
    bool busy_ = false;
    bool stopped_ = false;
    Steady::time_point line_free_{};
    LineStats stats_;
};

}  // namespace

std::unique_ptr<LineEnd> make_modbus_tcp_gateway(const boost::asio::any_io_executor& executor,
                                                 const LinePlan& plan, Building& building,
                                                 const SimClock& clock) {
    return std::make_unique<ModbusTcpGateway>(executor, plan, building, clock);
}

}  // namespace wutong::simulator
