#include "core/meter_status.hpp"

#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kStatuses = std::to_array<detail::Name<MeterStatus>>({
    {MeterStatus::normal, "normal"},
    {MeterStatus::alarm_1, "alarm_1"},
    {MeterStatus::alarm_2, "alarm_2"},
    {MeterStatus::arrears, "arrears"},
    {MeterStatus::no_account, "no_account"},
    {MeterStatus::lost, "lost"},
    {MeterStatus::guaranteed, "guaranteed"},
    {MeterStatus::forced_off, "forced_off"},
    {MeterStatus::delivering, "delivering"},
});

constexpr auto kAlarmLevels = std::to_array<detail::Name<AlarmLevel>>({
    {AlarmLevel::none, "none"},
    {AlarmLevel::alarm_1, "alarm_1"},
    {AlarmLevel::alarm_2, "alarm_2"},
    {AlarmLevel::arrears, "arrears"},
});

}  // namespace

AlarmLevel alarm_level(Money balance, Money alarm_1, Money alarm_2, Money overdraft) {
    if (balance <= -overdraft) {
        return AlarmLevel::arrears;
    }
    if (alarm_2 > Money{0} && balance <= alarm_2) {
        return AlarmLevel::alarm_2;
    }
    if (alarm_1 > Money{0} && balance <= alarm_1) {
        return AlarmLevel::alarm_1;
    }
    return AlarmLevel::none;
}

namespace {

/// All that apply, in their order; normal is what is left when none does.
struct Applying {
    std::array<MeterStatus, 2> first{MeterStatus::normal, MeterStatus::normal};
    std::size_t count = 0;

    void add(bool applies, MeterStatus status) {
        if (applies && count < first.size()) {
            first[count++] = status;
        }
    }
};

Applying applying(const MeterFacts& facts) {
    Applying found;
    found.add(facts.lost, MeterStatus::lost);
    if (!facts.prepaid) {
        return found;
    }
    const AlarmLevel alarm = facts.has_account ? facts.alarm : AlarmLevel::none;
    found.add(facts.delivering, MeterStatus::delivering);
    found.add(alarm == AlarmLevel::arrears, MeterStatus::arrears);
    found.add(facts.forced && facts.relay_closed == false, MeterStatus::forced_off);
    found.add(facts.forced && facts.relay_closed == true, MeterStatus::guaranteed);
    found.add(alarm == AlarmLevel::alarm_2, MeterStatus::alarm_2);
    found.add(alarm == AlarmLevel::alarm_1, MeterStatus::alarm_1);
    found.add(!facts.has_account, MeterStatus::no_account);
    return found;
}

}  // namespace

MeterStatus meter_status(const MeterFacts& facts) {
    return applying(facts).first[0];
}

std::optional<MeterStatus> second_status(const MeterFacts& facts) {
    const auto found = applying(facts);
    return found.count > 1 ? std::optional(found.first[1]) : std::nullopt;
}

const char* to_string(MeterStatus status) {
    return detail::name_of(kStatuses, status, "meter status");
}
const char* to_string(AlarmLevel level) {
    return detail::name_of(kAlarmLevels, level, "alarm level");
}

}  // namespace wutong::core
