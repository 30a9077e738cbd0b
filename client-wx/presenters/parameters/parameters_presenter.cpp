#include "client-wx/presenters/parameters/parameters_presenter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/parameters/parameter_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/site_service.pb.h"

namespace wutong::client {

namespace {

enum class InputKind { money, price, whole, toggle, text };

struct Known {
    const char* key;
    InputKind form;
    int group;
    std::int64_t least, most;  // in the unit of the server
};

constexpr std::int64_t kMoneyMax = 10'000'000'000'000;
constexpr std::array<Known, 31> kKnown{{{"price_e4", InputKind::price, 0, 0, 1'000'000'000},
                                        {"water_price_e4", InputKind::price, 0, 0, 1'000'000'000},
                                        {"alarm_1_e4", InputKind::money, 0, 0, kMoneyMax},
                                        {"alarm_2_e4", InputKind::money, 0, 0, kMoneyMax},
                                        {"overdraft_e4", InputKind::money, 0, 0, kMoneyMax},
                                        {"balance_max_e4", InputKind::money, 0, 0, kMoneyMax},
                                        {"overload_w", InputKind::whole, 0, 0, 100'000'000},
                                        {"state_interval_s", InputKind::whole, 1, 1, 86'400},
                                        {"reading_interval_s", InputKind::whole, 1, 10, 86'400},
                                        {"lost_after_s", InputKind::whole, 1, 10, 86'400},
                                        {"command_expiry_s", InputKind::whole, 1, 10, 86'400},
                                        {"voltage_unbalance_pct", InputKind::whole, 1, 0, 200},
                                        {"current_unbalance_pct", InputKind::whole, 1, 0, 200},
                                        {"close_switches_off", InputKind::toggle, 2, 0, 1},
                                        {"shift_required", InputKind::toggle, 2, 0, 1},
                                        {"settle_persons", InputKind::whole, 2, 1, 2},
                                        {"proof_hour", InputKind::whole, 2, 0, 23},
                                        {"quiet_from_min", InputKind::whole, 2, 0, 1'439},
                                        {"quiet_to_min", InputKind::whole, 2, 0, 1'439},
                                        {"held_stale_s", InputKind::whole, 2, 60, 604'800},
                                        {"alarm_phone", InputKind::text, 2, 0, 0},
                                        {"message_quiet_from_min", InputKind::whole, 2, 0, 1'439},
                                        {"message_quiet_to_min", InputKind::whole, 2, 0, 1'439},
                                        {"message_keep_days", InputKind::whole, 2, 0, 3'650},
                                        {"alert_phone", InputKind::text, 2, 0, 0},
                                        {"alert_email", InputKind::text, 2, 0, 0},
                                        {"alert_language", InputKind::text, 2, 0, 0},
                                        {"kiosk_pay_where_zh", InputKind::text, 2, 0, 0},
                                        {"kiosk_pay_where_en", InputKind::text, 2, 0, 0},
                                        {"kiosk_pay_hours", InputKind::text, 2, 0, 0},
                                        {"kiosk_language", InputKind::text, 2, 0, 0}}};

const Known* known(const std::string& key) {
    const auto found =
        std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) { return key == one.key; });
    return found == kKnown.end() ? nullptr : found;
}

std::string decimals(std::int64_t e4, int at_least) {
    auto text = fmt::format("{}.{:04}", e4 / 10'000, e4 % 10'000);
    for (int i = 4; i > at_least && text.ends_with('0'); --i) {
        text.pop_back();
    }
    return text;
}

std::string shown(const std::string& key, const std::string& raw) {
    const auto* one = known(key);
    std::int64_t number = 0;
    const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), number);
    if (one == nullptr || read.ec != std::errc{} || number < 0) {
        return raw;
    }
    return one->form == InputKind::money   ? decimals(number, 2)
           : one->form == InputKind::price ? decimals(number, 4)
                                           : raw;
}

/// What the server is to get for what was typed; nothing, and why, when it can't be taken.
std::optional<std::string> raw_of(const std::string& key, const std::string& typed, std::string& error) {
    const auto* one = known(key);
    if (one == nullptr || one->form == InputKind::text || one->form == InputKind::toggle) {
        return typed;
    }
    const auto number = one->form == InputKind::whole ? parse_count(typed) : parse_price(typed);
    if (!number || *number < one->least || *number > one->most) {
        error = one->form == InputKind::whole
                    ? fill(tr("Write a whole number from {} to {}."), count(one->least), count(one->most))
                    : tr("Write an amount such as 12.50, with at most four decimals.");
        return std::nullopt;
    }
    return std::to_string(*number);
}

}  // namespace

ParametersPresenter::ParametersPresenter(Context& context)
    : context_{context},
      property_id_{context.session.property_id()},
      change_{context.server, context.timers} {
    change_.on_waiting = [this] { tell(); };
    session_ = context.session.on_change([this] {
        if (property_id_ == context_.session.property_id()) {
            return;
        }
        property_id_ = context_.session.property_id();
        change_.drop();
        kept_.clear();
        screen_ = {};
        if (opened_) {
            load();
        }
        tell();
    });
}

void ParametersPresenter::open() {
    opened_ = true;
    if (!change_.busy()) {
        load();
    }
}

void ParametersPresenter::load() {
    v1::GetParametersRequest request;
    request.set_property_id(context_.session.property_id());
    load_ = context_.server.call(
        method::get_parameters, request,
        std::function<void(Result<v1::Parameters>)>{[this](Result<v1::Parameters> result) {
            if (result) {
                take(*result, true);
                return;
            }
            if (kept_.empty()) {
                screen_.phase = ListPhase::failed;
            }
            screen_.failure = describe_with_code(result.fault());
            tell();
        }});
}

void ParametersPresenter::take(const v1::Parameters& parameters, bool keep_typed) {
    std::vector<Kept> fresh;
    for (const auto& one : parameters.parameters()) {
        fresh.push_back({one.key(), one.value(), shown(one.key(), one.value()), one.is_default(),
                         one.meaning(), one.unit()});
    }
    std::vector<Row> rows;
    for (const auto& kept : fresh) {
        const auto words = parameter_words(kept.key, kept.meaning, kept.unit);
        const auto* form = known(kept.key);
        Row row;
        row.key = kept.key;
        row.label = words.label;
        row.meaning = words.meaning;
        row.unit = words.unit;
        row.toggle = form != nullptr && form->form == InputKind::toggle;
        row.text = form == nullptr || form->form == InputKind::text;
        row.value = kept.shown;
        // What is being typed is not taken away by a second look at the server.
        for (const auto& before : screen_.rows) {
            if (keep_typed && before.key == row.key && before.changed) {
                row.value = before.value;
            }
        }
        rows.push_back(std::move(row));
    }
    if (rows.size() != screen_.rows.size()) {
        ++screen_.shape;
    }
    screen_.rows = std::move(rows);
    screen_.groups = {
        {tr("Money and limits"), {}}, {tr("How often meters are asked"), {}}, {tr("Other"), {}}};
    // The order of our table, not the server's; what is not known here comes last.
    for (const auto& one : kKnown) {
        for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
            if (screen_.rows[i].key == one.key) {
                screen_.groups[static_cast<std::size_t>(one.group)].rows.push_back(i);
            }
        }
    }
    for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
        if (known(screen_.rows[i].key) == nullptr) {
            screen_.groups[2].rows.push_back(i);
        }
    }
    kept_ = std::move(fresh);
    screen_.phase = ListPhase::ready;
    screen_.failure.clear();
    write_screen();
    if (on_changed) {
        on_changed();
    }
}

void ParametersPresenter::write_screen() {
    screen_.changes = 0;
    for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
        auto& row = screen_.rows[i];
        row.changed = row.value != kept_[i].shown;
        row.is_default = kept_[i].is_default && !row.changed;
        const auto was = row.toggle               ? (kept_[i].raw == "1" ? tr("yes") : tr("no"))
                         : kept_[i].shown.empty() ? tr("empty")
                                                  : kept_[i].shown;
        row.note = row.changed      ? fill(tr("Changed, was {}"), was)
                   : row.is_default ? tr("Default")
                                    : tr("Set here");
        screen_.changes += row.changed ? 1U : 0U;
    }
    screen_.busy = change_.busy();
    screen_.note =
        change_.waiting()
            ? tr("The server cannot be reached. What you typed stays here and is sent again by itself.")
            : std::string{};
    screen_.save =
        screen_.changes == 0
            ? tr("Save")
            : fill(tr_n("Save {} change", "Save {} changes", static_cast<unsigned>(screen_.changes)),
                   screen_.changes);
    screen_.off = !context_.session.may("parameter.write") ? tr("Your role may not change parameters.")
                  : screen_.busy                           ? tr("Under way")
                  : screen_.changes == 0                   ? tr("Nothing has been changed.")
                                                           : std::string{};
}

void ParametersPresenter::tell() {
    write_screen();
    if (on_changed) {
        on_changed();
    }
}

void ParametersPresenter::set(std::size_t row, const std::string& value) {
    if (row >= screen_.rows.size() || screen_.rows[row].value == value) {
        return;
    }
    screen_.rows[row].value = value;
    screen_.rows[row].error.clear();
    screen_.first_fault = -1;
    tell();
}

void ParametersPresenter::discard() {
    for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
        screen_.rows[i].value = kept_[i].shown;
        screen_.rows[i].error.clear();
    }
    screen_.refusal.clear();
    tell();
}

void ParametersPresenter::save() {
    if (!screen_.off.empty() || change_.busy()) {
        return;
    }
    screen_.refusal.clear();
    screen_.first_fault = -1;
    v1::SetParametersRequest request;
    for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
        auto& row = screen_.rows[i];
        row.error.clear();
        if (!row.changed) {
            continue;
        }
        if (const auto raw = raw_of(row.key, row.value, row.error)) {
            (*request.mutable_values())[row.key] = *raw;
        } else if (screen_.first_fault < 0) {
            screen_.first_fault = static_cast<int>(i);
        }
    }
    if (screen_.first_fault >= 0) {
        tell();
        return;
    }
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    const auto changes = static_cast<unsigned>(screen_.changes);
    change_.start<v1::SetParametersRequest, v1::Parameters>(
        method::set_parameters, std::move(request), [this, changes](Result<v1::Parameters> result) {
            if (result) {
                take(*result, false);
                context_.navigator.toast(
                    fill(tr_n("{} parameter saved.", "{} parameters saved.", changes), changes));
                return;
            }
            for (const auto& field : result.fault().fields) {
                for (std::size_t i = 0; i < screen_.rows.size(); ++i) {
                    if (field.name == "values[" + screen_.rows[i].key + "]") {
                        screen_.rows[i].error = describe_server_text(field.text);
                        screen_.first_fault =
                            screen_.first_fault < 0 ? static_cast<int>(i) : screen_.first_fault;
                    }
                }
            }
            if (screen_.first_fault < 0) {
                screen_.refusal = tr("Nothing was saved.") + " " + describe_with_code(result.fault());
            }
            tell();
        });
    tell();
}

}  // namespace wutong::client
