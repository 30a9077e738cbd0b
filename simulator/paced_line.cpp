#include "simulator/paced_line.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace wutong::simulator {
namespace {

/// On a wire 3.5 characters of silence end a frame. Here bytes may be held up by the machine's scheduler
/// between two writes of one request, which is no silence on the wire; so an unfinished frame gets longer.
constexpr std::chrono::milliseconds kSilence{20};
/// A master sends one request at a time; more than this many at once is a flood.
constexpr std::size_t kRequestsWaitingMax = 16;
constexpr std::size_t kAnswersWaitingMax = 64;
/// Bytes that could not pass the wire within this time are lost, as in the small buffer of a serial server;
/// so a flood is over when it ends. Two of the longest frames fit.
constexpr std::chrono::milliseconds kBacklogMax{500};

}  // namespace

PacedLine::PacedLine(const boost::asio::any_io_executor& executor, const LinePlan& plan, Building& building,
                     const SimClock& clock, std::size_t grain, Output output)
    : executor_{executor},
      plan_{plan},
      building_{building},
      clock_{clock},
      grain_{grain},
      output_{std::move(output)},
      byte_time_{byte_time(plan)},
      answer_byte_time_{byte_time_},
      deframer_{make_line_deframer(plan.framing)},
      silence_timer_{executor},
      send_timer_{executor} {}

void PacedLine::stop() {
    stopped_ = true;
    silence_timer_.cancel();
    send_timer_.cancel();
}

void PacedLine::receive(protocols::ByteView bytes) {
    stats_.bytes_in += bytes.size();
    if (sending_) {
        stats_.collisions += bytes.size();
        return;
    }
    const auto on_wire = byte_time_ * static_cast<std::int64_t>(bytes.size());
    const auto now = Steady::now();
    if (wire_end_ > now + kBacklogMax) {
        stats_.collisions += bytes.size();
        return;
    }
    wire_end_ = std::max({wire_end_, line_free_, now}) + on_wire;
    stats_.wire_busy_us += static_cast<std::uint64_t>(on_wire.count()) / 1000;
    deframer_->feed(bytes);
    take_frames();
    watch_silence();
}

void PacedLine::watch_silence() {
    if (!deframer_->busy()) {
        silence_timer_.cancel();
        return;
    }
    silence_timer_.expires_at(wire_end_ + kSilence);
    silence_timer_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || stopped_) {
            return;
        }
        // One look may uncover a frame behind a false start, and another false start behind that.
        while (deframer_->busy()) {
            deframer_->silence();
            take_frames();
        }
    });
}

void PacedLine::take_frames() {
    while (auto frame = deframer_->next()) {
        if (requests_waiting_ >= kRequestsWaitingMax) {
            continue;
        }
        ++requests_waiting_;
        ++stats_.requests;
        auto timer = std::make_shared<boost::asio::steady_timer>(executor_, wire_end_);
        timer->async_wait([this, timer, frame = std::move(*frame),
                           end = wire_end_](const boost::system::error_code& fault) {
            --requests_waiting_;
            if (!fault && !stopped_) {
                on_request(frame, end);
            }
        });
    }
    stats_.bad_frames = deframer_->faults();
}

void PacedLine::on_request(const protocols::Bytes& frame, Steady::time_point wire_end) {
    const auto exchange = building_.exchange_frame(plan_, frame, clock_.at(wire_end));
    if (!exchange.answered) {
        return;
    }
    auto bytes = exchange.frame;
    const auto due = wire_end + std::chrono::milliseconds{plan_.turnaround_ms + exchange.delay_ms};
    if (exchange.fault == FaultKind::torn_answer) {
        bytes.resize(bytes.size() / 2);
    } else if (exchange.fault == FaultKind::garbled_answer) {
        bytes[bytes.size() / 2] ^= 0x55;
        bytes[bytes.size() - 1] ^= 0x0F;
    } else if (exchange.fault == FaultKind::repeated_answer) {
        queue_answer(due, {bytes, exchange.baud});
    }
    queue_answer(due, {std::move(bytes), exchange.baud});
}

void PacedLine::queue_answer(Steady::time_point due, Answer answer) {
    if (answers_.size() >= kAnswersWaitingMax) {
        return;
    }
    answers_.emplace(due, std::move(answer));
    wake_sender();
}

void PacedLine::wake_sender() {
    if (sending_ || stopped_ || answers_.empty()) {
        return;
    }
    const auto start = std::max({answers_.begin()->first, line_free_, wire_end_});
    send_timer_.expires_at(start);
    send_timer_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || stopped_ || sending_ || answers_.empty()) {
            return;
        }
        const auto first = answers_.begin();
        const auto begin = std::max({first->first, line_free_, wire_end_});
        if (begin > Steady::now()) {  // a request came on the wire meanwhile
            wake_sender();
            return;
        }
        answer_ = std::move(first->second.bytes);
        speed_ = first->second.baud;
        answer_byte_time_ = speed_ == 0 ? byte_time_ : byte_time_ * plan_.baud / speed_;
        answers_.erase(first);
        answer_start_ = begin;
        sent_ = 0;
        sending_ = true;
        send_due_bytes();
    });
}

void PacedLine::send_due_bytes() {
    const auto passed = Steady::now() - answer_start_;
    const auto due = std::min(answer_.size(), static_cast<std::size_t>(passed / answer_byte_time_));
    const bool last = due == answer_.size();
    if (due > sent_ && (last || due - sent_ >= grain_)) {
        const protocols::ByteView bytes{answer_.data() + sent_, due - sent_};
        sent_ = due;
        stats_.bytes_out += bytes.size();
        if (last) {
            const auto on_wire = answer_byte_time_ * static_cast<std::int64_t>(answer_.size());
            line_free_ = answer_start_ + on_wire;
            stats_.wire_busy_us += static_cast<std::uint64_t>(on_wire.count()) / 1000;
            ++stats_.answers;
            sending_ = false;  // before the last byte is out: the master may ask at once
        }
        output_(bytes);
    }
    if (!sending_) {
        speed_ = 0;
        wake_sender();
        return;
    }
    const auto next = std::min(answer_.size(), sent_ + grain_);
    send_timer_.expires_at(answer_start_ + answer_byte_time_ * static_cast<std::int64_t>(next));
    send_timer_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault && !stopped_) {
            send_due_bytes();
        }
    });
}

}  // namespace wutong::simulator
