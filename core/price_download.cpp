#include "core/price_download.hpp"

#include <algorithm>
#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

using Step = PriceDownloadStep;

bool is_over(CommandState state) {
    return state != CommandState::queued && state != CommandState::running;
}

std::string why_not(const PriceDownload& kept) {
    switch (*kept.last) {
        case CommandState::expired:
            return "the meter was not reached in time" +
                   (kept.last_reason.empty() ? "" : ": " + kept.last_reason);
        case CommandState::cancelled:
            return "the command was cancelled" + (kept.last_reason.empty() ? "" : ": " + kept.last_reason);
        case CommandState::done:
            return "the meter took it, and then charged another price";
        default:
            return kept.last_reason.empty() ? "the command failed" : kept.last_reason;
    }
}

/// @pre facts.kept and facts.wanted
PriceDownloadDecision next_try(const PriceDownloadFacts& facts) {
    const auto& kept = *facts.kept;
    if (facts.command_open) {
        return {};
    }
    if (kept.next_attempt_at) {
        return {*kept.next_attempt_at <= facts.now ? Step::send : Step::nothing, std::nullopt, {}};
    }
    if (!kept.last || !is_over(*kept.last) || kept.given_up) {
        return {};
    }
    if (kept.attempts >= kPriceAttemptsMax) {
        return {Step::give_up, std::nullopt,
                "given up after " + std::to_string(kept.attempts) + " commands; the last: " + why_not(kept)};
    }
    return {Step::pause, facts.now + price_pause(kept.attempts), why_not(kept)};
}

}  // namespace

const char* to_string(PriceDownloadStep step) {
    static constexpr std::array<detail::Name<Step>, 8> kNames{{{Step::nothing, "nothing"},
                                                               {Step::begin, "begin"},
                                                               {Step::send, "send"},
                                                               {Step::pause, "pause"},
                                                               {Step::give_up, "give_up"},
                                                               {Step::supersede, "supersede"},
                                                               {Step::confirm, "confirm"},
                                                               {Step::drop, "drop"}}};
    return detail::name_of(kNames, step, "price download step");
}

std::chrono::seconds price_pause(int attempts) {
    std::chrono::seconds pause = kPricePauseFirst;
    for (int i = 1; i < attempts && pause < kPricePauseMost; ++i) {
        pause *= 2;
    }
    return std::min<std::chrono::seconds>(pause, kPricePauseMost);
}

PriceDownloadDecision decide_price_download(const PriceDownloadFacts& facts) {
    const auto& kept = facts.kept;
    if (kept && facts.held == kept->wanted.price) {
        return {Step::confirm, std::nullopt, {}};  // even if it is another one's turn meanwhile
    }
    if (!facts.wanted) {
        return {kept ? Step::drop : Step::nothing, std::nullopt, {}};
    }
    if (kept && !kept->wanted.same_as(*facts.wanted)) {
        return {Step::supersede, std::nullopt, {}};
    }
    if (facts.held == facts.wanted->price) {
        return {};
    }
    if (!kept) {
        return {Step::begin, std::nullopt, {}};
    }
    return next_try(facts);
}

Money late_price_difference(Energy used, Price old_price, Price new_price) {
    const auto exact = detail::checked_mul(
        used.watt_hours(), new_price.ten_thousandths_per_kwh() - old_price.ten_thousandths_per_kwh(),
        "a price difference");
    return Money{exact / 1'000};
}

}  // namespace wutong::core
