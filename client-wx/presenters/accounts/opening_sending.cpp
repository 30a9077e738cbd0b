// Opening: what is checked before it is sent, the request, and what the server says of it.
#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/accounts/opening_presenter.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kNameMax = 200;
constexpr std::size_t kPhoneMax = 32;
constexpr std::size_t kNoteMax = 2000;
constexpr std::size_t kNumberMax = 32;

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::size_t letters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

std::string no_amount() {
    return tr("This is no amount. Write it like 200 or 200.50.");
}

/// kW as typed, with up to three decimals, in watts. parse_price reads it in ten-thousandths.
std::optional<std::int64_t> parse_kilowatts(const std::string& text) {
    const auto e4 = parse_price(text);
    return e4 ? std::optional{*e4 / 10} : std::nullopt;
}

}  // namespace

void OpeningPresenter::fail(FormText& field, const std::string& why, OpeningScreen::Field where,
                            std::size_t meter) {
    field.error = why;
    if (!faulty_) {  // the first one gets the focus
        faulty_ = true;
        screen_.focus = where;
        screen_.focus_meter = meter;
        ++screen_.focus_asked;
    }
}

bool OpeningPresenter::check() {
    using Field = OpeningScreen::Field;
    faulty_ = false;
    if (!screen_.adds_meter) {
        if (screen_.customer_id == 0 && blank(screen_.name.text)) {
            fail(screen_.name, tr("Who is it?"), Field::name, 0);
        } else if (letters(screen_.name.text) > kNameMax) {
            fail(screen_.name, fill(tr("At most {n} letters."), fmt::arg("n", kNameMax)), Field::name, 0);
        }
        if (letters(screen_.phone.text) > kPhoneMax) {
            fail(screen_.phone, fill(tr("At most {n} letters."), fmt::arg("n", kPhoneMax)), Field::phone, 0);
        }
        if (letters(screen_.note.text) > kNoteMax) {
            fail(screen_.note, fill(tr("At most {n} letters."), fmt::arg("n", kNoteMax)), Field::phone, 0);
        }
        if (letters(screen_.number.text) > kNumberMax) {
            fail(screen_.number, fill(tr("At most {n} letters."), fmt::arg("n", kNumberMax)), Field::phone,
                 0);
        }
    }
    for (std::size_t i = 0; i < screen_.meters.size(); ++i) {
        check_meter(i);
    }
    if (screen_.asks_deposit && !parse_money(screen_.deposit.text)) {
        fail(screen_.deposit, no_amount(), Field::deposit, 0);
    }
    return !faulty_;
}

bool OpeningPresenter::check_meter(std::size_t index) {
    using Field = OpeningScreen::Field;
    auto& meter = screen_.meters[index];
    if (meter.meter_id == 0) {
        fail(meter.who,
             meter.who.text.empty() ? tr("Which meter?") : tr("Choose it in the list, or press Enter."),
             Field::meter, index);
    }
    const auto need_money = [&](FormText& field, Field where) {
        if (!field.text.empty() && !parse_money(field.text)) {
            fail(field, no_amount(), where, index);
        }
    };
    if (!meter.price.text.empty()) {
        const auto price_e4 = parse_price(meter.price.text);
        if (!price_e4 || *price_e4 == 0) {
            fail(meter.price, tr("A price has up to four decimals, like 1.0500."), Field::price, index);
        }
    }
    need_money(meter.alarm_1, Field::alarm_1);
    need_money(meter.alarm_2, Field::alarm_2);
    const auto first = parse_money(meter.alarm_1.text);
    const auto second = parse_money(meter.alarm_2.text);
    if (first && second && *first > 0 && *second > *first) {
        fail(meter.alarm_2, tr("The second alarm comes after the first: it must be lower."), Field::alarm_2,
             index);
    }
    need_money(meter.overdraft, Field::overdraft);
    if (!meter.overload_kw.text.empty() && !parse_kilowatts(meter.overload_kw.text)) {
        fail(meter.overload_kw, tr("A load in kW, like 6 or 6.5; 0 for no limit."), Field::overload, index);
    }
    need_money(meter.first_purchase, Field::first_purchase);
    return !faulty_;
}

