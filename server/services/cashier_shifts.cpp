// The part of CashierService that is about shifts.
#include "storage/cashier_shifts.hpp"

#include <fmt/format.h>

#include <variant>
#include <vector>

#include "server/call.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/cashier_service.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "server/services/selling_place.hpp"
#include "storage/errors.hpp"

namespace wutong::server {

namespace {

constexpr std::size_t kTextMax = 500;

void fill(const storage::StoredShift& shift, v1::Shift& out) {
    out.Clear();
    out.set_shift_id(shift.id.value);
    out.set_property_id(shift.property.value);
    out.set_point_id(shift.point.value);
    out.set_point_code(shift.point_code);
    out.set_point_name(shift.point_name);
    out.set_operator_id(shift.operator_id.value);
    out.set_operator_(shift.operator_name);
    out.set_state(shift.open ? "open" : "closed");
    *out.mutable_opened_at() = to_timestamp(shift.opened_at);
    if (shift.closed_at) {
        *out.mutable_closed_at() = to_timestamp(*shift.closed_at);
    }
    out.set_closed_by(shift.closed_by);
    out.set_difference_e4(shift.difference.ten_thousandths());
    out.set_receipt_count(shift.receipts);
    out.set_note(shift.note);
    out.set_closing_entry_id(shift.closing_entry.value);
}

/// With its drawers and what was put in and taken out.
void fill_whole(storage::Transaction& tx, core::PropertyId property, core::ShiftId id, v1::Shift& out) {
    const auto shift = storage::find_shift(tx, property, id);
    if (!shift) {
        throw not_found("shift", id.value);
    }
    fill(*shift, out);
    for (const auto& [method, sums] : storage::shift_drawers(tx, property, *shift)) {
        auto& drawer = *out.add_drawers();
        drawer.set_method(to_proto(method));
        drawer.set_sold_e4(sums.sold.ten_thousandths());
        drawer.set_paid_out_e4(sums.paid_out.ten_thousandths());
        drawer.set_moved_e4(sums.moved.ten_thousandths());
        drawer.set_expected_e4(sums.expected().ten_thousandths());
        if (sums.counted) {
            drawer.set_counted_e4(sums.counted->ten_thousandths());
            drawer.set_difference_e4((*sums.counted - sums.expected()).ten_thousandths());
        }
    }
    for (const auto& move : storage::shift_moves(tx, property, id)) {
        auto& one = *out.add_moves();
        one.set_kind(core::to_string(move.kind));
        one.set_amount_e4(move.amount.ten_thousandths());
        one.set_reason(move.reason);
        *one.mutable_at() = to_timestamp(move.at);
        one.set_entry_id(move.entry.value);
    }
}

void check_text_of(const std::string& field, const std::string& text) {
    std::vector<FieldViolation> faults;
    check_text(faults, field, text, kTextMax);
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
}

storage::VendingPoint point_of(storage::Transaction& tx, core::PropertyId property,
                               const v1::OpenShiftRequest& request) {
    const auto point =
        request.point_code().empty()
            ? storage::find_vending_point(tx, property, core::VendingPointId{request.point_id()})
            : storage::find_vending_point(tx, property, request.point_code());
    if (!point) {
        throw request.point_code().empty() ? not_found("vending_point", request.point_id())
                                           : not_found("vending_point", request.point_code());
    }
    return *point;
}

core::DrawerSums counted_of(const v1::CloseShiftRequest& request) {
    core::DrawerSums counted;
    for (int i = 0; i < request.counted_size(); ++i) {
        const auto field = fmt::format("counted[{}].method", i);
        const auto method = tender_method(request.counted(i).method(), field.c_str());
        if (!counted.emplace(method, core::Money{request.counted(i).amount_e4()}).second) {
            throw invalid(field, fmt::format("{} was counted twice", core::to_string(method)));
        }
    }
    return counted;
}

Refused no_open_shift() {
    return failed_precondition(
        "no_open_shift", "You have no open shift. Nothing was changed. Open one at a vending point first.");
}

/// One's own, or anybody's for those who may manage shifts.
void check_whose(const CallContext& call, const storage::StoredShift& shift) {
    if (shift.operator_id != call.operator_id() && !call.may("shift.manage")) {
        throw Refused{
            grpc::StatusCode::PERMISSION_DENIED, "not_your_shift",
            fmt::format("Shift {} is of {}. It takes the permission shift.manage to see or close it.",
                        shift.id.value, shift.operator_name)};
    }
}

core::ShiftId named_or_own(storage::Transaction& tx, const CallContext& call, core::PropertyId property,
                           std::int64_t id) {
    const auto shift = id != 0 ? core::ShiftId{id} : storage::open_shift_of(tx, property, call.operator_id());
    if (!shift) {
        throw no_open_shift();
    }
    return shift;
}

}  // namespace

grpc::Status CashierService::OpenShift(grpc::ServerContext* context, const v1::OpenShiftRequest* request,
                                       v1::Shift* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::Money cash{request->float_e4()};
        if ((request->point_id() == 0) == request->point_code().empty()) {
            throw invalid("point_id", "name the vending point either by point_id or by point_code");
        }
        const auto open = [&](storage::Transaction& tx) {
            call.once(tx, property, "OpenShift", *request, *response, [&] {
                const auto point = point_of(tx, property, *request);
                const auto own = storage::open_shift_of(tx, property, call.operator_id());
                const auto refusal = core::check_open_shift(
                    cash, {point.enabled, static_cast<bool>(own), static_cast<bool>(point.open_shift)});
                if (refusal) {
                    const auto about = *refusal == core::ShiftRefusal::shift_open
                                           ? fmt::format(" ({})", own.value)
                                       : *refusal == core::ShiftRefusal::point_disabled ||
                                               *refusal == core::ShiftRefusal::point_in_use
                                           ? point.code
                                           : core::to_string(cash);
                    throw refused_shift(*refusal, "float_e4", about, "No shift was opened.");
                }
                const auto now = app_.now();
                const auto shift = storage::insert_shift(tx, property, point.id, call.operator_id(), now);
                if (cash > core::Money{}) {
                    storage::insert_cash_move(tx, property, shift, call.operator_id(), request->request_id(),
                                              {core::CashMoveKind::starting_float, cash, "", now, {}});
                }
                fill_whole(tx, property, shift, *response);
                call.log(tx, property, "shift.open", fmt::format("vending point {}", point.code),
                         {{"shift_id", shift.value}, {"float_e4", request->float_e4()}});
            });
        };
        try {
            app_.database().transact(call.scope(property), "open_shift", open);
        } catch (const storage::UniqueViolation& violation) {
            // Two at the same moment: the indexes decided who was first.
            if (violation.constraint() == "cashier_shift_of_operator") {
                throw refused_shift(core::ShiftRefusal::shift_open, "", "", "No shift was opened.");
            }
            if (violation.constraint() == "cashier_shift_at_point") {
                throw refused_shift(core::ShiftRefusal::point_in_use, "", request->point_code(),
                                    "No shift was opened.");
            }
            throw;
        }
    });
}

