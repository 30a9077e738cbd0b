#include "client-wx/presenters/kiosk/kiosk_words.hpp"

#include <wutong/v1/kiosk_service.pb.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "client-wx/text/difference.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = core::MeterStatus;

constexpr milliseconds kOld = std::chrono::minutes{3};
constexpr std::size_t kNameMax = 40;
constexpr std::size_t kRechargesShown = 4;
constexpr int kDays = 14;

/// Times that no clock of ours can hold become the nearest that it can.
TimePoint time_of(const google::protobuf::Timestamp& at) {
    constexpr std::int64_t kLast = 4'102'444'800;  // the year 2100
    return TimePoint{seconds{std::clamp<std::int64_t>(at.seconds(), 0, kLast)}};
}

/// Of a product of absurd values too.
std::int64_t money_a_day(const v1::VisitMeter& meter) {
    constexpr double kMost = 1e15;
    const double cost =
        static_cast<double>(meter.daily_use_wh()) * static_cast<double>(meter.price_e4()) / 1000.0;
    return static_cast<std::int64_t>(std::clamp(cost, 0.0, kMost));
}

struct Shown {
    State status;
    std::string words;
};

/// Nothing where nothing is known.
std::optional<Shown> status_of(v1::MeterStatus status, Commodity commodity) {
    const bool water = commodity == Commodity::water;
    switch (status) {
        case v1::METER_STATUS_NORMAL:
            return Shown{State::normal, water ? tr("Water is on") : tr("Power is on")};
        case v1::METER_STATUS_ALARM_1:
            return Shown{State::alarm_1, tr("Balance is low")};
        case v1::METER_STATUS_ALARM_2:
            return Shown{State::alarm_2, tr("Almost used up")};
        case v1::METER_STATUS_ARREARS:
            return Shown{State::arrears, water ? tr("Used up, water is off") : tr("Used up, power is off")};
        case v1::METER_STATUS_NO_ACCOUNT:
            return Shown{State::no_account, tr("Not opened yet")};
        case v1::METER_STATUS_LOST:
            return Shown{State::lost, tr("Meter does not answer")};
        case v1::METER_STATUS_GUARANTEED:
            return Shown{State::guaranteed, water ? tr("Water is guaranteed") : tr("Power is guaranteed")};
        case v1::METER_STATUS_FORCED_OFF:
            return Shown{State::forced_off, tr("Switched off by the office")};
        case v1::METER_STATUS_DELIVERING:
            return Shown{State::delivering, tr("Recharge on its way")};
        default:
            return std::nullopt;
    }
}

std::string alarm_words(const std::string& kind, Commodity commodity) {
    const std::map<std::string, std::string> known{
        {"alarm_1", tr("Your balance is low. Recharge soon.")},
        {"alarm_2", tr("Your balance is almost used up. Recharge today.")},
        {"arrears", commodity == Commodity::water
                        ? tr("Your balance is used up. Water comes back after a recharge.")
                        : tr("Your balance is used up. Power comes back after a recharge.")},
        {"lost_meter", tr("Your meter does not answer at present. We are looking into it.")},
        {"overload", tr("Too much was switched on at once. Switch something off.")},
        {"fault", tr("Your meter reports a fault. Please tell the office.")},
        {"quarantine", tr("A recharge is being checked. Your money is safe.")},
        {"foreign_write", tr("Your meter is being checked by the office.")}};
    const auto found = known.find(kind);
    return found == known.end() ? std::string{} : found->second;
}

KioskRecharge recharge_of(const v1::VisitRecharge& one, TimePoint now) {
    using Row = KioskRecharge::State;
    KioskRecharge row;
    row.when = moment(time_of(one.at()), now);
    const bool out = one.kind() == "refund" || one.kind() == "reversal";
    const auto amount = std::max<std::int64_t>(one.amount_e4(), 0);
    row.amount = one.kind() == "closing" ? tr("Closed") : money_change(out ? -amount : amount);
    const auto& state = one.delivery_state();
    if (state == "delivered") {
        row.state = Row::arrived;
        row.words = out ? tr("Taken off the meter") : tr("On the meter");
    } else if (state.empty()) {
        row.state = Row::arrived;  // the server keeps the credit, or it was withdrawn before it was sent
        row.words = tr("Booked");
    } else if (state == "refused") {
        row.state = Row::trouble;
        row.words = tr("Not done; ask at the counter");
    } else if (state == "quarantined") {
        row.state = Row::trouble;
        row.words = tr("Being checked, your money is safe");
    } else {
        row.state = Row::on_its_way;
        row.words = tr("On its way to the meter");
    }
    return row;
}

