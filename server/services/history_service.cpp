#include "server/services/history_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/feeder_loss.hpp"
#include "server/app.hpp"
#include "server/call.hpp"
#include "server/jobs/history_job.hpp"
#include "server/services/commodity_text.hpp"
#include "server/services/convert.hpp"
#include "server/services/day_text.hpp"
#include "server/services/paging.hpp"
#include "storage/energy_reports.hpp"
#include "storage/history.hpp"
#include "storage/meters.hpp"
#include "storage/parameters.hpp"
#include "storage/reading_gaps.hpp"
#include "storage/reading_queries.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::days kDaysOfMeter{3'660};
constexpr std::chrono::days kDaysOfAll{400};
constexpr int kFeedersMost = 100;
constexpr int kNamedMost = 50;
constexpr int kFedMost = 2'000;
constexpr int kArchiveMonths = 1'000;

void fill_rates(const storage::RateUse& rates, v1::RateEnergy& out) {
    const auto set = [&out](const std::optional<std::int64_t>& value,
                            void (v1::RateEnergy::*setter)(std::int64_t)) {
        if (value) {
            (out.*setter)(*value);
        }
    };
    set(rates.sharp_wh, &v1::RateEnergy::set_sharp_wh);
    set(rates.peak_wh, &v1::RateEnergy::set_peak_wh);
    set(rates.flat_wh, &v1::RateEnergy::set_flat_wh);
    set(rates.valley_wh, &v1::RateEnergy::set_valley_wh);
    set(rates.reverse_wh, &v1::RateEnergy::set_reverse_wh);
}

template <class Row>
void fill_step(const Row& row, const std::string& day, int days, v1::EnergyStep& out) {
    out.set_day(day);
    out.set_used_wh(row.used_wh);
    fill_rates(row.rates, *out.mutable_rates());
    out.set_days(days);
    *out.mutable_first_at() = to_timestamp(row.first_at);
    *out.mutable_last_at() = to_timestamp(row.last_at);
}

/// The days of a request as times; what has not been yet can't be read.
storage::LocalDay period_of(storage::Transaction& tx, core::PropertyId property, const std::string& from_day,
                            const std::string& to_day, core::Timestamp now) {
    storage::LocalDay period{storage::local_day(tx, property, from_day).from,
                             storage::local_day(tx, property, to_day).to};
    period.to = std::min(period.to, now);
    return period;
}

core::Coverage fill_use(const storage::MeterUse& use, const storage::LocalDay& period, v1::MeterEnergy& out) {
    out.set_meter_id(use.meter.value);
    out.set_meter_code(use.code);
    out.set_unit_code(use.unit_code);
    out.set_role(use.role);
    if (use.used_wh) {
        out.set_used_wh(*use.used_wh);
    }
    fill_rates(use.rates, *out.mutable_rates());
    out.set_days(use.days);
    if (use.known_from) {
        *out.mutable_known_from() = to_timestamp(*use.known_from);
    }
    if (use.known_to) {
        *out.mutable_known_to() = to_timestamp(*use.known_to);
    }
    const auto coverage = core::coverage_of(use.span(), period.from, period.to);
    out.set_coverage(core::to_string(coverage));
    return coverage;
}

void fill_loss(const storage::Feeder& feeder, const std::map<core::MeterId, storage::MeterUse>& uses,
               const storage::LocalDay& period, v1::FeederLoss& out) {
    const auto& own = uses.at(feeder.feeder);
    bool complete = fill_use(own, period, *out.mutable_feeder()) == core::Coverage::whole;
    std::vector<core::UseSpan> fed;
    for (const auto id : feeder.meters) {
        const auto& use = uses.at(id);
        fed.push_back(use.span());
        if (core::coverage_of(fed.back(), period.from, period.to) != core::Coverage::whole) {
            complete = false;
            out.set_incomplete(out.incomplete() + 1);
            if (out.named_size() < kNamedMost) {
                fill_use(use, period, *out.add_named());
            }
        }
    }
    const auto loss = core::feeder_loss(own.span(), fed);
    out.set_meters(static_cast<int>(feeder.meters.size()));
    out.set_in_wh(loss.in.watt_hours());
    out.set_out_wh(loss.out.watt_hours());
    out.set_lost_wh(loss.lost.watt_hours());
    if (loss.share_e4) {
        out.set_lost_share_e4(*loss.share_e4);
    }
    out.set_complete(complete);
}

