#include "server/services/reading_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/day_text.hpp"
#include "server/services/paging.hpp"
#include "storage/reading_queries.hpp"

namespace wutong::server {

namespace {

using std::chrono::microseconds;

void fill(const storage::StoredReading& row, v1::Reading& reading) {
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
                                              size + 1,
                                              request->newest_first() ? storage::ReadingOrder::newest_first
                                                                      : storage::ReadingOrder::oldest_first);
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
        check_days(request->from_day(), request->to_day(), kMost);
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

grpc::Status ReadingService::GetReadingSeries(grpc::ServerContext* context,
                                              const v1::ReadingSeriesRequest* request,
                                              v1::ReadingSeries* response) {
    return handle(app_, context, [&](CallContext& call) {
        constexpr int kStepsDefault = 300;
        constexpr int kStepsMost = 1'000;
        // Of a meter that is read every minute that is half a million readings.
        constexpr std::chrono::days kMost{366};
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        const auto from = from_timestamp(request->from(), "from");
        const auto to = request->has_to() ? from_timestamp(request->to(), "to") : app_.now();
        if (from >= to || to - from > kMost) {
            throw invalid("from", fmt::format("must be before \"to\", and at most {} days", kMost.count()));
        }
        if (request->steps() < 0 || request->steps() > kStepsMost) {
            throw invalid("steps", fmt::format("{} is out of range: 1 to {}, or 0 for {}", request->steps(),
                                               kStepsMost, kStepsDefault));
        }
        const auto steps = request->steps() == 0 ? kStepsDefault : request->steps();
        // Rounded up, so that there are never more than were asked for.
        const auto width =
            std::max(std::chrono::ceil<std::chrono::seconds>((to - from) / steps), std::chrono::seconds{1});
        const auto rows =
            app_.database().transact(call.scope(property), "reading_series", [&](storage::Transaction& tx) {
                if (!storage::meter_exists(tx, property, meter)) {
                    throw not_found("meter", meter.value);
                }
                return storage::reading_series(tx, property, meter, from, to, width);
            });
        response->set_width_s(width.count());
        for (const auto& row : rows) {
            auto& step = *response->add_steps();
            *step.mutable_at() = to_timestamp(row.at);
            step.set_readings(row.readings);
            const auto set = [&step](const auto& value, void (v1::ReadingStep::*setter)(std::int64_t)) {
                if (value) {
                    (step.*setter)(*value);
                }
            };
            set(row.power_min_w, &v1::ReadingStep::set_power_min_w);
            set(row.power_avg_w, &v1::ReadingStep::set_power_avg_w);
            set(row.power_max_w, &v1::ReadingStep::set_power_max_w);
            set(row.energy_wh, &v1::ReadingStep::set_energy_wh);
            set(row.balance_e4, &v1::ReadingStep::set_balance_e4);
        }
    });
}

}  // namespace wutong::server