/// "Saturday": days of the week by the civil date, from 1970-01-01, a Thursday.
std::string weekday(TimePoint at) {
    const auto parts = table_date(at);  // YYYY-MM-DD in the property's time zone
    int y = 0;
    unsigned m = 0;
    unsigned d = 0;
    std::from_chars(parts.data(), parts.data() + 4, y);
    std::from_chars(parts.data() + 5, parts.data() + 7, m);
    std::from_chars(parts.data() + 8, parts.data() + 10, d);
    const std::chrono::weekday which{std::chrono::sys_days{
        std::chrono::year_month_day{std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}}}};
    switch (which.c_encoding()) {
        case 0:
            return tr("Sunday");
        case 1:
            return tr("Monday");
        case 2:
            return tr("Tuesday");
        case 3:
            return tr("Wednesday");
        case 4:
            return tr("Thursday");
        case 5:
            return tr("Friday");
        default:
            return tr("Saturday");
    }
}

/// "12.1": kilowatt-hours with one decimal, for a bar.
std::string short_kwh(std::int64_t wh) {
    return fmt::format("{:.1f}", static_cast<double>(wh) / 1000.0);
}

void fill_days(const v1::VisitMeter& meter, TimePoint now, KioskAccount& out) {
    const auto a_day = meter.has_daily_use_wh() ? std::optional{money_a_day(meter)} : std::nullopt;
    if (!meter.has_days_left()) {
        out.days = kDash;
        out.days_detail =
            a_day ? fill(tr("About {} a day"), money(*a_day)) : tr("Not enough is known yet about your use");
        return;
    }
    const auto left = meter.days_left();
    const bool used_up = meter.state().has_balance_e4() && meter.state().balance_e4() <= 0;
    out.days = used_up ? "0" : left < 1 ? "<1" : left > 999 ? "999+" : count(left);
    out.days_unit = tr_n("day", "days", used_up ? 0U : static_cast<unsigned>(std::max(left, 1)));
    if (left >= 1 && left <= 999 && a_day) {
        const auto until = now + std::chrono::hours{24} * left;
        out.days_detail =
            fill(tr("Until {day} ({weekday}), about {money} a day"), fmt::arg("day", day(until)),
                 fmt::arg("weekday", weekday(until)), fmt::arg("money", money(*a_day)));
    } else if (a_day) {
        out.days_detail = fill(tr("About {} a day"), money(*a_day));
    }
}

/// The 14 days that end with today; one without a reading is a gap.
void fill_bars(const v1::VisitMeter& meter, TimePoint now, KioskAccount& out) {
    out.unit = core::unit_of(commodity_of(meter.commodity()));
    std::map<std::string, std::int64_t> used;
    for (const auto& one : meter.days()) {
        used[one.day()] = one.used_wh();
    }
    for (int i = kDays - 1; i >= 0; --i) {
        const auto at = start_of_day(now, -i);
        const auto date = table_date(at);
        KioskBar bar;
        bar.so_far = i == 0;
        bar.label = i == 0 ? tr("today") : day(at);
        if (const auto found = used.find(date); found != used.end()) {
            bar.kwh = static_cast<double>(found->second) / 1000.0;
            bar.figure = short_kwh(found->second);
        }
        out.bars.push_back(std::move(bar));
    }
}

void fill_facts(const v1::VisitAccount& account, const v1::VisitMeter& meter, KioskAccount& out) {
    const auto add = [&out](std::string label, std::string value) {
        out.facts.push_back({std::move(label), std::move(value)});
    };
    add(tr("Price"), price_per_unit(meter.price_e4(), commodity_of(meter.commodity())));
    if (meter.has_daily_use_wh()) {
        add(tr("Your average"),
            fill(tr("{} a day"), quantity(meter.daily_use_wh(), commodity_of(meter.commodity()))));
    }
    add(tr("Balance in our books"), money(account.prepaid_credit_e4()));
    if (account.in_flight_e4() != 0) {
        add(tr("On its way to the meter"), money(account.in_flight_e4()));
    }
    if (account.refund_payable_e4() > 0) {
        add(tr("Waiting for you at the counter"), money(account.refund_payable_e4()));
    }
    if (meter.alarm_1_e4() > 0 && meter.alarm_2_e4() > 0) {
        add(tr("We remind you at"),
            fill(tr("{} and {}"), money(meter.alarm_1_e4()), money(meter.alarm_2_e4())));
    } else if (meter.alarm_1_e4() > 0 || meter.alarm_2_e4() > 0) {
        add(tr("We remind you at"), money(std::max(meter.alarm_1_e4(), meter.alarm_2_e4())));
    }
    if (meter.overdraft_e4() > 0) {
        add(commodity_of(meter.commodity()) == Commodity::water ? tr("Water stays on down to")
                                                                : tr("Power stays on down to"),
            money(difference(0, meter.overdraft_e4())));
    }
}

}  // namespace