std::int64_t OpeningPresenter::total() const {
    std::int64_t sum = 0;
    for (const auto& meter : screen_.meters) {
        sum += parse_money(meter.first_purchase.text).value_or(0);  // each at most 10^12: no overflow
    }
    return sum;
}

std::int64_t OpeningPresenter::deposit() const {
    return screen_.asks_deposit ? parse_money(screen_.deposit.text).value_or(0) : 0;
}

void OpeningPresenter::write(const OpeningScreen::Meter& from, v1::OpenMeter& to) const {
    to.set_meter_id(from.meter_id);
    to.set_first_purchase_e4(parse_money(from.first_purchase.text).value_or(0));
    if (const auto value = parse_price(from.price.text)) {
        to.set_price_e4(*value);
    }
    if (const auto value = parse_money(from.alarm_1.text)) {
        to.set_alarm_1_e4(*value);
    }
    if (const auto value = parse_money(from.alarm_2.text)) {
        to.set_alarm_2_e4(*value);
    }
    if (const auto value = parse_money(from.overdraft.text)) {
        to.set_overdraft_e4(*value);
    }
    if (const auto value = parse_kilowatts(from.overload_kw.text)) {
        to.set_overload_w(*value);
    }
}

void OpeningPresenter::commit() {
    if (change_.open()) {
        return;  // a second Ctrl+Enter: the first one is under way
    }
    screen_.notice.clear();
    for (std::size_t i = 0; i < screen_.meters.size(); ++i) {
        auto& meter = screen_.meters[i];
        if (meter.meter_id == 0 && !meter.who.text.empty()) {
            search(meter);
            if (meter.matches.size() == 1) {
                choose_meter(i, meter.matches.front().meter_id);
            }
        }
    }
    if (!check() || !context_.connection.online() || !context_.session.may("account.write")) {
        return refresh();
    }
    const auto method_number = static_cast<v1::TenderMethod>(tender_number(screen_.tender));
    const auto done = [this](Result<v1::OpenAccountResponse> result) {
        if (result) {
            opened(result->account().account_id(), clipped(result->account().number(), 40));
        } else {
            refused(result.fault());
        }
    };
    if (screen_.adds_meter) {
        v1::AddMeterRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_account_id(account_id_);
        write(screen_.meters.front(), *request.mutable_meter());
        if (screen_.asks_deposit) {
            request.set_deposit_e4(deposit());
        }
        request.set_method(method_number);
        change_.ask<v1::AddMeterRequest, v1::OpenAccountResponse>(method::add_meter, request, done);
    } else {
        v1::OpenAccountRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_number(screen_.number.text);
        if (screen_.customer_id != 0) {
            request.mutable_customer()->set_customer_id(screen_.customer_id);
        } else {
            request.mutable_customer()->set_name(screen_.name.text);
            request.mutable_customer()->set_phone(screen_.phone.text);
            request.mutable_customer()->set_note(screen_.note.text);
        }
        for (const auto& meter : screen_.meters) {
            write(meter, *request.add_meters());
        }
        if (screen_.asks_deposit) {
            request.set_deposit_e4(deposit());
        }
        request.set_method(method_number);
        change_.ask<v1::OpenAccountRequest, v1::OpenAccountResponse>(method::open_account, request, done);
    }
    refresh();
}

void OpeningPresenter::opened(std::int64_t account_id, const std::string& number) {
    const auto said =
        screen_.adds_meter
            ? fill(tr("The meter is on account {number}; it is being set up."), fmt::arg("number", number))
            : fill(tr("Account {number} is open; its meters are being set up."), fmt::arg("number", number));
    account_id_ = 0;
    clear();
    context_.navigator.toast(said);
    context_.navigator.open({Page::account, account_id, {}});
}

