// The part of ReadingService that is about what happened: alarms, and everything else of one meter.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "server/services/reading_service.hpp"
#include "storage/alarm_queries.hpp"
#include "storage/meter_events.hpp"
#include "storage/reading_queries.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::days kEventsDefault{31};
constexpr std::chrono::days kEventsMost{366};
constexpr int kEventsPerPage = 500;
constexpr std::array kAlarmKinds{
    "alarm_1",           "alarm_2",           "arrears",     "lost_meter",          "lost_gateway",
    "lost_channel",      "overload",          "fault",       "quarantine",          "foreign_write",
    "not_stored",        "price_unknown",     "wrong_meter", "ledger_difference",   "balance_unexplained",
    "not_charged",       "implausible",       "cover_open",  "terminal_cover_open", "voltage_loss",
    "current_loss",      "reverse_power",     "relay_fault", "battery_low",         "clock_drift",
    "voltage_unbalance", "current_unbalance", "phase_order", "messages_not_sent"};

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
    alarm.set_meter_code(row.meter_code);
    alarm.set_unit_code(row.unit_code);
    alarm.set_unit_name(row.unit_name);
    alarm.set_customer(row.customer);
    alarm.set_account_number(row.account_number);
    alarm.set_acknowledged_by(row.acknowledged_by);
}

/// "microseconds.what.subject" of the last event of a page.
std::string token_of(const storage::MeterEvent& event) {
    return fmt::format("{}.{}.{}", event.at.time_since_epoch().count(), event.what, event.subject);
}

std::optional<storage::MeterEventKey> key_of(const std::string& token) {
    if (token.empty()) {
        return std::nullopt;
    }
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    std::int64_t at = 0;
    std::int64_t subject = 0;
    const auto read = [&token](std::size_t begin, std::size_t end, std::int64_t& number) {
        const auto parsed = std::from_chars(token.data() + begin, token.data() + end, number);
        return parsed.ec == std::errc{} && parsed.ptr == token.data() + end;
    };
    // Beyond the year 9999 the database has no times.
    constexpr std::int64_t kLast = 253'402'300'799'000'000;
    if (token.size() > 100 || first == std::string::npos || last == first || !read(0, first, at) || at < 0 ||
        at > kLast || !read(last + 1, token.size(), subject)) {
        throw invalid("page.token",
                      "is not the next_page_token of an earlier answer; leave it empty for the first page");
    }
    return storage::MeterEventKey{core::Timestamp{std::chrono::microseconds{at}},
                                  token.substr(first + 1, last - first - 1), subject};
}

}  // namespace

grpc::Status ReadingService::ListAlarms(grpc::ServerContext* context, const v1::ListAlarmsRequest* request,
                                        v1::ListAlarmsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::AlarmFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.meter = core::MeterId{request->meter_id()};
        filter.live_only = request->live_only();
        filter.unacknowledged_only = request->unacknowledged_only();
        filter.kind = request->kind();
        if (!filter.kind.empty() &&
            std::find(kAlarmKinds.begin(), kAlarmKinds.end(), filter.kind) == kAlarmKinds.end()) {
            throw invalid("kind", fmt::format("\"{}\" is no kind of alarm; known are {}",
                                              filter.kind.substr(0, 40), fmt::join(kAlarmKinds, ", ")));
        }
        filter.from = optional_time(request->has_from(), request->from(), "from");
        filter.to = optional_time(request->has_to(), request->to(), "to");
        const auto size = page_size(request->page());
        const core::AlarmId before{page_key(request->page())};
        auto rows = app_.database().transact(
            call.scope(filter.property), "list_alarms",
            [&](storage::Transaction& tx) { return storage::list_alarms(tx, filter, before, size + 1); });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().alarm.value));
        }
        for (const auto& row : rows) {
            fill(filter.property, row, *response->add_alarms());
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

grpc::Status ReadingService::ListMeterEvents(grpc::ServerContext* context,
                                             const v1::ListMeterEventsRequest* request,
                                             v1::ListMeterEventsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        const auto size = std::min(page_size(request->page()), kEventsPerPage);
        const auto before = key_of(request->page().token());
        // A little beyond now: the database's clock, which dates most of them, may run ahead of ours.
        const auto to =
            request->has_to() ? from_timestamp(request->to(), "to") : app_.now() + std::chrono::minutes{1};
        const auto from = request->has_from() ? from_timestamp(request->from(), "from") : to - kEventsDefault;
        if (from >= to || to - from > kEventsMost) {
            throw invalid("from",
                          fmt::format("must be before \"to\", and at most {} days", kEventsMost.count()));
        }
        auto rows =
            app_.database().transact(call.scope(property), "meter_events", [&](storage::Transaction& tx) {
                if (!storage::meter_exists(tx, property, meter)) {
                    throw not_found("meter", meter.value);
                }
                return storage::list_meter_events(tx, property, meter, from, to, before, size + 1);
            });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(token_of(rows.back()));
        }
        for (const auto& row : rows) {
            auto& event = *response->add_events();
            *event.mutable_at() = to_timestamp(row.at);
            event.set_what(row.what);
            event.set_kind(row.kind);
            event.set_state(row.state);
            event.set_text(row.text);
            event.set_operator_(row.operator_name);
            if (row.amount) {
                event.set_amount_e4(row.amount->ten_thousandths());
            }
            event.set_alarm_id(row.alarm.value);
            event.set_command_id(row.command.value);
            event.set_delivery_id(row.delivery.value);
            event.set_account_id(row.account.value);
            event.set_arguments_json(row.arguments);
        }
    });
}

}  // namespace wutong::server
