#include "collector/protocols/dlms_link.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wutong::protocols::dlms {
namespace {

using Llc = std::array<std::uint8_t, 3>;
constexpr Llc kCommand{0xE6, 0xE6, 0x00};
constexpr Llc kAnswer{0xE6, 0xE7, 0x00};
constexpr unsigned kNumbers = 8;

}  // namespace

HdlcLink::HdlcLink(Role role, HdlcAddress self, HdlcAddress other, HdlcLimits limits, HdlcAddressBytes width)
    : role_{role}, self_{self}, other_{other}, wanted_{limits}, width_{width} {}

void HdlcLink::reset() {
    connected_ = false;
    disconnecting_ = false;
    send_ = 0;
    receive_ = 0;
    to_send_.clear();
    gathered_.clear();
}

Bytes HdlcLink::keep(std::uint8_t control, ByteView information, bool segmented) {
    last_sent_ =
        encode_hdlc({other_, self_, control, segmented, {information.begin(), information.end()}}, width_);
    return last_sent_;
}

Bytes HdlcLink::connect() {
    reset();
    return keep(HdlcControl::snrm, wanted_ == HdlcLimits{} ? Bytes{} : encode_hdlc_limits(wanted_));
}

Bytes HdlcLink::disconnect() {
    disconnecting_ = true;
    return keep(HdlcControl::disc, {});
}

Bytes HdlcLink::send(ByteView apdu) {
    if (apdu.empty() || apdu.size() > kApduMax) {
        throw std::invalid_argument("a DLMS APDU has 1..65535 bytes, not " + std::to_string(apdu.size()));
    }
    const auto& llc = role_ == Role::client ? kCommand : kAnswer;
    Bytes whole{llc.begin(), llc.end()};
    whole.insert(whole.end(), apdu.begin(), apdu.end());
    to_send_.clear();
    const std::size_t piece = granted_.send_max;
    for (std::size_t at = 0; at < whole.size(); at += piece) {
        const auto end = std::min(whole.size(), at + piece);
        to_send_.emplace_back(whole.begin() + static_cast<std::ptrdiff_t>(at),
                              whole.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return next_segment();
}

Bytes HdlcLink::next_segment() {
    const auto segment = std::move(to_send_.front());
    to_send_.pop_front();
    auto frame = keep(information_control(send_, receive_), segment, !to_send_.empty());
    send_ = (send_ + 1) % kNumbers;
    return frame;
}

HdlcLink::Step HdlcLink::take(const HdlcFrame& frame) {
    // A meter hears whoever connects, and tells anybody else that there is no connection.
    const bool anybody = role_ == Role::meter && (!connected_ || frame.control == HdlcControl::snrm);
    if (frame.destination != self_ || (frame.source != other_ && !anybody)) {
        return Ignored{};
    }
    other_ = frame.source;
    if (is_information(frame.control)) {
        return take_information(frame);
    }
    if (!is_ready(frame.control)) {
        return take_unnumbered(frame);
    }
    if (!connected_) {
        return role_ == Role::meter ? Step{Send{keep(HdlcControl::dm, {})}} : Step{Ignored{}};
    }
    if (receive_number(frame.control) == send_ && !to_send_.empty()) {
        return Send{next_segment()};
    }
    // Our last frame was not heard: once more.
    if ((receive_number(frame.control) + 1) % kNumbers == send_ && !last_sent_.empty()) {
        return Send{last_sent_};
    }
    return Ignored{};
}

HdlcLink::Step HdlcLink::take_unnumbered(const HdlcFrame& frame) {
    if (role_ == Role::meter) {
        if (frame.control == HdlcControl::snrm) {
            const auto limits = decode_hdlc_limits(frame.information);
            if (std::holds_alternative<DecodeFault>(limits)) {
                return Ignored{};
            }
            const auto& asked = std::get<HdlcLimits>(limits);
            reset();
            connected_ = true;
            granted_ = {std::min(wanted_.send_max, asked.receive_max),
                        std::min(wanted_.receive_max, asked.send_max), 1, 1};
            return Send{keep(HdlcControl::ua, encode_hdlc_limits(granted_))};
        }
        if (frame.control == HdlcControl::disc) {
            const bool was = connected_;
            reset();
            return Send{keep(was ? HdlcControl::ua : HdlcControl::dm, {})};
        }
        return Ignored{};
    }
    if (frame.control == HdlcControl::dm) {
        const bool expected = disconnecting_;
        reset();
        return expected ? Step{Disconnected{}} : Step{Broken{"the meter is not connected (DM)"}};
    }
    if (frame.control == HdlcControl::frmr) {
        reset();
        return Broken{"the meter rejects a frame (FRMR)"};
    }
    if (frame.control != HdlcControl::ua) {
        return Ignored{};
    }
    if (disconnecting_) {
        reset();
        return Disconnected{};
    }
    if (connected_) {
        return Ignored{};
    }
    const auto limits = decode_hdlc_limits(frame.information);
    if (const auto* fault = std::get_if<DecodeFault>(&limits)) {
        return Broken{fault->reason};
    }
    const auto& told = std::get<HdlcLimits>(limits);
    granted_ = {std::min(wanted_.send_max, told.receive_max), std::min(wanted_.receive_max, told.send_max), 1,
                1};
    connected_ = true;
    return Connected{};
}

HdlcLink::Step HdlcLink::take_information(const HdlcFrame& frame) {
    if (!connected_) {
        return role_ == Role::meter ? Step{Send{keep(HdlcControl::dm, {})}} : Step{Ignored{}};
    }
    if (send_number(frame.control) != receive_) {
        const bool repeated = (send_number(frame.control) + 1) % kNumbers == receive_;
        if (repeated && role_ == Role::meter && !last_sent_.empty()) {
            return Send{last_sent_};  // the client did not hear our answer
        }
        return repeated ? Step{Ignored{}}
                        : Step{Broken{"frame " + std::to_string(send_number(frame.control)) + " came, " +
                                      std::to_string(receive_) + " was expected"}};
    }
    if (receive_number(frame.control) != send_) {
        return Broken{"the other side expects frame " + std::to_string(receive_number(frame.control)) +
                      ", ours is " + std::to_string(send_)};
    }
    receive_ = (receive_ + 1) % kNumbers;
    if (gathered_.size() + frame.information.size() > kApduMax + kCommand.size()) {
        reset();
        return Broken{"an APDU of more than 65535 bytes"};
    }
    gathered_.insert(gathered_.end(), frame.information.begin(), frame.information.end());
    if (frame.segmented) {
        return Send{keep(ready_control(receive_), {})};
    }
    const auto& llc = role_ == Role::client ? kAnswer : kCommand;
    if (gathered_.size() <= llc.size() || !std::equal(llc.begin(), llc.end(), gathered_.begin())) {
        const auto told = to_hex(ByteView{gathered_}.first(std::min<std::size_t>(gathered_.size(), 3)));
        gathered_.clear();
        return Broken{"an APDU begins with LLC header " + to_hex(llc) + ", this with " + told};
    }
    Apdu whole{{gathered_.begin() + static_cast<std::ptrdiff_t>(llc.size()), gathered_.end()}};
    gathered_.clear();
    return whole;
}

}  // namespace wutong::protocols::dlms
