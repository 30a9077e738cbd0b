#include "server/services/upkeep_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/reading_gaps.hpp"
#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/channel_load_shapes.hpp"
#include "server/services/convert.hpp"
#include "server/services/day_text.hpp"
#include "server/services/paging.hpp"
#include "storage/meter_clocks.hpp"
#include "storage/meter_records.hpp"
#include "storage/reading_gaps.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

/// As collectors do it where nothing else is said.
constexpr std::chrono::seconds kReadingDefault{1'800};
constexpr std::chrono::seconds kFreshnessDefault{180};
constexpr std::chrono::days kDaysMost{31};
constexpr int kMetersAtOnce = 500;
constexpr int kChannelsMost = 1'000;
constexpr int kWorstMost = 500;

struct OfMeter {
    std::string code, unit;
    std::int64_t expected = 0, on_time = 0, fetched = 0;
    [[nodiscard]] std::int64_t missing() const { return expected - on_time - fetched; }
};
using OfMeters = std::map<core::MeterId, OfMeter>;

/// Counts one day, and adds to what is known of each meter.
void count_day(App& app, CallContext& call, core::PropertyId property, const std::string& text,
               v1::CollectionDay& day, OfMeters& meters) {
    day.set_day(text);
    core::MeterId after;
    for (;;) {
        storage::LocalDay bounds;
        const auto some =
            app.database().transact(call.scope(property), "report_collection", [&](storage::Transaction& tx) {
                bounds = storage::local_day(tx, property, text);
                // What comes half an interval late is still in time.
                return storage::readings_of_all(tx, property, bounds.from, bounds.to + std::chrono::hours{1},
                                                kReadingDefault, after, kMetersAtOnce);
            });
        for (const auto& meter : some) {
            const core::ExpectedReadings expected{std::max(bounds.from, meter.since), bounds.to,
                                                  meter.interval, app.now()};
            const auto count = core::count_collection(meter.readings, expected);
            day.set_expected(day.expected() + count.expected);
            day.set_on_time(day.on_time() + count.on_time);
            day.set_fetched(day.fetched() + count.fetched);
            OfMeter& one = meters[meter.meter];
            one.code = meter.meter_code;
            one.unit = meter.unit_code;
            one.expected += count.expected;
            one.on_time += count.on_time;
            one.fetched += count.fetched;
        }
        if (some.size() < static_cast<std::size_t>(kMetersAtOnce)) {
            return;
        }
        after = some.back().meter;
    }
}

void fill_worst(const OfMeters& meters, int most, v1::ReportCollectionResponse& out) {
    std::vector<std::pair<core::MeterId, OfMeter>> worst;
    std::copy_if(meters.begin(), meters.end(), std::back_inserter(worst),
                 [](const auto& one) { return one.second.missing() > 0; });
    std::stable_sort(worst.begin(), worst.end(),
                     [](const auto& a, const auto& b) { return a.second.missing() > b.second.missing(); });
    if (worst.size() > static_cast<std::size_t>(most)) {
        worst.erase(worst.begin() + most, worst.end());
    }
    for (const auto& [id, one] : worst) {
        auto& meter = *out.add_worst();
        meter.set_meter_id(id.value);
        meter.set_meter_code(one.code);
        meter.set_unit_code(one.unit);
        meter.set_expected(one.expected);
        meter.set_on_time(one.on_time);
        meter.set_fetched(one.fetched);
    }
}

}  // namespace

grpc::Status UpkeepService::ListMeterRecords(grpc::ServerContext* context,
                                             const v1::ListMeterRecordsRequest* request,
                                             v1::ListMeterRecordsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        storage::MeterRecordFilter filter{
            property, core::MeterId{request->meter_id()}, request->standing_only(), {}};
        if (!request->kind().empty()) {
            try {
                filter.kind = core::parse_meter_event_kind(request->kind());
            } catch (const std::invalid_argument& unknown) {
                throw invalid("kind", unknown.what());
            }
        }
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        const auto rows = app_.database().transact(
            call.scope(property), "list_meter_records",
            [&](storage::Transaction& tx) { return storage::list_meter_records(tx, filter, before, size); });
        for (const auto& row : rows) {
            auto& out = *response->add_records();
            out.set_record_id(row.id);
            out.set_meter_id(row.meter.value);
            out.set_meter_code(row.meter_code);
            out.set_unit_code(row.unit_code);
            out.set_kind(core::to_string(row.kind));
            *out.mutable_began_at() = to_timestamp(row.began_at);
            if (row.ended_at) {
                *out.mutable_ended_at() = to_timestamp(*row.ended_at);
            }
            out.set_recorded(row.recorded);
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().id));
        }
    });
}

grpc::Status UpkeepService::ListMeterClocks(grpc::ServerContext* context,
                                            const v1::ListMeterClocksRequest* request,
                                            v1::ListMeterClocksResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->drift_min_s() < 0) {
            throw invalid("drift_min_s", "must not be negative; drifts of both signs are listed");
        }
        const auto size = page_size(request->page());
        const auto after = page_key(request->page());
        const auto rows = app_.database().transact(
            call.scope(property), "list_meter_clocks", [&](storage::Transaction& tx) {
                return storage::list_meter_clocks(tx, property, core::MeterId{request->meter_id()},
                                                  request->drift_min_s(), core::MeterId{after}, size);
            });
        for (const auto& row : rows) {
            auto& out = *response->add_clocks();
            out.set_meter_id(row.meter.value);
            out.set_meter_code(row.meter_code);
            out.set_unit_code(row.unit_code);
            *out.mutable_measured_at() = to_timestamp(row.measured_at);
            out.set_drift_s(row.drift_s);
            out.set_note(row.note);
            out.set_moved_s(row.moved_s);
            out.set_steps(row.steps);
            if (row.stepped_at) {
                *out.mutable_stepped_at() = to_timestamp(*row.stepped_at);
            }
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().meter.value));
        }
    });
}

grpc::Status UpkeepService::ReportCollection(grpc::ServerContext* context,
                                             const v1::ReportCollectionRequest* request,
                                             v1::ReportCollectionResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto days = check_days(request->from_day(), request->to_day(), kDaysMost);
        if (request->worst() < 0 || request->worst() > kWorstMost) {
            throw invalid("worst", fmt::format("say 0 to {} meters", kWorstMost));
        }
        OfMeters meters;
        for (auto day = days.from; day <= days.to; day += std::chrono::days{1}) {
            count_day(app_, call, property, storage::local_day_text(day), *response->add_days(), meters);
        }
        fill_worst(meters, request->worst(), *response);
    });
}

grpc::Status UpkeepService::ListChannelLoads(grpc::ServerContext* context,
                                             const v1::ListChannelLoadsRequest* request,
                                             v1::ListChannelLoadsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->freshness_s() < 0 || request->freshness_s() > 86'400) {
            throw invalid("freshness_s", "say 1 to 86400 seconds, or 0 for 180");
        }
        const auto freshness =
            request->freshness_s() == 0 ? kFreshnessDefault : std::chrono::seconds{request->freshness_s()};
        const auto rows = app_.database().transact(
            call.scope(property), "list_channel_loads", [&](storage::Transaction& tx) {
                return storage::channel_loads(tx, property, kReadingDefault, kChannelsMost);
            });
        for (const auto& row : rows) {
            fill_load(row, app_.profiles(), freshness, app_.now(), *response->add_channels());
        }
        response->set_freshness_s(freshness.count());
    });
}

}  // namespace wutong::server
