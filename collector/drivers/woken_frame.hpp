#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>

#include "collector/drivers/meter_bus.hpp"
#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// Frames that wake-up bytes go before: DL/T 645 and CJ/T 188.
namespace wutong::collector {

[[nodiscard]] inline std::size_t wake_ups(protocols::ByteView received) {
    constexpr std::uint8_t kWakeUp = 0xFE;
    return static_cast<std::size_t>(
        std::find_if(received.begin(), received.end(), [](std::uint8_t byte) { return byte != kWakeUp; }) -
        received.begin());
}

/// Whether and where an answer is in what was received.
/// @param match_frame from bytes to NeedMore, Skip or FrameComplete
/// @param spoiled_length of what is no frame because only its sum or its end is wrong, and which is else the
/// answer; else 0
/// @param parse from a whole frame's bytes to a variant with Fault, for what is no answer to the request
template <class Fault, class MatchFrame, class SpoiledLength, class Parse>
[[nodiscard]] FrameMatch match_woken(protocols::ByteView received, const MatchFrame& match_frame,
                                     const SpoiledLength& spoiled_length, const Parse& parse) {
    using Verdict = FrameMatch::Verdict;
    // Wake-up bytes belong to the frame after them: what is skipped as a whole must begin with them.
    const std::size_t begin = wake_ups(received);
    if (begin == received.size()) {
        return {Verdict::need_more, 0};
    }
    const auto rest = received.subspan(begin);
    const auto match = match_frame(rest);
    if (std::holds_alternative<protocols::NeedMore>(match)) {
        return {Verdict::need_more, 0};
    }
    if (const auto* skip = std::get_if<protocols::Skip>(&match)) {
        if (const std::size_t length = spoiled_length(rest)) {
            return {Verdict::spoiled, begin + length};
        }
        return {Verdict::not_mine, begin + std::min(skip->bytes, rest.size())};
    }
    const std::size_t length = std::get<protocols::FrameComplete>(match).length;
    const auto reply = parse(rest.first(length));
    const auto* fault = std::get_if<Fault>(&reply);
    const bool mine =
        fault == nullptr || fault->kind == Fault::Kind::refused || fault->kind == Fault::Kind::wrong_length;
    return {mine ? Verdict::complete : Verdict::not_mine, begin + length};
}

}  // namespace wutong::collector
