#include "client-wx/presenters/accounts/opening_presenter.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::milliseconds kLookAfter{250};
constexpr int kKnownMax = 5;
constexpr std::size_t kMatchesMax = 6;
constexpr std::size_t kTextMax = 200;

std::string accounts_of(const v1::FoundCustomer& customer) {
    std::string words;
    for (const auto& account : customer.accounts()) {
        words += (words.empty() ? "" : ", ") + clipped(account.number(), 40);
        for (const auto& unit : account.unit_codes()) {
            words += " " + clipped(unit, 40);
        }
        if (words.size() > kTextMax) {
            break;
        }
    }
    return clipped(words, 60);
}

}  // namespace

OpeningPresenter::OpeningPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context} {
    change_.on_state = [this] { refresh(); };
    live_ = context_.live.subscribe([this](const LiveChange&) { refresh(); });
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && !parameters_) {
            load_parameters();
        }
        refresh();
    });
    clear();
}

OpeningPresenter::~OpeningPresenter() = default;

void OpeningPresenter::open(std::int64_t account_id, std::int64_t meter_id) {
    if (!change_.open() && (account_id != account_id_ || !touched_)) {
        account_id_ = account_id;
        clear();
    }
    if (!parameters_) {
        load_parameters();
    }
    if (account_id_ != 0) {
        load_account();
    }
    if (meter_id != 0 && !change_.open()) {
        const auto same = [&](const auto& meter) { return meter.meter_id == meter_id; };
        if (std::none_of(screen_.meters.begin(), screen_.meters.end(), same)) {
            if (screen_.meters.back().meter_id != 0) {
                add_meter();
            }
            choose_meter(screen_.meters.size() - 1, meter_id);
        }
    }
    screen_.focus = account_id_ == 0 ? OpeningScreen::Field::name : OpeningScreen::Field::meter;
    screen_.focus_meter = 0;
    ++screen_.focus_asked;
    refresh();
}

void OpeningPresenter::clear() {
    if (change_.open()) {
        return;
    }
    const auto asked = screen_.focus_asked;
    screen_ = {};
    screen_.focus_asked = asked + 1;
    screen_.adds_meter = account_id_ != 0;
    screen_.title = screen_.adds_meter ? tr("Add a meter") : tr("Open account");
    screen_.meters.emplace_back();
    fill_defaults(screen_.meters.back());
    touched_ = false;
    refresh();
}

void OpeningPresenter::load_account() {
    v1::GetAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    account_call_ = context_.server.call<v1::GetAccountRequest, v1::Account>(
        method::get_account, request, [this](Result<v1::Account> result) {
            if (result) {
                screen_.account =
                    fill(tr("Account {number}"), fmt::arg("number", clipped(result->number(), 40))) +
                    "  ·  " + clipped(result->customer().name(), 120);
                refresh();
            }
        });
}

void OpeningPresenter::load_parameters() {
    if (!context_.session.may("parameter.read")) {
        return;  // the server fills them in; the fields say so
    }
    v1::GetParametersRequest request;
    request.set_property_id(context_.session.property_id());
    parameters_call_ = context_.server.call<v1::GetParametersRequest, v1::Parameters>(
        method::get_parameters, request, [this](Result<v1::Parameters> result) {
            if (!result) {
                return;
            }
            parameters_ = std::make_unique<v1::Parameters>(*result);
            for (auto& meter : screen_.meters) {
                fill_defaults(meter);
            }
            refresh();
        });
}

void OpeningPresenter::fill_defaults(OpeningScreen::Meter& meter) {
    if (!parameters_) {
        return;
    }
    const auto number = [&](const std::string& key) -> std::optional<std::int64_t> {
        for (const auto& one : parameters_->parameters()) {
            if (one.key() == key) {
                return parse_count(one.value());
            }
        }
        return std::nullopt;
    };
    const auto put = [](FormText& field, const std::optional<std::string>& text) {
        if (field.text.empty() && text) {
            field.text = *text;
        }
    };
    const auto as_money = [&](const std::string& key) -> std::optional<std::string> {
        const auto value = number(key);
        return value ? std::optional{plain_money(*value)} : std::nullopt;
    };
    if (const auto value = number("price_e4")) {
        // Prices have four decimals; money is typed with two.
        put(meter.price, fill("{}.{:04}", *value / 10'000, *value % 10'000));
    }
    put(meter.alarm_1, as_money("alarm_1_e4"));
    put(meter.alarm_2, as_money("alarm_2_e4"));
    put(meter.overdraft, as_money("overdraft_e4"));
    if (const auto watts = number("overload_w")) {
        put(meter.overload_kw,
            *watts == 0 ? std::string{"0"} : fill("{}.{:02}", *watts / 1000, *watts % 1000 / 10));
    }
}

