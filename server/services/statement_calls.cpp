// The part of AccountService that is a tenant's statement.
#include <fmt/format.h>

#include "server/call.hpp"
#include "server/services/account_service.hpp"
#include "server/services/convert.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "storage/accounts.hpp"
#include "storage/sites.hpp"
#include "storage/statements.hpp"

namespace wutong::server {

namespace {

using core::EntryKind;

/// Why the entry is there, for the tenant.
std::string reason_of(const storage::StatementLine& line) {
    const auto receipt = receipt_number(line.sale, line.point_code, line.receipt_no);
    const auto by = line.method ? fmt::format(", {}", core::to_string(*line.method)) : std::string{};
    const auto charged = line.charged == core::Money{}
                             ? std::string{}
                             : fmt::format(", {} of it for charges", core::to_string(line.charged));
    switch (line.kind) {
        case EntryKind::sale:
            return fmt::format("paid in{}, receipt {}{}", by, receipt, charged);
        case EntryKind::delivery:
            return line.off_meter ? "taken off the meter" : "confirmed by the meter";
        case EntryKind::release:
            return "not taken by the meter, back on the account";
        case EntryKind::consumption:
            return "used: " + line.memo;
        case EntryKind::refund_payout:
            return "paid out" + by;
        case EntryKind::reversal:
            return fmt::format("sale taken back{}, receipt {}{}", by, receipt, charged);
        case EntryKind::rounding:
            return "rounding at closing";
        case EntryKind::correction:
            return line.memo.empty() ? "correction" : line.memo;
        case EntryKind::shift:
            return line.memo;
        case EntryKind::deposit:
            return line.method ? "deposit" + by : "deposit returned";
    }
    return line.memo;
}

void fill(const storage::StatementMeter& meter, v1::StatementMeter& out) {
    out.set_meter_id(meter.meter.value);
    out.set_meter_code(meter.meter_code);
    out.set_unit_code(meter.unit_code);
    out.set_commodity(core::to_string(meter.commodity));
    if (meter.first && meter.last && meter.first_at && meter.last_at) {
        out.set_first_wh(meter.first->watt_hours());
        *out.mutable_first_at() = to_timestamp(*meter.first_at);
        out.set_last_wh(meter.last->watt_hours());
        *out.mutable_last_at() = to_timestamp(*meter.last_at);
        out.set_energy_wh((*meter.last - *meter.first).watt_hours());
    }
}

void fill(const storage::StatementSums& sums, v1::Statement& out) {
    out.set_opening_balance_e4(sums.opening.ten_thousandths());
    out.set_closing_balance_e4(sums.closing.ten_thousandths());
    out.set_paid_in_e4(sums.paid_in.ten_thousandths());
    out.set_used_e4(sums.used.ten_thousandths());
    out.set_paid_out_e4(sums.paid_out.ten_thousandths());
    out.set_other_e4(sums.other.ten_thousandths());
    out.set_deposit_e4(sums.deposit.ten_thousandths());
}

}  // namespace

grpc::Status AccountService::GetStatement(grpc::ServerContext* context, const v1::StatementRequest* request,
                                          v1::Statement* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        const auto from = optional_time(request->has_from(), request->from(), "from");
        const auto to = optional_time(request->has_to(), request->to(), "to");
        const auto size = page_size(request->page());
        const core::EntryId after{page_key(request->page())};
        app_.database().transact(call.scope(property), "get_statement", [&](storage::Transaction& tx) {
            response->Clear();
            const auto account = storage::find_account(tx, property, id);
            if (!account) {
                throw not_found("account", id.value);
            }
            const storage::StatementSpan span{
                property, id, from.value_or(account->opened_at),
                to ? *to : storage::statement_end(tx, property, id, app_.now())};
            if (span.from >= span.to) {
                throw invalid("from", "must be before \"to\"");
            }
            response->set_account_id(id.value);
            response->set_number(account->number);
            response->set_customer(account->customer.name);
            for (const auto& site : storage::list_properties(tx)) {
                if (site.property == property) {
                    response->set_property_name(site.name);
                    response->set_currency(site.currency);
                    response->set_time_zone(site.time_zone);
                }
            }
            *response->mutable_from() = to_timestamp(span.from);
            *response->mutable_to() = to_timestamp(span.to);
            const auto sums = storage::statement_sums(tx, span, after);
            fill(sums, *response);
            auto balance = sums.before_page;
            const auto lines = storage::statement_lines(tx, span, after, size);
            for (const auto& line : lines) {
                balance += line.change;
                auto& out = *response->add_lines();
                out.set_entry_id(line.entry.value);
                *out.mutable_booked_at() = to_timestamp(line.booked_at);
                out.set_kind(core::to_string(line.kind));
                out.set_reason(reason_of(line));
                out.set_memo(line.memo);
                out.set_meter_code(line.meter_code);
                out.set_operator_(line.operator_name);
                out.set_change_e4(line.change.ten_thousandths());
                out.set_balance_e4(balance.ten_thousandths());
                out.set_moved_e4(line.moved.ten_thousandths());
            }
            if (is_full(lines, size)) {
                response->set_next_page_token(std::to_string(lines.back().entry.value));
            }
            if (!after) {
                for (const auto& meter : storage::statement_meters(tx, span)) {
                    fill(meter, *response->add_meters());
                }
            }
            if (const auto sealed = storage::statement_seal(tx, span)) {
                response->set_sealed_entry_id(sealed->entry.value);
                response->set_sealed_position(sealed->position);
                response->set_sealed_hash(sealed->hash);
            }
        });
    });
}

}  // namespace wutong::server
