#include "tests/simulation/faults.hpp"

#include <fmt/format.h>

namespace wutong::simulation {

namespace {

using core::DeliveryState;

constexpr std::array<const char*, kFaults> kNames{
    "lost_request",      "lost_answer",    "late_answer",   "foreign_answer",  "bad_checksum",
    "power_cut",         "meter_refuses",  "line_away",     "late_frame",      "collector_killed",
    "second_collector",  "database_away",  "commit_lost",   "commit_happened", "clock_jump",
    "duplicate_request", "reused_request", "foreign_write",
};
/// How often at most, per thousand occasions.
constexpr std::array<int, kFaults> kMost{120, 120, 80, 60, 80, 120, 80,  60,  150,
                                         300, 300, 80, 60, 60, 300, 250, 120, 400};

}  // namespace

const char* to_string(Fault fault) {
    return kNames.at(static_cast<std::size_t>(fault));
}

void Coverage::add(const Coverage& other) {
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
        for (std::size_t state = 0; state < kStates; ++state) {
            counts_[fault][state] += other.counts_[fault][state];
        }
    }
}

const char* Coverage::impossible(Fault fault, DeliveryState state) {
    const bool on_the_wire = fault <= Fault::line_away;
    if (on_the_wire && (state == DeliveryState::refused || state == DeliveryState::quarantined)) {
        return "nothing is asked of a meter for it any more";
    }
    if ((fault == Fault::power_cut || fault == Fault::meter_refuses) &&
        (state == DeliveryState::queued || state == DeliveryState::unknown)) {
        return "only money frames are cut or refused, and none is sent in this state";
    }
    if ((fault == Fault::power_cut || fault == Fault::meter_refuses) && state == DeliveryState::delivered) {
        return "only money frames are cut or refused, and the money is there already";
    }
    if (fault == Fault::late_frame && state == DeliveryState::queued) {
        return "a frame exists only once `sending` is stored";
    }
    return "";
}

std::string Coverage::table() const {
    std::string text = fmt::format("{:18}", "fault met in state");
    for (std::size_t state = 0; state < kStates; ++state) {
        text += fmt::format("{:>13}", core::to_string(static_cast<DeliveryState>(state)));
    }
    text += '\n';
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
        text += fmt::format("{:18}", kNames[fault]);
        for (std::size_t state = 0; state < kStates; ++state) {
            const bool cant =
                *impossible(static_cast<Fault>(fault), static_cast<DeliveryState>(state)) != '\0';
            text += cant ? fmt::format("{:>13}", "-") : fmt::format("{:>13}", counts_[fault][state]);
        }
        text += '\n';
    }
    return text;
}

std::string Coverage::wrong() const {
    std::string text;
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
        for (std::size_t state = 0; state < kStates; ++state) {
            const bool cant =
                *impossible(static_cast<Fault>(fault), static_cast<DeliveryState>(state)) != '\0';
            if (cant == (counts_[fault][state] > 0)) {
                text += fmt::format("{}{}/{}", text.empty() ? "" : ", ", kNames[fault],
                                    core::to_string(static_cast<DeliveryState>(state)));
            }
        }
    }
    return text;
}

Weather::Weather(Random& random) : random_{random} {
    // One seed in sixteen has no wind at all: what goes wrong there is nobody's fault but ours.
    const bool calm = random.chance(60);
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
        const bool blows = random.chance(450);
        const auto strength = static_cast<int>(random.between(1, kMost[fault]));
        per_mille_[fault] = !calm && blows ? strength : 0;
    }
}

}  // namespace wutong::simulation
