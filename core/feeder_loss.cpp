#include "core/feeder_loss.hpp"

#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr std::array<detail::Name<Coverage>, 5> kNames{{
    {Coverage::whole, "whole"},
    {Coverage::nothing, "nothing"},
    {Coverage::begins_late, "begins_late"},
    {Coverage::ends_early, "ends_early"},
    {Coverage::begins_and_ends, "begins_and_ends"},
}};

}  // namespace

const char* to_string(Coverage coverage) {
    return detail::name_of(kNames, coverage, "coverage");
}

Coverage coverage_of(const UseSpan& span, Timestamp from, Timestamp to) {
    if (!span.known_from || !span.known_to) {
        return Coverage::nothing;
    }
    // Earlier is as wrong as later: what was used before the period is in it then.
    const auto off = *span.known_from > from ? *span.known_from - from : from - *span.known_from;
    const bool begins = off <= kSpanTolerance;
    const bool ends = *span.known_to >= to - kSpanTolerance;
    if (begins && ends) {
        return Coverage::whole;
    }
    return begins ? Coverage::ends_early : ends ? Coverage::begins_late : Coverage::begins_and_ends;
}

FeederLoss feeder_loss(const UseSpan& feeder, const std::vector<UseSpan>& fed) {
    FeederLoss loss;
    loss.in = feeder.used - feeder.reverse;
    for (const auto& meter : fed) {
        loss.out = loss.out + (meter.used - meter.reverse);
    }
    loss.lost = loss.in - loss.out;
    if (loss.in > Energy{0}) {
        // In parts, since the product may not fit.
        const auto in = loss.in.watt_hours();
        const auto lost = loss.lost.watt_hours();
        loss.share_e4 = lost / in * 10'000 +
                        (in < 900'000'000'000'000 ? lost % in * 10'000 / in : lost % in / (in / 10'000));
    }
    return loss;
}

}  // namespace wutong::core