void OpeningPresenter::refused(const Fault& fault) {
    using Field = OpeningScreen::Field;
    faulty_ = false;
    const auto take = [&](const std::string& name, FormText& field, Field where, std::size_t meter) {
        if (auto words = field_fault(fault, name); !words.empty()) {
            fail(field, words, where, meter);
        }
    };
    if (fault.reason == "deposit_required") {
        screen_.asks_deposit = true;
        fail(screen_.deposit, tr("The tariff plan asks for a deposit: what was taken? 0 if nothing."),
             Field::deposit, 0);
    }
    take("deposit_e4", screen_.deposit, Field::deposit, 0);
    take("number", screen_.number, Field::phone, 0);
    take("customer.name", screen_.name, Field::name, 0);
    take("customer.phone", screen_.phone, Field::phone, 0);
    take("customer.note", screen_.note, Field::phone, 0);
    for (std::size_t i = 0; i < screen_.meters.size(); ++i) {
        const auto at = screen_.adds_meter ? std::string{"meter"} : fill("meters[{}]", i);
        auto& meter = screen_.meters[i];
        take(at + ".meter_id", meter.who, Field::meter, i);
        take(at + ".price_e4", meter.price, Field::price, i);
        take(at + ".alarm_1_e4", meter.alarm_1, Field::alarm_1, i);
        take(at + ".alarm_2_e4", meter.alarm_2, Field::alarm_2, i);
        take(at + ".overdraft_e4", meter.overdraft, Field::overdraft, i);
        take(at + ".overload_w", meter.overload_kw, Field::overload, i);
        take(at + ".first_purchase_e4", meter.first_purchase, Field::first_purchase, i);
    }
    screen_.notice = describe_with_code(fault);
    screen_.notice_is_error = true;
    refresh();
}

void OpeningPresenter::refresh() {
    for (auto& meter : screen_.meters) {
        search(meter);
        meter.check = {};
        if (meter.meter_id == 0) {
            continue;
        }
        const auto* live = context_.live.find(meter.meter_id);
        const auto age_now = live != nullptr ? context_.live.age_of(*live) : std::nullopt;
        if (!age_now) {
            meter.check = {SaleCheck::State::warning, tr("never read: the opening waits for it")};
        } else if (live->status == core::MeterStatus::lost) {
            meter.check = {
                SaleCheck::State::warning,
                fill(tr("no answer for {age}: the opening waits for it"), fmt::arg("age", age(*age_now)))};
        } else {
            meter.check = {SaleCheck::State::good, tr("answers")};
        }
    }
    screen_.can_add = !screen_.adds_meter && screen_.meters.size() < kMetersMax;
    const auto sum = total();
    screen_.total = money(sum + deposit());
    const auto what = screen_.adds_meter ? tr("Add meter") : tr("Open account");
    screen_.commit = sum == 0 ? what
                     : screen_.adds_meter
                         ? fill(tr("Add meter and sell {amount}"), fmt::arg("amount", money(sum)))
                         : fill(tr("Open account and sell {amount}"), fmt::arg("amount", money(sum)));
    screen_.busy = change_.open();
    screen_.why_not.clear();
    if (change_.open()) {
        screen_.why_not = tr("It is under way.");
        if (change_.waiting()) {
            screen_.notice_is_error = false;
            screen_.notice =
                change_.may_be_done()
                    ? tr("It was sent; the answer is missing. It is asked for again with the same number, so "
                         "nothing is "
                         "done twice.")
                    : tr("Nothing was sent yet: no connection. It goes out as soon as it is back.");
        }
    } else if (!context_.session.may("account.write")) {
        screen_.why_not = tr("You may look here, but not change accounts.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    }
    screen_.can_commit = screen_.why_not.empty();
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
