#include "server/services/review_service.hpp"

#include <fmt/format.h>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/doubted_readings.hpp"

namespace wutong::server {

namespace {

using storage::DoubtDecision;

void fill(const storage::DoubtedReading& row, core::PropertyId property, v1::DoubtedReading& out) {
    out.Clear();
    out.set_doubt_id(row.id);
    out.set_property_id(property.value);
    out.set_meter_id(row.meter.value);
    out.set_meter_code(row.meter_code);
    out.set_unit_code(row.unit_code);
    out.set_commodity(core::to_string(row.commodity));
    *out.mutable_read_at() = to_timestamp(row.read_at);
    out.set_verdict(core::to_string(row.doubt.verdict));
    out.set_shown_wh(row.doubt.shown.watt_hours());
    out.set_before_wh(row.doubt.before.watt_hours());
    *out.mutable_before_at() = to_timestamp(row.doubt.before_at);
    if (row.doubt.capacity) {
        out.set_capacity_wh(row.doubt.capacity->watt_hours());
    }
    out.set_text(row.doubt.text);
    out.set_reason(row.reason);
    out.set_decided_by(row.decided_by);
    if (row.decided_at) {
        *out.mutable_decided_at() = to_timestamp(*row.decided_at);
    }
    if (row.decision) {
        out.set_decision(storage::to_string(*row.decision));
        return;
    }
    for (const auto decision : {DoubtDecision::used, DoubtDecision::anew, DoubtDecision::ignored}) {
        if (storage::fits(row.doubt.verdict, decision)) {
            out.add_possible(storage::to_string(decision));
        }
    }
}

DoubtDecision decision_of(const std::string& text) {
    try {
        return storage::parse_doubt_decision(text);
    } catch (const std::invalid_argument&) {
        throw invalid("decision", "say used, anew or ignored");
    }
}

void check_fits(const storage::DoubtedReading& row, DoubtDecision decision) {
    if (!storage::fits(row.doubt.verdict, decision)) {
        throw invalid("decision",
                      fmt::format("\"{}\" can't be said of \"{}\": what fell can't have been used, and what "
                                  "only stood still needs no new beginning",
                                  storage::to_string(decision), core::to_string(row.doubt.verdict)));
    }
}

}  // namespace

grpc::Status ReviewService::ListDoubtedReadings(grpc::ServerContext* context,
                                                const v1::ListDoubtedReadingsRequest* request,
                                                v1::ListDoubtedReadingsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const storage::DoubtFilter filter{property, core::MeterId{request->meter_id()},
                                          !request->decided_too()};
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        const auto rows = app_.database().transact(
            call.scope(property), "list_doubted_readings", [&](storage::Transaction& tx) {
                return storage::list_doubted_readings(tx, filter, before, size);
            });
        for (const auto& row : rows) {
            fill(row, property, *response->add_readings());
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().id));
        }
    });
}

grpc::Status ReviewService::DecideDoubtedReading(grpc::ServerContext* context,
                                                 const v1::DecideDoubtedReadingRequest* request,
                                                 v1::DoubtedReading* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto decision = decision_of(request->decision());
        if (request->reason().find_first_not_of(" \t\r\n") == std::string::npos ||
            request->reason().size() > 500) {
            throw invalid("reason", "say in at most 500 bytes what was found; it is kept");
        }
        app_.database().transact(
            call.scope(property), "decide_doubted_reading", [&](storage::Transaction& tx) {
                call.once(tx, property, "DecideDoubtedReading", *request, *response, [&] {
                    const auto row = storage::find_doubted_reading(tx, property, request->doubt_id());
                    if (!row) {
                        throw not_found("doubted reading", request->doubt_id());
                    }
                    check_fits(*row, decision);
                    if (!storage::decide_doubt(
                            tx, property, row->id,
                            {decision, request->reason(), call.operator_id(), app_.now()})) {
                        throw failed_precondition(
                            "already_decided",
                            fmt::format(
                                "Somebody has decided on this reading of meter {} already. Nothing was "
                                "changed.",
                                row->meter_code));
                    }
                    fill(*storage::find_doubted_reading(tx, property, row->id), property, *response);
                    call.log(tx, property, "reading.decide", fmt::format("meter {}", row->meter_code),
                             {{"doubt_id", row->id},
                              {"verdict", core::to_string(row->doubt.verdict)},
                              {"shown_wh", row->doubt.shown.watt_hours()},
                              {"before_wh", row->doubt.before.watt_hours()},
                              {"decision", request->decision()},
                              {"reason", request->reason()}});
                });
            });
    });
}

}  // namespace wutong::server