void fill_archive(storage::Transaction& tx, core::PropertyId property, v1::Archive& out) {
    std::map<std::string, v1::ArchiveMonth, std::greater<>> months;
    for (const auto& hot : storage::hot_month_sizes(tx)) {
        auto& month = months[hot.month];
        month.set_hot(true);
        month.set_hot_bytes(hot.bytes);
        month.set_hot_readings(hot.readings);
    }
    for (const auto& moved : storage::list_history_months(tx, kArchiveMonths)) {
        auto& month = months[moved.month];
        month.set_moved_meters(moved.meters);
        month.set_moved_readings(moved.readings);
        month.set_bytes_before(moved.bytes_before);
        *month.mutable_begun_at() = to_timestamp(moved.begun_at);
        *month.mutable_moved_at() = to_timestamp(moved.moved_at);
        if (moved.finished_at) {
            *month.mutable_finished_at() = to_timestamp(*moved.finished_at);
        }
    }
    for (auto& [name, month] : months) {
        month.set_month(name);
        *out.add_months() = std::move(month);
    }
    out.set_archive_bytes(storage::archive_bytes(tx));
    const auto policy = history_policy(storage::list_parameters(tx, property));
    out.set_held(policy.held);
    out.set_hot_months(policy.hot_months);
    const auto round = storage::history_round(tx);
    if (round.wanted_at) {
        *out.mutable_wanted_at() = to_timestamp(*round.wanted_at);
    }
    if (round.begun_at) {
        *out.mutable_begun_at() = to_timestamp(*round.begun_at);
    }
    if (round.finished_at) {
        *out.mutable_finished_at() = to_timestamp(*round.finished_at);
    }
    out.set_moved_readings(round.moved_readings);
    out.set_forgotten(round.forgotten);
    out.set_error(round.error);
}

}  // namespace

grpc::Status HistoryService::ListMeterEnergy(grpc::ServerContext* context,
                                             const v1::ListMeterEnergyRequest* request,
                                             v1::ListMeterEnergyResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        check_days(request->from_day(), request->to_day(),
                   request->by_month() ? 10 * kDaysOfMeter : kDaysOfMeter);
        app_.database().transact(call.scope(property), "list_meter_energy", [&](storage::Transaction& tx) {
            response->Clear();
            if (!storage::meter_exists(tx, property, meter)) {
                throw not_found("meter", meter.value);
            }
            if (request->by_month()) {
                for (const auto& row :
                     storage::list_monthly_energy(tx, property, meter, request->from_day().substr(0, 7),
                                                  request->to_day().substr(0, 7))) {
                    fill_step(row, row.month, row.days, *response->add_steps());
                }
            } else {
                for (const auto& row : storage::list_daily_energy(tx, property, meter, request->from_day(),
                                                                  request->to_day())) {
                    fill_step(row, row.day, 1, *response->add_steps());
                }
            }
        });
    });
}

grpc::Status HistoryService::ReportEnergy(grpc::ServerContext* context,
                                          const v1::ReportEnergyRequest* request,
                                          v1::ReportEnergyResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        check_days(request->from_day(), request->to_day(), kDaysOfAll);
        const auto commodity = commodity_named(request->commodity(), "commodity");
        const auto size = page_size(request->page());
        const core::MeterId after{page_key(request->page())};
        app_.database().transact(call.scope(property), "report_energy", [&](storage::Transaction& tx) {
            response->Clear();
            const auto period = period_of(tx, property, request->from_day(), request->to_day(), app_.now());
            const auto meters = storage::meters_after(tx, property, commodity, request->role(), after, size);
            for (const auto& use :
                 storage::meter_uses(tx, property, meters, request->from_day(), request->to_day())) {
                fill_use(use, period, *response->add_meters());
            }
            if (is_full(meters, size)) {
                response->set_next_page_token(std::to_string(meters.back().value));
            }
        });
    });
}

