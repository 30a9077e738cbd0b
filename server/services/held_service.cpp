#include "server/services/held_service.hpp"

#include <fmt/format.h>

#include <string>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "storage/held_meters.hpp"
#include "storage/meter_facts.hpp"

namespace wutong::server {

namespace {

void fill(const storage::HeldMeterRow& row, core::PropertyId property, v1::HeldMeter& out) {
    out.Clear();
    out.set_meter_id(row.meter.value);
    out.set_property_id(property.value);
    out.set_meter_code(row.meter_code);
    out.set_unit_code(row.unit_code);
    *out.mutable_since() = to_timestamp(row.since);
    out.set_decided_by(row.decided_by);
    out.set_reason(row.reason);
    out.set_account_id(row.account.value);
    out.set_account_number(row.account_number);
    if (row.charged_at) {
        *out.mutable_charged_at() = to_timestamp(*row.charged_at);
    }
    if (row.energy) {
        out.set_energy_wh(row.energy->watt_hours());
    }
    out.set_commodity(core::to_string(row.commodity));
    out.set_stopped(row.stopped.value_or(""));
}

/// The row of one meter. @pre it is run server-held
storage::HeldMeterRow row_of(storage::Transaction& tx, core::PropertyId property, core::MeterId meter) {
    return storage::list_held_meters(tx, property, core::MeterId{meter.value - 1}, 1).at(0);
}

void fill(const storage::GuardedUnit& unit, core::PropertyId property, v1::GuardedUnit& out) {
    out.Clear();
    out.set_unit_id(unit.unit.value);
    out.set_property_id(property.value);
    out.set_unit_code(unit.unit_code);
    out.set_kind(core::to_string(unit.kind));
    out.set_note(unit.note);
    out.set_decided_by(unit.decided_by);
    *out.mutable_since() = to_timestamp(unit.since);
}

void check_reason(const std::string& field, const std::string& reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > 500) {
        throw invalid(field, "say in at most 500 bytes why; it is kept");
    }
}

storage::MeterFacts meter_of(storage::Transaction& tx, core::PropertyId property, core::MeterId meter) {
    const auto facts = storage::meter_facts(tx, property, {meter});
    if (facts.empty()) {
        throw not_found("meter", meter.value);
    }
    return facts.at(meter);
}

/// Who keeps the credit is decided between two accounts, never while a tenant's money is on the meter.
void check_free(const storage::MeterFacts& meter) {
    if (meter.account) {
        throw failed_precondition(
            "meter_has_account",
            fmt::format(
                "Meter {} belongs to account {}. Nothing was changed. Close that account first: its credit "
                "is settled then, and the next account begins the other way.",
                meter.code, meter.account_number));
    }
    if (meter.unfinished_deliveries + meter.quarantined_deliveries > 0) {
        throw failed_precondition(
            "delivery_unfinished",
            fmt::format(
                "Money is still on its way to or from meter {}. Nothing was changed. Try again when that "
                "has ended.",
                meter.code));
    }
}

}  // namespace

grpc::Status HeldService::ListHeldMeters(grpc::ServerContext* context,
                                         const v1::ListHeldMetersRequest* request,
                                         v1::ListHeldMetersResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::MeterId after{page_key(request->page())};
        const auto rows = app_.database().transact(
            call.scope(property), "list_held_meters",
            [&](storage::Transaction& tx) { return storage::list_held_meters(tx, property, after, size); });
        for (const auto& row : rows) {
            fill(row, property, *response->add_meters());
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().meter.value));
        }
    });
}

grpc::Status HeldService::RunServerHeld(grpc::ServerContext* context, const v1::RunServerHeldRequest* request,
                                        v1::HeldMeter* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId id{request->meter_id()};
        check_reason("reason", request->reason());
        app_.database().transact(call.scope(property), "run_server_held", [&](storage::Transaction& tx) {
            call.once(tx, property, "RunServerHeld", *request, *response, [&] {
                const auto meter = meter_of(tx, property, id);
                check_free(meter);
                const auto* profile = app_.profiles().find(meter.profile);
                if (meter.role != "prepaid" || profile == nullptr || !profile->switchable()) {
                    throw failed_precondition(
                        "not_switchable",
                        fmt::format("Meter {} (role {}) has no relay that can be worked from here, or is not "
                                    "prepaid: who has no credit left could not be switched off. Nothing was "
                                    "changed.",
                                    meter.code, meter.role));
                }
                if (!storage::begin_held(tx, property, id, request->reason(),
                                         {call.operator_id(), app_.now()})) {
                    throw failed_precondition(
                        "already_held", fmt::format("Meter {} is run server-held already.", meter.code));
                }
                fill(row_of(tx, property, id), property, *response);
                call.log(tx, property, "held.begin", fmt::format("meter {}", meter.code),
                         {{"reason", request->reason()}});
            });
        });
    });
}

