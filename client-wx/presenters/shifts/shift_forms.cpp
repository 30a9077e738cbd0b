#include "client-wx/presenters/shifts/shift_forms.hpp"

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/cashier_service.pb.h"

namespace wutong::client {

namespace {

class CashMoveForm final : public Form {
public:
    CashMoveForm(Context& context, bool out) : Form{context}, out_{out} {
        screen_.title = out ? tr("Pay-out from the drawer") : tr("Pay-in to the drawer");
        screen_.intro =
            out ? tr("Cash that leaves the drawer, to the bank for example. It is booked in your shift.")
                : tr("Cash that comes into the drawer, change for example. It is booked in your shift.");
        add({"amount_e4", FormField::Kind::number, tr("Amount"), "", currency_sign()});
        add({"reason", FormField::Kind::text, tr("Reason"), "", "",
             tr("Kept with the shift and in the journal")});
    }

protected:
    void check() override {
        amount("amount_e4", true);
        need("reason");
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto typed = parse_money(value("amount_e4"));
        if (!typed || *typed <= 0) {
            return out_ ? tr("Pay out") : tr("Pay in");
        }
        return fill(out_ ? tr("Pay out {amount}") : tr("Pay in {amount}"), fmt::arg("amount", money(*typed)));
    }
    void send() override {
        v1::MoveCashRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_out(out_);
        request.set_amount_e4(amount("amount_e4", true).value_or(0));
        request.set_reason(value("reason"));
        const auto words = money(request.amount_e4());
        change<v1::MoveCashRequest, v1::Shift>(
            method::move_cash, std::move(request), [this, words](const v1::Shift& shift) {
                context_.shift.take(shift);
                return fill(
                    out_ ? tr("{amount} paid out of the drawer.") : tr("{amount} paid into the drawer."),
                    fmt::arg("amount", words));
            });
    }

private:
    bool out_;
};

/// What limits have in common; 0 and nothing both mean none.
class LimitsForm : public Form {
protected:
    using Form::Form;
    void add_limits(std::int64_t sale_max_e4, std::int64_t day_max_e4) {
        const auto shown = [](std::int64_t e4) { return e4 > 0 ? plain_money(e4) : std::string{}; };
        add({"sale_max_e4", FormField::Kind::number, tr("Most for one sale"), shown(sale_max_e4),
             currency_sign(), tr("Empty: no limit")});
        add({"day_max_e4", FormField::Kind::number, tr("Most for one day"), shown(day_max_e4),
             currency_sign(), tr("Empty: no limit")});
    }
    void check_limits() {
        amount("sale_max_e4", false);
        amount("day_max_e4", false);
    }
    std::int64_t limit(const std::string& key) { return amount(key, false).value_or(0); }
};

class PointForm final : public LimitsForm {
public:
    PointForm(Context& context, const v1::VendingPoint* point)
        : LimitsForm{context}, id_{point != nullptr ? point->point_id() : 0} {
        screen_.title = id_ == 0 ? tr("Add vending point") : tr("Change vending point");
        screen_.intro = tr("A counter with a drawer. Its receipts are numbered without a gap.");
        FormField code{"code",     FormField::Kind::text,
                       tr("Code"), "",
                       "",         tr("1 to 12 letters and digits; stands on the receipts: EAST")};
        if (point != nullptr) {
            code.value = point->code();
            code.enabled = false;
            code.hint = tr("It stays: it is on the receipts.");
        }
        add(std::move(code));
        add({"name", FormField::Kind::text, tr("Name"), point != nullptr ? point->name() : ""});
        add_limits(point != nullptr ? point->sale_max_e4() : 0, point != nullptr ? point->day_max_e4() : 0);
        if (point != nullptr) {
            add({"enabled", FormField::Kind::toggle, tr("In use"), point->enabled() ? "1" : ""});
        }
    }

protected:
    void check() override {
        need("code");
        need("name");
        check_limits();
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return id_ != 0       ? tr("Save")
               : code.empty() ? tr("Add vending point")
                              : fill(tr("Add vending point {}"), code);
    }
    void send() override {
        if (id_ != 0) {
            v1::UpdatePointRequest request;
            request.set_request_id(new_request_id());
            request.set_property_id(context_.session.property_id());
            request.set_point_id(id_);
            request.set_name(value("name"));
            request.set_enabled(!value("enabled").empty());
            request.set_sale_max_e4(limit("sale_max_e4"));
            request.set_day_max_e4(limit("day_max_e4"));
            change<v1::UpdatePointRequest, v1::VendingPoint>(
                method::update_point, std::move(request), [](const v1::VendingPoint& now) {
                    return fill(tr("Vending point {} changed."), now.code());
                });
            return;
        }
        v1::CreatePointRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_code(value("code"));
        request.set_name(value("name"));
        request.set_sale_max_e4(limit("sale_max_e4"));
        request.set_day_max_e4(limit("day_max_e4"));
        change<v1::CreatePointRequest, v1::VendingPoint>(
            method::create_point, std::move(request),
            [](const v1::VendingPoint& made) { return fill(tr("Vending point {} added."), made.code()); });
    }

private:
    std::int64_t id_;
};

class CashierLimitForm final : public LimitsForm {
public:
    CashierLimitForm(Context& context, const v1::CashierLimit* limit) : LimitsForm{context} {
        screen_.title = tr("Limits of a cashier");
        screen_.intro = tr("What this operator may sell, at whatever vending point.");
        FormField name{"operator", FormField::Kind::text,         tr("Operator"), "",
                       "",         tr("The name to sign in with")};
        if (limit != nullptr) {
            name.value = limit->operator_();
            name.enabled = false;
        }
        add(std::move(name));
        add_limits(limit != nullptr ? limit->sale_max_e4() : 0, limit != nullptr ? limit->day_max_e4() : 0);
    }

protected:
    void check() override {
        need("operator");
        check_limits();
    }
    [[nodiscard]] std::string submit_label() const override { return tr("Set limits"); }
    void send() override {
        v1::SetCashierLimitRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_operator_(value("operator"));
        request.set_sale_max_e4(limit("sale_max_e4"));
        request.set_day_max_e4(limit("day_max_e4"));
        change<v1::SetCashierLimitRequest, v1::CashierLimit>(
            method::set_cashier_limit, std::move(request),
            [](const v1::CashierLimit& now) { return fill(tr("Limits of {} set."), now.operator_()); });
    }
};

}  // namespace

std::unique_ptr<Form> cash_move_form(Context& context, bool out) {
    return std::make_unique<CashMoveForm>(context, out);
}

std::unique_ptr<Form> point_form(Context& context, const v1::VendingPoint* point) {
    return std::make_unique<PointForm>(context, point);
}

std::unique_ptr<Form> limit_form(Context& context, const v1::CashierLimit* limit) {
    return std::make_unique<CashierLimitForm>(context, limit);
}

}  // namespace wutong::client
