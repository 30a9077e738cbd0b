// How the account page's screen follows from what was loaded.
#include <wutong/v1/account_service.pb.h>

#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

void AccountPresenter::write() {
    if (!account_) {
        return tell();
    }
    const auto& account = *account_;
    screen_.title = clipped(account.customer().name(), 120);
    screen_.state = account.state();
    screen_.state_words = account_state_name(account.state());
    screen_.facts = fill(tr("Account {number}"), fmt::arg("number", clipped(account.number(), 40)));
    if (!account.customer().phone().empty()) {
        screen_.facts += "  ·  " + clipped(account.customer().phone(), 40);
    }
    if (account.has_opened_at()) {
        screen_.facts += "  ·  " + fill(tr("since {day}"),
                                        fmt::arg("day", table_date(to_time_point(account.opened_at()))));
    }
    if (account.has_closed_at()) {
        screen_.facts += "  ·  " + fill(tr("closed {day}"),
                                        fmt::arg("day", table_date(to_time_point(account.closed_at()))));
    }
    screen_.note = clipped(account.customer().note(), 300);
    screen_.on_meters = money(account.prepaid_credit_e4());
    screen_.in_flight = money(account.in_flight_e4());
    std::int64_t payable = 0;
    if (__builtin_add_overflow(account.refund_payable_e4(), account.unallocated_e4(), &payable)) {
        payable = account.refund_payable_e4();
    }
    screen_.payable = money(payable);
    screen_.something_payable = payable > 0;
    screen_.used = money(account.consumed_e4());
    const auto& session = context_.session;
    const bool open = account.state() == "open";
    screen_.may_sell = open && session.may("sale.write");
    screen_.may_refund = open && session.may("sale.refund");
    screen_.may_pay_out = payable > 0 && session.may("sale.refund");
    screen_.may_settle = session.may("sale.settle");
    screen_.may_write = open && session.may("account.write");
    screen_.why_not_write =
        session.may("account.write")
            ? fill(tr("The account is not open any more: {state}."), fmt::arg("state", screen_.state_words))
            : tr("You may look here, but not change accounts.");
    write_meters();
    tell();
}

void AccountPresenter::write_meters() {
    screen_.meters.clear();
    for (const auto& meter : account_->meters()) {
        if (meter.has_unlinked_at() && account_->state() != "closed") {
            continue;
        }
        AccountMeterRow row;
        row.meter_id = meter.meter_id();
        row.unit = clipped(meter.unit_code().empty() ? meter.meter_code() : meter.unit_code(), 40);
        // In many buildings a meter is called as its unit is: once is enough.
        row.code = meter.meter_code() == meter.unit_code() ? std::string{}
                                                           : grouped_code(clipped(meter.meter_code(), 40));
        row.purchase_number = count(meter.purchase_number());
        row.on_meter = meter.has_meter_balance_e4() ? money(meter.meter_balance_e4()) : kDash;
        row.ledger = kDash;
        row.days_left = kDash;
        row.read = tr("never read");
        if (const auto* live = context_.live.find(meter.meter_id())) {
            row.status = live->status;
            row.on_meter = money_or_dash(live->balance_e4);
            row.days_left = days_long(live->days_left);
            if (const auto age_now = context_.live.age_of(*live)) {
                row.read = fill(tr("read {age} ago"), fmt::arg("age", age(*age_now)));
            }
        }
        row.status_words = state_name(row.status);
        if (meter.has_balances()) {
            const auto& two = meter.balances();
            row.ledger = money(two.ledger_e4());
            if (two.in_flight_e4() != 0) {
                row.in_flight =
                    fill(tr("{amount} on its way"), fmt::arg("amount", money_change(two.in_flight_e4())));
            }
            if (two.has_meter_e4()) {
                // The two as they were compared; the live figure may be newer by some seconds.
                row.on_meter = money(two.meter_e4());
            }
            if (two.has_difference_e4() && two.difference_e4() != 0) {
                const auto unexplained =
                    two.has_unexplained_e4() ? two.unexplained_e4() : two.difference_e4();
                row.unexplained = unexplained != 0;
                row.difference = row.unexplained
                                     ? fill(tr("{difference}, of it {part} unexplained"),
                                            fmt::arg("difference", money_change(two.difference_e4())),
                                            fmt::arg("part", money_change(unexplained)))
                                     : fill(tr("{difference} explained"),
                                            fmt::arg("difference", money_change(two.difference_e4())));
                if (two.has_use_not_booked_e4() && two.use_not_booked_e4() != 0) {
                    row.causes.emplace_back(tr("Used, not booked yet"),
                                            money_change(two.use_not_booked_e4()));
                }
                if (two.has_rounding_e4() && two.rounding_e4() != 0) {
                    row.causes.emplace_back(tr("Rounding"), money_change(two.rounding_e4()));
                }
                if (row.unexplained) {
                    row.causes.emplace_back(tr("Unexplained"), money_change(unexplained));
                }
            }
        }
        screen_.meters.push_back(std::move(row));
    }
}

}  // namespace wutong::client