grpc::Status HeldService::RunMeterHeld(grpc::ServerContext* context, const v1::RunMeterHeldRequest* request,
                                       v1::RunMeterHeldResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId id{request->meter_id()};
        app_.database().transact(call.scope(property), "run_meter_held", [&](storage::Transaction& tx) {
            call.once(tx, property, "RunMeterHeld", *request, *response, [&] {
                const auto meter = meter_of(tx, property, id);
                check_free(meter);
                if (!storage::end_held(tx, property, id, {call.operator_id(), app_.now()})) {
                    throw failed_precondition("not_held",
                                              fmt::format("Meter {} is not run server-held.", meter.code));
                }
                call.log(tx, property, "held.end", fmt::format("meter {}", meter.code));
            });
        });
    });
}

grpc::Status HeldService::GoOnCharging(grpc::ServerContext* context, const v1::GoOnChargingRequest* request,
                                       v1::HeldMeter* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId id{request->meter_id()};
        check_reason("reason", request->reason());
        app_.database().transact(call.scope(property), "go_on_charging", [&](storage::Transaction& tx) {
            call.once(tx, property, "GoOnCharging", *request, *response, [&] {
                const auto meter = meter_of(tx, property, id);
                storage::lock_meter_links(tx, property, {id});
                const auto look = storage::newest_look(tx, property, id);
                if (!storage::is_held(tx, property, id) || !look) {
                    throw failed_precondition(
                        "not_held",
                        fmt::format("Meter {} is not charged by the server, or was never read.", meter.code));
                }
                const auto before = row_of(tx, property, id);
                if (!before.stopped) {
                    throw failed_precondition(
                        "not_stopped",
                        fmt::format("Meter {} is charged as it should be. Nothing was changed.", meter.code));
                }
                storage::go_on_charging(tx, property, id, *look, app_.now());
                fill(row_of(tx, property, id), property, *response);
                call.log(tx, property, "held.go_on", fmt::format("meter {}", meter.code),
                         {{"reason", request->reason()},
                          {"stopped", *before.stopped},
                          {"from_wh", before.energy.value_or(core::Energy{}).watt_hours()},
                          {"to_wh", look->energy.watt_hours()}});
            });
        });
    });
}

grpc::Status HeldService::ListGuardedUnits(grpc::ServerContext* context,
                                           const v1::ListGuardedUnitsRequest* request,
                                           v1::ListGuardedUnitsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::UnitId after{page_key(request->page())};
        const auto units = app_.database().transact(
            call.scope(property), "list_guarded_units",
            [&](storage::Transaction& tx) { return storage::list_guarded_units(tx, property, after, size); });
        for (const auto& unit : units) {
            fill(unit, property, *response->add_units());
        }
        if (is_full(units, size)) {
            response->set_next_page_token(std::to_string(units.back().unit.value));
        }
    });
}

grpc::Status HeldService::SetUnitGuard(grpc::ServerContext* context, const v1::SetUnitGuardRequest* request,
                                       v1::GuardedUnit* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        core::UnitGuard kind{};
        try {
            kind = core::parse_unit_guard(request->kind());
        } catch (const std::invalid_argument& error) {
            throw invalid("kind", error.what());
        }
        if (kind != core::UnitGuard::none) {
            check_reason("note", request->note());
        }
        app_.database().transact(call.scope(property), "set_unit_guard", [&](storage::Transaction& tx) {
            call.once(tx, property, "SetUnitGuard", *request, *response, [&] {
                const core::UnitId unit = request->unit_id() != 0
                                              ? core::UnitId{request->unit_id()}
                                              : storage::unit_of_code(tx, property, request->unit_code());
                const auto code = unit ? storage::unit_code_of(tx, property, unit) : std::string{};
                if (code.empty()) {
                    throw not_found("unit", request->unit_code().empty() ? std::to_string(request->unit_id())
                                                                         : request->unit_code());
                }
                storage::set_guard(tx, property, unit, kind, request->note(),
                                   {call.operator_id(), app_.now()});
                storage::GuardedUnit now{unit, code, kind, request->note(), call.operator_name(), app_.now()};
                fill(now, property, *response);
                call.log(tx, property, "held.guard", fmt::format("unit {}", code),
                         {{"kind", request->kind()}, {"note", request->note()}});
            });
        });
    });
}

}  // namespace wutong::server