grpc::Status HistoryService::ReportLosses(grpc::ServerContext* context,
                                          const v1::ReportLossesRequest* request,
                                          v1::ReportLossesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        check_days(request->from_day(), request->to_day(), kDaysOfAll);
        const auto size = std::min(page_size(request->page()), kFeedersMost);
        const core::MeterId after{page_key(request->page())};
        const core::MeterId only{request->feeder_id()};
        app_.database().transact(call.scope(property), "report_losses", [&](storage::Transaction& tx) {
            response->Clear();
            const auto period = period_of(tx, property, request->from_day(), request->to_day(), app_.now());
            const auto feeders = storage::list_feeders(tx, property, only, after, size);
            if (only && feeders.empty()) {
                throw not_found("feeder", only.value);
            }
            std::set<core::MeterId> wanted;
            for (const auto& feeder : feeders) {
                wanted.insert(feeder.feeder);
                wanted.insert(feeder.meters.begin(), feeder.meters.end());
            }
            std::map<core::MeterId, storage::MeterUse> uses;
            for (auto& use : storage::meter_uses(tx, property, {wanted.begin(), wanted.end()},
                                                 request->from_day(), request->to_day())) {
                uses.emplace(use.meter, std::move(use));
            }
            for (const auto& feeder : feeders) {
                fill_loss(feeder, uses, period, *response->add_feeders());
            }
            if (is_full(feeders, size)) {
                response->set_next_page_token(std::to_string(feeders.back().feeder.value));
            }
        });
    });
}

grpc::Status HistoryService::GetFeeds(grpc::ServerContext* context, const v1::GetFeedsRequest* request,
                                      v1::Feeds* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId feeder{request->feeder_id()};
        app_.database().transact(call.scope(property), "get_feeds", [&](storage::Transaction& tx) {
            response->Clear();
            const auto row = storage::find_meter(tx, property, feeder);
            if (!row) {
                throw not_found("meter", feeder.value);
            }
            response->set_feeder_id(feeder.value);
            response->set_feeder_code(row->code);
            for (const auto& fed : storage::list_fed(tx, property, feeder)) {
                auto& meter = *response->add_meters();
                meter.set_meter_id(fed.meter.value);
                meter.set_meter_code(fed.code);
                meter.set_unit_code(fed.unit_code);
            }
        });
    });
}

grpc::Status HistoryService::SetFeeds(grpc::ServerContext* context, const v1::SetFeedsRequest* request,
                                      v1::SetFeedsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId feeder{request->feeder_id()};
        if (request->meter_ids_size() > kFedMost) {
            throw invalid("meter_ids", fmt::format("a feeder feeds at most {} meters", kFedMost));
        }
        std::set<core::MeterId> meters;
        for (const auto id : request->meter_ids()) {
            meters.insert(core::MeterId{id});
        }
        if (meters.contains(feeder)) {
            throw invalid("meter_ids", "a feeder does not feed itself");
        }
        const std::vector<core::MeterId> list{meters.begin(), meters.end()};
        app_.database().transact(call.scope(property), "set_feeds", [&](storage::Transaction& tx) {
            call.once(tx, property, "SetFeeds", *request, *response, [&] {
                const auto row = storage::find_meter(tx, property, feeder);
                if (!row) {
                    throw not_found("meter", feeder.value);
                }
                if (row->role != "feeder") {
                    throw failed_precondition(
                        "not_a_feeder", fmt::format("meter {} is a {} meter; only one of the role feeder "
                                                    "feeds others",
                                                    row->code, row->role));
                }
                const auto found = storage::find_meters(tx, property, list);
                for (const auto id : list) {
                    if (std::none_of(found.begin(), found.end(),
                                     [&](const auto& meter) { return meter.meter == id; })) {
                        throw not_found("meter", id.value);
                    }
                }
                storage::set_feeds(tx, property, feeder, list);
                response->set_feeder_id(feeder.value);
                response->set_meters(static_cast<int>(list.size()));
                call.log(tx, property, "meter.feeds", "meter " + row->code, {{"meters", list.size()}});
            });
        });
    });
}

grpc::Status HistoryService::GetArchive(grpc::ServerContext* context, const v1::GetArchiveRequest* request,
                                        v1::Archive* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_archive", [&](storage::Transaction& tx) {
            response->Clear();
            fill_archive(tx, property, *response);
        });
    });
}

grpc::Status HistoryService::RunArchive(grpc::ServerContext* context, const v1::RunArchiveRequest* request,
                                        v1::Archive* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "run_archive", [&](storage::Transaction& tx) {
            call.once(tx, property, "RunArchive", *request, *response, [&] {
                storage::want_history_round(tx, app_.now());
                fill_archive(tx, property, *response);
                call.log(tx, property, "history.run", "archive of readings");
            });
        });
    });
}

}  // namespace wutong::server
