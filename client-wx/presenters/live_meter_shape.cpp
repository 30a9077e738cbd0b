#include "client-wx/presenters/live_meter_shape.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <wutong/v1/live_service.pb.h>

#include <algorithm>
#include <string>

#include "client-wx/text/format.hpp"

namespace wutong::client {
namespace {

using std::chrono::seconds;

constexpr int kDaysMax = 9'999;

std::optional<MeterStatus> status_of(v1::MeterStatus status) {
    switch (status) {
        case v1::METER_STATUS_NORMAL:
            return MeterStatus::normal;
        case v1::METER_STATUS_ALARM_1:
            return MeterStatus::alarm_1;
        case v1::METER_STATUS_ALARM_2:
            return MeterStatus::alarm_2;
        case v1::METER_STATUS_ARREARS:
            return MeterStatus::arrears;
        case v1::METER_STATUS_NO_ACCOUNT:
            return MeterStatus::no_account;
        case v1::METER_STATUS_LOST:
            return MeterStatus::lost;
        case v1::METER_STATUS_GUARANTEED:
            return MeterStatus::guaranteed;
        case v1::METER_STATUS_FORCED_OFF:
            return MeterStatus::forced_off;
        case v1::METER_STATUS_DELIVERING:
            return MeterStatus::delivering;
        default:
            return std::nullopt;
    }
}

void take_state(const v1::MeterState& state, LiveMeter& into) {
    const auto known = [](bool present, std::int64_t value) {
        return present ? std::optional{value} : std::nullopt;
    };
    into.status = status_of(state.status()).value_or(MeterStatus::normal);
    into.balance_e4 = known(state.has_balance_e4(), state.balance_e4());
    into.power_w = known(state.has_power_w(), state.power_w());
    into.energy_wh = known(state.has_energy_wh(), state.energy_wh());
    into.purchase_number = known(state.has_purchase_number(), state.purchase_number());
    into.relay_closed = state.has_relay_closed() ? std::optional{state.relay_closed()} : std::nullopt;
    into.forced = state.forced();
    into.delivering = state.delivering();
    into.failures = std::max(state.failures(), 0);
    into.answered_at = moment_of(state.has_answered_at(), state.answered_at());
    into.attempted_at = moment_of(state.has_attempted_at(), state.attempted_at());
    into.lost_since = moment_of(state.has_lost_since(), state.lost_since());
}

}  // namespace

std::optional<LiveMeter::TimePoint> moment_of(bool present, const google::protobuf::Timestamp& at) {
    // Year 1 to 9999, as the message promises; what a hostile server says beyond it is no moment.
    constexpr std::int64_t first = -62'135'596'800;
    constexpr std::int64_t last = 253'402'300'799;
    if (!present || at.seconds() < first || at.seconds() > last || at.nanos() < 0 ||
        at.nanos() > 999'999'999) {
        return std::nullopt;
    }
    // A clock in nanoseconds ends in 2262.
    constexpr std::int64_t reach = 9'000'000'000;
    return LiveMeter::TimePoint{seconds{std::clamp<std::int64_t>(at.seconds(), -reach, reach)}} +
           std::chrono::duration_cast<LiveMeter::TimePoint::duration>(std::chrono::nanoseconds{at.nanos()});
}

void take_introduction(const v1::LiveMeter& from, LiveMeter& into) {
    const auto name = [](const std::string& text) { return clipped(text, LiveMeters::kNameMax); };
    into.code = name(from.code());
    into.unit_code = name(from.unit_code());
    into.building = name(from.building_code());
    into.floor = from.floor_number();
    into.role = name(from.role());
    into.commodity = commodity_of(from.commodity());
    into.unit_name = name(from.unit_name());
    into.building_name = name(from.building_name());
    into.floor_name = name(from.floor_name());
    into.serial_number = name(from.serial_number());
}

bool introduces(const v1::LiveMeter& from) {
    return from.introduced() || !from.code().empty();
}

void take_figures(const v1::LiveMeter& from, LiveMeter& into) {
    into.account_id = from.account_id();
    into.account_number = clipped(from.account_number(), LiveMeters::kNameMax);
    into.customer = clipped(from.customer(), LiveMeters::kNameMax);
    take_state(from.state(), into);
    into.second_status = status_of(from.second_status());
    into.daily_use_wh = from.has_daily_use_wh() ? std::optional{from.daily_use_wh()} : std::nullopt;
    into.daily_use_days = from.daily_use_days();
    into.price_e4 = from.has_price_e4() ? std::optional{from.price_e4()} : std::nullopt;
    into.days_left =
        from.has_days_left() ? std::optional{std::clamp<int>(from.days_left(), 0, kDaysMax)} : std::nullopt;
    into.in_flight_e4 = from.in_flight_e4();
}

}  // namespace wutong::client