KioskAccount kiosk_account(const v1::VisitAccount& account, std::size_t meter_index, milliseconds since) {
    KioskAccount out;
    const auto now = time_of(account.at()) + std::chrono::duration_cast<TimePoint::duration>(since);
    const auto customer = clipped(account.customer(), kNameMax);
    out.subtitle = fill(tr("Account {}"), clipped(account.account_number(), kNameMax));
    for (const auto& one : account.meters()) {
        out.meters.push_back(clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 16));
        // Two meters of one unit need their own names.
        if (std::count(out.meters.begin(), out.meters.end(), out.meters.back()) > 1) {
            out.meters.back() = clipped(one.meter_code(), 16);
        }
    }
    for (const auto& one : account.recharges()) {
        if (out.recharges.size() < kRechargesShown) {
            out.recharges.push_back(recharge_of(one, now));
        }
    }
    if (account.meters().empty()) {
        out.title = customer;
        out.balance = kDash;
        out.days = kDash;
        out.balance_age = tr("This account has no meter");
        out.status_words = tr("No meter");
        return out;
    }
    out.meter = std::min(meter_index, out.meters.size() - 1);
    const auto& meter = account.meters(static_cast<int>(out.meter));
    out.title = out.meters[out.meter] + " · " + customer;
    const auto& state = meter.state();
    if (const auto shown = status_of(state.status(), commodity_of(meter.commodity()))) {
        out.status = shown->status;
        out.status_words = shown->words;
        out.status_known = true;
    } else {
        out.status_words = tr("Not read yet");
    }
    out.balance = state.has_balance_e4() ? money(state.balance_e4()) : kDash;
    if (state.has_balance_e4() && state.has_answered_at()) {
        const auto passed = std::chrono::duration_cast<milliseconds>(now - time_of(state.answered_at()));
        out.balance_old = passed > kOld;
        out.balance_age = fill(tr("Read {} ago"), age(std::max(passed, milliseconds{1'000})));
    } else {
        out.balance_age = tr("The meter was not read yet");
    }
    fill_days(meter, now, out);
    fill_bars(meter, now, out);
    fill_facts(account, meter, out);
    for (const auto& alarm : meter.alarms()) {
        if (auto words = alarm_words(alarm.kind(), commodity_of(meter.commodity())); !words.empty()) {
            out.alarms.push_back(std::move(words));
        }
    }
    return out;
}

std::string kiosk_pay_where(const v1::KioskHome& home, bool chinese) {
    const auto& first = chinese ? home.pay_where_zh() : home.pay_where_en();
    const auto& second = chinese ? home.pay_where_en() : home.pay_where_zh();
    const auto& where = first.empty() ? second : first;
    return where.empty() ? tr("the property office") : clipped(where, kNameMax);
}

std::string kiosk_pay_sentence(const v1::KioskHome& home, bool chinese) {
    const auto where = kiosk_pay_where(home, chinese);
    return home.pay_hours().empty() ? fill(tr("Pay at {}."), where)
                                    : fill(tr("Pay at {where}, {hours}."), fmt::arg("where", where),
                                           fmt::arg("hours", clipped(home.pay_hours(), kNameMax)));
}

std::string kiosk_wait(const std::string& text) {
    std::int64_t wait = 0;
    std::from_chars(text.data(), text.data() + text.size(), wait);
    const auto minutes = std::clamp<std::int64_t>((wait + 59) / 60, 1, 24 * 60);
    return fill(tr_n("{} minute", "{} minutes", static_cast<unsigned>(minutes)), minutes);
}

std::string kiosk_refusal(const Fault& fault, const std::string& pay_where) {
    const auto detail = [&fault](const char* key) {
        const auto found = fault.details.find(key);
        return found == fault.details.end() ? std::string{} : found->second;
    };
    if (fault.reason == "wrong_unit_or_pin") {
        std::int64_t left = 0;
        const auto text = detail("tries_left");
        std::from_chars(text.data(), text.data() + text.size(), left);
        return tr("Unit or PIN is wrong.") + " " +
               fill(tr_n("{} try left.", "{} tries left.",
                         static_cast<unsigned>(std::max<std::int64_t>(left, 0))),
                    left);
    }
    if (fault.reason == "locked_out") {
        return fill(tr("Too many wrong tries. Try again in {wait}, or ask at {where}."),
                    fmt::arg("wait", kiosk_wait(detail("retry_after_s"))), fmt::arg("where", pay_where));
    }
    if (fault.reason == "kiosk_paused") {
        return fill(tr("This kiosk pauses for {wait}. Please ask at {where}."),
                    fmt::arg("wait", kiosk_wait(detail("retry_after_s"))), fmt::arg("where", pay_where));
    }
    if (fault.reason == "slow_down" || fault.reason == "busy") {
        return tr("Many people ask at this moment. Please try again in a minute.");
    }
    return tr("That did not work. Please try again.") + " · " + code(fault);
}

}  // namespace wutong::client
