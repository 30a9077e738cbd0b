// The part of TariffService that lists prices on their way, and those that came.
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "server/services/tariff_service.hpp"
#include "storage/price_downloads.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

/// "waiting" and why, for people.
void fill_state(const storage::PriceDownloadRow& row, v1::TariffDownload& out) {
    const auto& kept = row.download;
    out.set_state(kept.given_up ? "given_up" : row.sent ? "sent" : "waiting");
    if (kept.given_up || !row.sent) {
        out.set_why(row.why);
        return;
    }
    out.set_why(row.lost          ? "the meter does not answer; the command waits for it"
                : row.why.empty() ? "the command is on its way"
                                  : "the command is on its way again; before: " + row.why);
}

void fill(const storage::PriceDownloadRow& row, v1::TariffDownload& out) {
    const auto& kept = row.download;
    out.set_meter_id(row.meter.value);
    out.set_meter_code(row.meter_code);
    out.set_unit_code(row.unit_code);
    out.set_plan_id(kept.wanted.plan);
    out.set_plan_name(row.plan_name);
    out.set_version_from(storage::local_day_text(kept.wanted.version));
    out.set_wanted_price_e4(kept.wanted.price.ten_thousandths_per_kwh());
    if (row.held) {
        out.set_held_price_e4(row.held->ten_thousandths_per_kwh());
    }
    *out.mutable_since() = to_timestamp(kept.wanted.effective_at);
    out.set_attempts(kept.attempts);
    out.set_command_id(row.command.value);
    if (kept.next_attempt_at) {
        *out.mutable_next_attempt_at() = to_timestamp(*kept.next_attempt_at);
    }
    fill_state(row, out);
}

void fill(const storage::PriceChangeRow& row, v1::PriceChange& out) {
    out.set_change_id(row.id);
    out.set_meter_id(row.meter.value);
    out.set_meter_code(row.meter_code);
    out.set_account_id(row.account.value);
    out.set_account_number(row.account_number);
    out.set_plan_id(row.plan.value);
    out.set_plan_name(row.plan_name);
    out.set_version_from(row.version ? storage::local_day_text(*row.version) : "");
    if (row.from) {
        out.set_from_price_e4(row.from->ten_thousandths_per_kwh());
    }
    out.set_to_price_e4(row.to.ten_thousandths_per_kwh());
    if (row.effective_at) {
        *out.mutable_effective_at() = to_timestamp(*row.effective_at);
    }
    if (row.id != 0) {
        *out.mutable_confirmed_at() = to_timestamp(row.at);
    }
    if (row.energy) {
        out.set_energy_at_confirm_wh(row.energy->watt_hours());
    }
    if (row.late) {
        out.set_late_wh(row.late->watt_hours());
    }
    if (row.difference) {
        out.set_difference_e4(row.difference->ten_thousandths());
    }
}

}  // namespace

grpc::Status TariffService::ListDownloads(grpc::ServerContext* context,
                                          const v1::ListTariffDownloadsRequest* request,
                                          v1::ListTariffDownloadsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int size = page_size(request->page());
        const core::MeterId after{page_key(request->page())};
        const auto rows = app_.database().transact(
            call.scope(property), "list_price_downloads", [&](storage::Transaction& tx) {
                return storage::list_price_downloads(tx, property, core::BuildingId{request->building_id()},
                                                     after, size);
            });
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().meter.value));
        }
        for (const auto& row : rows) {
            fill(row, *response->add_downloads());
        }
    });
}

grpc::Status TariffService::ListPriceChanges(grpc::ServerContext* context,
                                             const v1::ListPriceChangesRequest* request,
                                             v1::ListPriceChangesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int size = page_size(request->page());
        std::optional<core::Timestamp> before;
        if (const auto key = page_key(request->page()); key != 0) {
            before = core::Timestamp{std::chrono::microseconds{key}};
        }
        storage::PriceChangeFilter filter;
        filter.meter = core::MeterId{request->meter_id()};
        filter.from = optional_time(request->has_from(), request->from(), "from");
        filter.to = optional_time(request->has_to(), request->to(), "to");
        filter.late_only = request->late_only();
        const auto rows = app_.database().transact(
            call.scope(property), "list_price_changes", [&](storage::Transaction& tx) {
                return storage::list_price_changes(tx, property, filter, before, size);
            });
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().at.time_since_epoch().count()));
        }
        for (const auto& row : rows) {
            fill(row, *response->add_changes());
        }
    });
}

}  // namespace wutong::server
