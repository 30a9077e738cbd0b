#include "collector/transports/rtu_client.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wutong::collector {

using protocols::Bytes;
using protocols::ByteView;
using protocols::ExpectedReply;
using protocols::ReplyFault;

RtuClient::RtuClient(const boost::asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
                     RtuOptions options)
    : FramedClient{executor, std::move(stream)}, options_{options} {}

Deadline RtuClient::clear_at(std::uint8_t unit, int function) const {
    return late_.clear_at(unit, static_cast<std::uint8_t>(function));
}

void RtuClient::close() {
    stream_->close();
}

RtuClient::MaybeFault RtuClient::open(Yield yield) {
    auto opened = stream_->open(Monotonic::now() + options_.open_timeout, yield);
    if (auto* why = std::get_if<StreamFault>(&opened)) {
        return closed(*why, false);
    }
    return std::nullopt;
}

Deadline RtuClient::frames_clear_at(const std::string& key) const {
    return late_.clear_at(key);
}

ReadOutcome RtuClient::exchange(std::uint8_t unit, const protocols::Request& request, ByteView request_pdu,
                                Milliseconds answer_timeout, Yield yield) {
    const ExpectedReply expected{unit, protocols::reply_shape(request)};
    Asked asked;
    const auto frame = protocols::encode_rtu(unit, request_pdu);
    const auto key = LateAnswers::key_of(unit, expected.shape.function);
    if (auto why = send({frame, key, expected.shape.pdu_length + 3}, answer_timeout, asked, yield)) {
        if (why->request_sent) {
            late_.expect(expected, asked.owed_until);
        }
        return std::move(*why);
    }
    return receive(expected, request, asked, yield);
}

RtuClient::MaybeFault RtuClient::send(const Sent& question, Milliseconds answer_timeout, Asked& asked,
                                      Yield yield) {
    if (auto why = open(yield)) {
        return why;
    }
    if (auto why = await_owed_answer(question.key, yield)) {
        return why;
    }
    if (auto why = set_speed(question.baud)) {
        return why;
    }
    if (auto why = await_silence(question.pause, yield)) {
        return why;
    }
    const auto character = stream_->timing().character;
    const auto on_the_line = character * static_cast<std::int64_t>(question.frame.size());
    // The answer's own bytes, and a quarter more for gaps between them.
    const auto answer_time = character * static_cast<std::int64_t>(question.answer_bytes) * 5 / 4;
    const auto sent_at = Monotonic::now();
    asked.deadline = sent_at + on_the_line + answer_timeout + answer_time;
    asked.owed_until = asked.deadline + options_.late_answer_window;
    auto written = stream_->write(question.frame, asked.deadline, yield);
    if (auto* why = std::get_if<StreamFault>(&written)) {
        return closed(*why, true);
    }
    last_activity_ = sent_at + on_the_line;
    return std::nullopt;
}

RtuClient::MaybeFault RtuClient::set_speed(int baud) {
    if (baud == 0 || !stream_->can_set_speed()) {
        return std::nullopt;
    }
    auto set = stream_->set_speed(baud);
    if (auto* why = std::get_if<StreamFault>(&set)) {
        return closed(*why, false);
    }
    return std::nullopt;
}

/// Waits while an answer is owed that could be taken for ours.
RtuClient::MaybeFault RtuClient::await_owed_answer(const std::string& key, Yield yield) {
    late_.expire(Monotonic::now());
    if (!late_.owed(key)) {
        return std::nullopt;
    }
    Bytes received;
    const auto until = late_.clear_at(key);
    while (late_.owed(key)) {
        const auto result = read_more(received, until, yield);
        if (std::holds_alternative<StreamFault>(result)) {
            if (stream_->is_open()) {
                break;  // its time is over
            }
            // What the old connection owed can't come over a new one, but the serial server may still hand
            // the meter's answer to whoever is connected: the rest of the time is waited for in any case.
            sleep_until(executor_, until, yield);
            break;
        }
        if (last_activity_ >= until) {
            break;
        }
        while (skip_owed(received)) {
        }
        if (late_.recognise(received).verdict == LateAnswers::Recognised::Verdict::none) {
            received.clear();
        }
    }
    const bool came = !late_.owed(key);
    late_.settle(key);
    // Not come, and perhaps still somewhere in the network: a new connection leaves it behind.
    if (!came && stream_->reopening_discards()) {
        stream_->close();
    }
    return open(yield);
}

/// Drops an owed answer from the beginning of what was received. @return false when there is none
bool RtuClient::skip_owed(Bytes& received) {
    const auto known = late_.recognise(received);
    if (known.verdict != LateAnswers::Recognised::Verdict::complete) {
        return false;
    }
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(known.length));
    late_.settle(known.key);
    return true;
}