void OpeningPresenter::type_name(const std::string& text) {
    if (change_.open() || screen_.customer_id != 0) {
        return refresh();
    }
    touched_ = true;
    screen_.name = {text.substr(0, 4 * kTextMax), {}};
    customers_soon_ = context_.timers.after(kLookAfter, [this] { look_for_customer(); });
    refresh();
}

void OpeningPresenter::look_for_customer() {
    const auto text = clipped(screen_.name.text, 40);
    if (text.size() < 2 || screen_.customer_id != 0) {
        screen_.known.clear();
        return refresh();
    }
    v1::ListCustomersRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_search(text);
    request.mutable_page()->set_size(kKnownMax);
    customers_call_ = context_.server.call<v1::ListCustomersRequest, v1::ListCustomersResponse>(
        method::list_customers, request, [this](Result<v1::ListCustomersResponse> result) {
            screen_.known.clear();
            if (result && screen_.customer_id == 0) {
                for (const auto& one : result->customers()) {
                    screen_.known.push_back({one.customer().customer_id(), clipped(one.customer().name(), 60),
                                             clipped(one.customer().phone(), 40), accounts_of(one)});
                }
            }
            refresh();
        });
}

void OpeningPresenter::choose_customer(std::size_t index) {
    if (change_.open() || index >= screen_.known.size()) {
        return;
    }
    const auto chosen = screen_.known[index];
    touched_ = true;
    screen_.customer_id = chosen.customer_id;
    screen_.name = {chosen.name, {}};
    screen_.phone = {chosen.phone, {}};
    screen_.known.clear();
    screen_.focus = OpeningScreen::Field::meter;
    screen_.focus_meter = 0;
    ++screen_.focus_asked;
    refresh();
}

void OpeningPresenter::new_customer() {
    if (!change_.open() && screen_.customer_id != 0) {
        screen_.customer_id = 0;
        screen_.name = {};
        screen_.phone = {};
        screen_.focus = OpeningScreen::Field::name;
        ++screen_.focus_asked;
        refresh();
    }
}

void OpeningPresenter::type_phone(const std::string& text) {
    if (!change_.open() && screen_.customer_id == 0) {
        touched_ = true;
        screen_.phone = {text.substr(0, kTextMax), {}};
    }
    refresh();
}

void OpeningPresenter::type_note(const std::string& text) {
    if (!change_.open()) {
        touched_ = true;
        screen_.note = {text, {}};
    }
    refresh();
}

void OpeningPresenter::type_deposit(const std::string& text) {
    if (!change_.open() && screen_.deposit.text != text) {
        touched_ = true;
        screen_.deposit = {text.substr(0, kTextMax), {}};
        refresh();
    }
}

void OpeningPresenter::type_number(const std::string& text) {
    if (!change_.open()) {
        touched_ = true;
        screen_.number = {text.substr(0, kTextMax), {}};
    }
    refresh();
}

void OpeningPresenter::add_meter() {
    if (change_.open() || screen_.adds_meter || screen_.meters.size() >= kMetersMax) {
        return;
    }
    screen_.meters.emplace_back();
    fill_defaults(screen_.meters.back());
    screen_.focus = OpeningScreen::Field::meter;
    screen_.focus_meter = screen_.meters.size() - 1;
    ++screen_.focus_asked;
    refresh();
}

void OpeningPresenter::remove_meter(std::size_t index) {
    if (change_.open() || index >= screen_.meters.size() || screen_.meters.size() == 1) {
        return;
    }
    screen_.meters.erase(screen_.meters.begin() + static_cast<std::ptrdiff_t>(index));
    refresh();
}