grpc::Status CashierService::MoveCash(grpc::ServerContext* context, const v1::MoveCashRequest* request,
                                      v1::Shift* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::Money amount{request->amount_e4()};
        const auto kind = request->out() ? core::CashMoveKind::pay_out : core::CashMoveKind::pay_in;
        check_text_of("reason", request->reason());
        app_.database().transact(call.scope(property), "move_cash", [&](storage::Transaction& tx) {
            call.once(tx, property, "MoveCash", *request, *response, [&] {
                const auto shift =
                    storage::lock_open_shift(tx, property, named_or_own(tx, call, property, 0));
                if (!shift) {
                    throw no_open_shift();
                }
                auto drawer = storage::drawer_sums(tx, property, shift->id);
                if (const auto refusal = core::check_cash_move(kind, amount, request->reason(), drawer)) {
                    throw refused_shift(
                        *refusal, *refusal == core::ShiftRefusal::reason_missing ? "reason" : "amount_e4",
                        core::to_string(*refusal == core::ShiftRefusal::above_drawer
                                            ? drawer[core::TenderMethod::cash]
                                            : amount),
                        "Nothing was booked.");
                }
                storage::insert_cash_move(tx, property, shift->id, call.operator_id(), request->request_id(),
                                          {kind, amount, request->reason(), app_.now(), {}});
                fill_whole(tx, property, shift->id, *response);
                call.log(tx, property, request->out() ? "shift.pay_out" : "shift.pay_in",
                         fmt::format("shift {}", shift->id.value),
                         {{"amount_e4", request->amount_e4()}, {"reason", request->reason()}});
            });
        });
    });
}

