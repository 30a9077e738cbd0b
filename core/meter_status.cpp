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

MeterStatus meter_status(const MeterFacts& facts) {
    if (facts.lost) {
        return MeterStatus::lost;
    }
    if (!facts.prepaid) {
        return MeterStatus::normal;
    }
    if (facts.delivering) {
        return MeterStatus::delivering;
    }
    const AlarmLevel alarm = facts.has_account ? facts.alarm : AlarmLevel::none;
    if (alarm == AlarmLevel::arrears) {
        return MeterStatus::arrears;
    }
    if (facts.forced && facts.relay_closed) {
        return *facts.relay_closed ? MeterStatus::guaranteed : MeterStatus::forced_off;
    }
    if (alarm == AlarmLevel::alarm_2) {
        return MeterStatus::alarm_2;
    }
    if (alarm == AlarmLevel::alarm_1) {
        return MeterStatus::alarm_1;
    }
    return facts.has_account ? MeterStatus::normal : MeterStatus::no_account;
}

const char* to_string(MeterStatus status) {
    return detail::name_of(kStatuses, status, "meter status");
}
const char* to_string(AlarmLevel level) {
    return detail::name_of(kAlarmLevels, level, "alarm level");
}

}  // namespace wutong::core