StreamResult RtuClient::read_more(Bytes& received, Deadline deadline, Yield yield) {
    std::array<std::uint8_t, protocols::kRtuFrameMax> chunk{};
    auto result = stream_->read_some(chunk, deadline, yield);
    if (const auto* count = std::get_if<std::size_t>(&result)) {
        last_activity_ = Monotonic::now();
        received.insert(received.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    return result;
}

/// Drops what nobody asked for and keeps the gap before a frame.
RtuClient::MaybeFault RtuClient::await_silence(std::chrono::nanoseconds pause, Yield yield) {
    const auto timing = stream_->timing();
    const auto give_up_at = Monotonic::now() + options_.resync_max;
    for (;;) {
        const auto dropped = stream_->drop_pending();
        if (!stream_->is_open()) {
            return open(yield);  // the peer had hung up since the last exchange
        }
        const auto now = Monotonic::now();
        if (dropped > 0) {
            last_activity_ = now;
        }
        const auto quiet_at = last_activity_ + std::max(timing.gap + timing.turnaround, pause);
        if (now >= quiet_at) {
            return std::nullopt;
        }
        if (now >= give_up_at) {
            return fault(ModbusFault::Kind::line_busy, false, "the line does not fall silent");
        }
        sleep_until(executor_, quiet_at, yield);
    }
}

ReadOutcome RtuClient::receive(const ExpectedReply& expected, const protocols::Request& request,
                               const Asked& asked, Yield yield) {
    const auto given_up = [&](ModbusFault::Kind kind, ByteView received) {
        // Unit, function and length were right where only the check failed: that was the answer, and it is
        // here.
        if (kind != ModbusFault::Kind::crc) {
            late_.expect(expected, asked.owed_until);
        }
        return give_up(kind, received, yield);
    };
    Bytes received;
    for (;;) {
        const auto result = read_more(received, asked.deadline, yield);
        if (const auto* why = std::get_if<StreamFault>(&result)) {
            if (why->kind == StreamFault::Kind::closed) {
                late_.expect(expected, asked.owed_until);
                return closed(*why, true);
            }
            return given_up(received.empty() ? ModbusFault::Kind::timeout : ModbusFault::Kind::torn,
                            received);
        }
        for (;;) {
            const auto match = protocols::match_reply(received, expected);
            if (const auto* complete = std::get_if<protocols::FrameComplete>(&match)) {
                late_.settle(expected.unit, expected.shape.function);
                auto outcome = read_reply(ByteView{received}.subspan(1, complete->length - 3), request);
                const auto* bad = std::get_if<ModbusFault>(&outcome);
                if (bad != nullptr && bad->kind != ModbusFault::Kind::exception) {
                    resynchronise(yield);
                }
                return outcome;
            }
            const auto* bad = std::get_if<ReplyFault::Kind>(&match);
            if (bad == nullptr || received.empty()) {
                break;  // more has to come
            }
            if (skip_owed(received)) {
                continue;  // what follows may be ours
            }
            if (late_.recognise(received).verdict == LateAnswers::Recognised::Verdict::need_more) {
                break;
            }
            return given_up(fault_kind(*bad), received);
        }
        // Owed answers that fill the line must not hold us longer than we wanted to wait.
        if (last_activity_ >= asked.deadline) {
            return given_up(ModbusFault::Kind::torn, received);
        }
    }
}

ModbusFault RtuClient::give_up(ModbusFault::Kind kind, ByteView received, Yield yield) {
    auto told =
        fault(kind, true,
              received.empty()
                  ? std::string{"silence"}
                  : "came " + protocols::to_hex(received.first(std::min<std::size_t>(received.size(), 32))));
    if (kind != ModbusFault::Kind::timeout) {
        resynchronise(yield);
    }
    return told;
}

/// Reads and drops until the line has been silent for a while.
void RtuClient::resynchronise(Yield yield) {
    std::array<std::uint8_t, protocols::kRtuFrameMax> rubbish{};
    const auto give_up_at = Monotonic::now() + options_.resync_max;
    while (stream_->is_open()) {
        const auto result = stream_->read_some(rubbish, Monotonic::now() + options_.resync_silence, yield);
        if (std::holds_alternative<StreamFault>(result)) {
            return;  // silent, or closed
        }
        last_activity_ = Monotonic::now();
        if (last_activity_ >= give_up_at) {
            if (stream_->reopening_discards()) {
                stream_->close();
            }
            return;
        }
    }
}

}  // namespace wutong::collector
