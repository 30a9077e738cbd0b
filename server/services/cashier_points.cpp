// The part of CashierService that is about places and limits.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "server/call.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/cashier_service.hpp"
#include "storage/errors.hpp"
#include "storage/operators.hpp"
#include "storage/vending_points.hpp"

namespace wutong::server {

namespace {

constexpr std::int64_t kLimitMax = 10'000'000'000'000;

void fill(const storage::VendingPoint& point, core::PropertyId property, v1::VendingPoint& out) {
    out.Clear();
    out.set_point_id(point.id.value);
    out.set_property_id(property.value);
    out.set_code(point.code);
    out.set_name(point.name);
    out.set_enabled(point.enabled);
    out.set_sale_max_e4(point.limits.sale_max.value_or(core::Money{}).ten_thousandths());
    out.set_day_max_e4(point.limits.day_max.value_or(core::Money{}).ten_thousandths());
    out.set_last_receipt(point.last_receipt);
    out.set_open_shift_id(point.open_shift.value);
    out.set_open_shift_operator(point.open_shift_operator);
}

void check_limit(std::vector<FieldViolation>& faults, const std::string& field, std::int64_t e4) {
    if (e4 < 0 || e4 > kLimitMax) {
        faults.push_back({field, fmt::format("must be 0 (no limit) to {}, in ten-thousandths", kLimitMax)});
    }
}

std::optional<core::Money> limit_of(std::int64_t e4) {
    return e4 == 0 ? std::nullopt : std::optional(core::Money{e4});
}

void check_code(std::vector<FieldViolation>& faults, const std::string& code) {
    const auto plain = [](char one) { return std::isalnum(static_cast<unsigned char>(one)) != 0; };
    if (code.empty() || code.size() > 12 || !std::all_of(code.begin(), code.end(), plain)) {
        faults.push_back({"code", "must be 1 to 12 letters and digits; it stands on every receipt"});
    }
}

void refuse(std::vector<FieldViolation> faults) {
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
}

}  // namespace

grpc::Status CashierService::ListPoints(grpc::ServerContext* context, const v1::ListPointsRequest* request,
                                        v1::ListPointsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto points = app_.database().transact(
            call.scope(property), "list_points",
            [&](storage::Transaction& tx) { return storage::list_vending_points(tx, property); });
        for (const auto& point : points) {
            fill(point, property, *response->add_points());
        }
    });
}

grpc::Status CashierService::CreatePoint(grpc::ServerContext* context, const v1::CreatePointRequest* request,
                                         v1::VendingPoint* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        std::vector<FieldViolation> faults;
        check_code(faults, request->code());
        check_text(faults, "name", request->name(), 100);
        check_limit(faults, "sale_max_e4", request->sale_max_e4());
        check_limit(faults, "day_max_e4", request->day_max_e4());
        refuse(std::move(faults));
        storage::VendingPoint point;
        point.code = request->code();
        point.name = request->name();
        point.limits = {limit_of(request->sale_max_e4()), limit_of(request->day_max_e4())};
        try {
            app_.database().transact(call.scope(property), "create_point", [&](storage::Transaction& tx) {
                call.once(tx, property, "CreatePoint", *request, *response, [&] {
                    const auto id = storage::insert_vending_point(tx, property, point);
                    fill(*storage::find_vending_point(tx, property, id), property, *response);
                    call.log(tx, property, "point.create", fmt::format("vending point {}", point.code),
                             {{"name", point.name},
                              {"sale_max_e4", request->sale_max_e4()},
                              {"day_max_e4", request->day_max_e4()}});
                });
            });
        } catch (const storage::UniqueViolation& violation) {
            if (violation.constraint() != "vending_point_code") {
                throw;
            }
            throw already_exists(
                "code", fmt::format("there is a vending point {} already; choose another code", point.code));
        }
    });
}

grpc::Status CashierService::UpdatePoint(grpc::ServerContext* context, const v1::UpdatePointRequest* request,
                                         v1::VendingPoint* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        std::vector<FieldViolation> faults;
        check_text(faults, "name", request->name(), 100);
        check_limit(faults, "sale_max_e4", request->sale_max_e4());
        check_limit(faults, "day_max_e4", request->day_max_e4());
        refuse(std::move(faults));
        app_.database().transact(call.scope(property), "update_point", [&](storage::Transaction& tx) {
            call.once(tx, property, "UpdatePoint", *request, *response, [&] {
                auto point =
                    storage::find_vending_point(tx, property, core::VendingPointId{request->point_id()});
                if (!point) {
                    throw not_found("vending_point", request->point_id());
                }
                point->name = request->has_name() ? request->name() : point->name;
                point->enabled = request->has_enabled() ? request->enabled() : point->enabled;
                if (request->has_sale_max_e4()) {
                    point->limits.sale_max = limit_of(request->sale_max_e4());
                }
                if (request->has_day_max_e4()) {
                    point->limits.day_max = limit_of(request->day_max_e4());
                }
                storage::update_vending_point(tx, property, *point);
                fill(*point, property, *response);
                call.log(tx, property, "point.update", fmt::format("vending point {}", point->code),
                         {{"name", response->name()},
                          {"enabled", response->enabled()},
                          {"sale_max_e4", response->sale_max_e4()},
                          {"day_max_e4", response->day_max_e4()}});
            });
        });
    });
}

grpc::Status CashierService::ListCashierLimits(grpc::ServerContext* context,
                                               const v1::ListCashierLimitsRequest* request,
                                               v1::ListCashierLimitsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto limits = app_.database().transact(
            call.scope(property), "list_cashier_limits",
            [&](storage::Transaction& tx) { return storage::list_cashier_limits(tx, property); });
        for (const auto& one : limits) {
            auto& out = *response->add_limits();
            out.set_operator_id(one.operator_id.value);
            out.set_operator_(one.operator_name);
            out.set_sale_max_e4(one.limits.sale_max.value_or(core::Money{}).ten_thousandths());
            out.set_day_max_e4(one.limits.day_max.value_or(core::Money{}).ten_thousandths());
        }
    });
}

grpc::Status CashierService::SetCashierLimit(grpc::ServerContext* context,
                                             const v1::SetCashierLimitRequest* request,
                                             v1::CashierLimit* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        std::vector<FieldViolation> faults;
        check_limit(faults, "sale_max_e4", request->sale_max_e4());
        check_limit(faults, "day_max_e4", request->day_max_e4());
        refuse(std::move(faults));
        app_.database().transact(call.scope(property), "set_cashier_limit", [&](storage::Transaction& tx) {
            call.once(tx, property, "SetCashierLimit", *request, *response, [&] {
                const auto who = storage::find_credentials(tx, request->operator_(), false);
                if (!who) {
                    throw not_found("operator", request->operator_());
                }
                storage::set_cashier_limit(
                    tx, property, who->operator_id,
                    {limit_of(request->sale_max_e4()), limit_of(request->day_max_e4())});
                response->set_operator_id(who->operator_id.value);
                response->set_operator_(who->name);
                response->set_sale_max_e4(request->sale_max_e4());
                response->set_day_max_e4(request->day_max_e4());
                call.log(tx, property, "point.limit", fmt::format("operator {}", who->name),
                         {{"sale_max_e4", request->sale_max_e4()}, {"day_max_e4", request->day_max_e4()}});
            });
        });
    });
}

}  // namespace wutong::server
