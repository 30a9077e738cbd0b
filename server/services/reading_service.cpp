#include "server/services/reading_service.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/alarm_queries.hpp"
#include "storage/reading_queries.hpp"

namespace wutong::server {

namespace {

using std::chrono::microseconds;

void fill(const storage::ReadingRow& row, v1::Reading& reading) {
    *reading.mutable_read_at() = to_timestamp(row.read_at);
    const auto set = [&reading](const auto& value, void (v1::Reading::*setter)(std::int64_t)) {
        if (value) {
            (reading.*setter)(*value);
        }
    };
    set(row.energy_wh, &v1::Reading::set_energy_wh);
    set(row.sharp_wh, &v1::Reading::set_sharp_wh);
    set(row.peak_wh, &v1::Reading::set_peak_wh);
    set(row.flat_wh, &v1::Reading::set_flat_wh);
    set(row.valley_wh, &v1::Reading::set_valley_wh);
    set(row.reverse_wh, &v1::Reading::set_reverse_wh);
    set(row.balance_e4, &v1::Reading::set_balance_e4);
    set(row.purchase_number, &v1::Reading::set_purchase_number);
    set(row.power_w, &v1::Reading::set_power_w);
    set(row.reactive_var, &v1::Reading::set_reactive_var);
    if (row.power_factor_e3) {
        reading.set_power_factor_e3(*row.power_factor_e3);
    }
    if (row.frequency_mhz) {
        reading.set_frequency_mhz(*row.frequency_mhz);
    }
    reading.mutable_voltage_mv()->Add(row.voltage_mv.begin(), row.voltage_mv.end());
    reading.mutable_current_ma()->Add(row.current_ma.begin(), row.current_ma.end());
    if (row.relay_closed) {
        reading.set_relay_closed(*row.relay_closed);
    }
    reading.set_source(row.source);
}

void fill(core::PropertyId property, const storage::AlarmRow& row, v1::Alarm& alarm) {
    alarm.set_alarm_id(row.alarm.value);
    alarm.set_property_id(property.value);
    alarm.set_kind(row.kind);
    alarm.set_meter_id(row.meter.value);
    alarm.set_channel_id(row.channel.value);
    alarm.set_gateway_id(row.gateway.value);
    alarm.set_text(row.text);
    *alarm.mutable_raised_at() = to_timestamp(row.raised_at);
    if (row.cleared_at) {
        *alarm.mutable_cleared_at() = to_timestamp(*row.cleared_at);
    }
    if (row.acknowledged_at) {
        *alarm.mutable_acknowledged_at() = to_timestamp(*row.acknowledged_at);
    }
    alarm.set_subject(row.subject);
}

/// A real date, YYYY-MM-DD.
std::chrono::sys_days parse_day(const std::string& text, const char* field) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto number = [&text](std::size_t at, std::size_t length, auto& out) {
        const auto* begin = text.data() + at;
        const auto parsed = std::from_chars(begin, begin + length, out);
        return parsed.ec == std::errc{} && parsed.ptr == begin + length;
    };
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && number(0, 4, year) &&
                        number(5, 2, month) && number(8, 2, day);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (!shaped || year < 1 || !date.ok()) {
        throw invalid(field, fmt::format("\"{}\" is not a day; write it as 2026-01-31", text));
    }
    return date;
}

/// The token of a page of readings is the time of its last row, in microseconds since 1970.
std::optional<core::Timestamp> page_time(const v1::Page& page) {
    const auto key = page_key(page);
    return key == 0 ? std::nullopt : std::optional{core::Timestamp{microseconds{key}}};
}

}  // namespace

grpc::Status ReadingService::ListReadings(grpc::ServerContext* context,
                                          const v1::ListReadingsRequest* request,
                                          v1::ListReadingsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        const auto size = page_size(request->page());
        const auto from = from_timestamp(request->from(), "from");
        // Without an end: everything up to now, and a little, because the meter's clock may run ahead of
        // ours.
        const auto to =
            request->has_to() ? from_timestamp(request->to(), "to") : app_.now() + std::chrono::hours{24};
        if (from >= to) {
            throw invalid("from", "must be before \"to\"");
        }
        auto rows =
            app_.database().transact(call.scope(property), "list_readings", [&](storage::Transaction& tx) {
                if (!storage::meter_exists(tx, property, meter)) {
                    throw not_found("meter", meter.value);
                }
                return storage::list_readings(tx, property, meter, from, to, page_time(request->page()),
                                              size + 1);
            });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().read_at.time_since_epoch().count()));
        }
        for (const auto& row : rows) {
            fill(row, *response->add_readings());
        }
    });
}

grpc::Status ReadingService::ListDailyEnergy(grpc::ServerContext* context,
                                             const v1::ListDailyEnergyRequest* request,
                                             v1::ListDailyEnergyResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        constexpr std::chrono::days kMost{3660};
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        const auto from = parse_day(request->from_day(), "from_day");
        const auto to = parse_day(request->to_day(), "to_day");
        if (to < from) {
            throw invalid("to_day", "must not be before from_day");
        }
        if (to - from >= kMost) {
            throw invalid("to_day", fmt::format("at most {} days can be asked for at once", kMost.count()));
        }
        const auto rows = app_.database().transact(
            call.scope(property), "list_daily_energy", [&](storage::Transaction& tx) {
                if (!storage::meter_exists(tx, property, meter)) {
                    throw not_found("meter", meter.value);
                }
                return storage::list_daily_energy(tx, property, meter, request->from_day(),
                                                  request->to_day());
            });
        for (const auto& row : rows) {
            auto& day = *response->add_days();
            day.set_day(row.day);
            day.set_used_wh(row.used_wh);
            *day.mutable_first_at() = to_timestamp(row.first_at);
            *day.mutable_last_at() = to_timestamp(row.last_at);
        }
    });
}

grpc::Status ReadingService::ListAlarms(grpc::ServerContext* context, const v1::ListAlarmsRequest* request,
                                        v1::ListAlarmsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::AlarmId before{page_key(request->page())};
        auto rows =
            app_.database().transact(call.scope(property), "list_alarms", [&](storage::Transaction& tx) {
                return storage::list_alarms(tx, property, core::MeterId{request->meter_id()},
                                            request->live_only(), before, size + 1);
            });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().alarm.value));
        }
        for (const auto& row : rows) {
            fill(property, row, *response->add_alarms());
        }
    });
}

grpc::Status ReadingService::AcknowledgeAlarm(grpc::ServerContext* context,
                                              const v1::AcknowledgeAlarmRequest* request,
                                              v1::Alarm* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "acknowledge_alarm", [&](storage::Transaction& tx) {
            call.once(tx, property, "AcknowledgeAlarm", *request, *response, [&] {
                try {
                    const auto row = storage::acknowledge_alarm(
                        tx, property, core::AlarmId{request->alarm_id()}, call.operator_id());
                    fill(property, row, *response);
                } catch (const storage::NotFound&) {
                    throw not_found("alarm", request->alarm_id());
                }
                call.log(tx, property, "alarm.acknowledge", fmt::format("alarm {}", request->alarm_id()),
                         {{"subject", response->subject()}, {"kind", response->kind()}});
            });
        });
    });
}

}  // namespace wutong::server