void OpeningPresenter::type_meter(std::size_t index, const std::string& text) {
    if (!change_.open() && index < screen_.meters.size()) {
        touched_ = true;
        auto& meter = screen_.meters[index];
        meter.who = {text.substr(0, kTextMax), {}};
        meter.meter_id = 0;
        meter.unit.clear();
    }
    refresh();
}

void OpeningPresenter::choose_meter(std::size_t index, std::int64_t meter_id) {
    const auto* found = context_.live.find(meter_id);
    if (change_.open() || index >= screen_.meters.size() || found == nullptr) {
        return;
    }
    touched_ = true;
    auto& meter = screen_.meters[index];
    meter.who = {unit_or_code(*found), {}};
    meter.meter_id = 0;
    if (found->account_id != 0) {
        meter.who.error =
            fill(tr("{unit} belongs to account {account}. Close that one first."),
                 fmt::arg("unit", unit_or_code(*found)), fmt::arg("account", found->account_number));
    } else {
        const auto taken = std::any_of(screen_.meters.begin(), screen_.meters.end(),
                                       [&](const auto& other) { return other.meter_id == meter_id; });
        if (taken) {
            meter.who.error = tr("This meter is named already.");
        } else {
            meter.meter_id = meter_id;
            meter.unit = unit_or_code(*found);
            screen_.focus = OpeningScreen::Field::first_purchase;
            screen_.focus_meter = index;
            ++screen_.focus_asked;
        }
    }
    refresh();
}

void OpeningPresenter::meter_entered(std::size_t index) {
    if (index >= screen_.meters.size()) {
        return;
    }
    auto& meter = screen_.meters[index];
    if (meter.meter_id != 0) {
        screen_.focus = OpeningScreen::Field::first_purchase;
        screen_.focus_meter = index;
        ++screen_.focus_asked;
        return refresh();
    }
    search(meter);
    if (!meter.matches.empty()) {
        return choose_meter(index, meter.matches.front().meter_id);
    }
    meter.who.error = meter.who.text.empty() ? tr("Which meter?") : tr("No prepaid meter is called that.");
    refresh();
}

void OpeningPresenter::search(OpeningScreen::Meter& meter) {
    meter.matches.clear();
    if (meter.meter_id != 0 || meter.who.text.empty()) {
        return;
    }
    const auto& meters = context_.live.meters();
    std::vector<OpeningScreen::Match> taken;
    for (const auto index : find_meters(meters, meter.who.text, 4 * kMatchesMax)) {
        const auto& one = meters[index];
        OpeningScreen::Match match{one.meter_id, clipped(unit_or_code(one), 40), {}};
        if (one.account_id == 0) {
            match.detail = clipped(one.unit_name.empty() ? one.code : one.unit_name, 60);
            meter.matches.push_back(std::move(match));
        } else {
            match.detail =
                fill(tr("account {account}"), fmt::arg("account", clipped(one.account_number, 40)));
            taken.push_back(std::move(match));
        }
    }
    // Free ones first: the others are there to say why they can't be taken.
    meter.matches.insert(meter.matches.end(), taken.begin(), taken.end());
    if (meter.matches.size() > kMatchesMax) {
        meter.matches.resize(kMatchesMax);
    }
}

FormText& OpeningPresenter::value_of(OpeningScreen::Meter& meter, Value value) const {
    switch (value) {
        case Value::price:
            return meter.price;
        case Value::alarm_1:
            return meter.alarm_1;
        case Value::alarm_2:
            return meter.alarm_2;
        case Value::overdraft:
            return meter.overdraft;
        case Value::overload:
            return meter.overload_kw;
        case Value::first_purchase:
            break;
    }
    return meter.first_purchase;
}

void OpeningPresenter::type_value(std::size_t index, Value value, const std::string& text) {
    if (!change_.open() && index < screen_.meters.size()) {
        touched_ = true;
        value_of(screen_.meters[index], value) = {text.substr(0, 100), {}};
    }
    refresh();
}

void OpeningPresenter::choose_tender(Tender tender) {
    if (!change_.open()) {
        screen_.tender = tender;
    }
    refresh();
}

}  // namespace wutong::client