grpc::Status CashierService::CloseShift(grpc::ServerContext* context, const v1::CloseShiftRequest* request,
                                        v1::Shift* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto counted = counted_of(*request);
        check_text_of("note", request->note());
        app_.database().transact(call.scope(property), "close_shift", [&](storage::Transaction& tx) {
            call.once(tx, property, "CloseShift", *request, *response, [&] {
                const auto id = named_or_own(tx, call, property, request->shift_id());
                const auto shift = storage::lock_open_shift(tx, property, id);
                if (!shift) {
                    if (!storage::find_shift(tx, property, id)) {
                        throw not_found("shift", id.value);
                    }
                    throw failed_precondition(
                        "shift_closed",
                        fmt::format("Shift {} is closed already. Nothing was changed.", id.value));
                }
                check_whose(call, *shift);
                const auto count = core::count_shift(storage::drawer_sums(tx, property, id), counted);
                if (const auto* refusal = std::get_if<core::CountRefusal>(&count)) {
                    const auto found = counted.find(refusal->method);
                    throw refused_shift(
                        refusal->refusal, "counted",
                        refusal->refusal == core::ShiftRefusal::count_missing || found == counted.end()
                            ? std::string(core::to_string(refusal->method))
                            : core::to_string(found->second),
                        "The shift is still open.");
                }
                storage::close_shift(tx, property, *shift,
                                     {std::get<std::vector<core::CountedDrawer>>(count), call.operator_id(),
                                      request->request_id(), request->note(), app_.now()});
                fill_whole(tx, property, id, *response);
                call.log(tx, property, "shift.close", fmt::format("shift {}", id.value),
                         {{"point", shift->point_code},
                          {"of", shift->operator_name},
                          {"difference_e4", response->difference_e4()},
                          {"note", request->note()}});
            });
        });
    });
}

grpc::Status CashierService::GetShift(grpc::ServerContext* context, const v1::GetShiftRequest* request,
                                      v1::Shift* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_shift", [&](storage::Transaction& tx) {
            const auto id = named_or_own(tx, call, property, request->shift_id());
            const auto shift = storage::find_shift(tx, property, id);
            if (!shift) {
                throw not_found("shift", id.value);
            }
            check_whose(call, *shift);
            fill_whole(tx, property, id, *response);
        });
    });
}

grpc::Status CashierService::ListShifts(grpc::ServerContext* context, const v1::ListShiftsRequest* request,
                                        v1::ListShiftsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::ShiftFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        // Those who may not manage shifts see their own.
        filter.operator_id =
            call.may("shift.manage") ? core::OperatorId{request->operator_id()} : call.operator_id();
        filter.point = core::VendingPointId{request->point_id()};
        filter.from = optional_time(request->has_from(), request->from(), "from");
        filter.to = optional_time(request->has_to(), request->to(), "to");
        filter.open_only = request->open_only();
        const auto size = page_size(request->page());
        const core::ShiftId before{page_key(request->page())};
        const auto shifts = app_.database().transact(
            call.scope(filter.property), "list_shifts",
            [&](storage::Transaction& tx) { return storage::list_shifts(tx, filter, before, size); });
        for (const auto& shift : shifts) {
            fill(shift, *response->add_shifts());
        }
        if (is_full(shifts, size)) {
            response->set_next_page_token(std::to_string(shifts.back().id.value));
        }
    });
}

}  // namespace wutong::server
