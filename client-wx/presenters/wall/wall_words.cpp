#include <algorithm>
#include <set>

#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/presenters/wall/wall_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

/// What the wall says: cells, headers, chips, status line.
namespace wutong::client {

namespace {

// The order of the chips and of what a floor's header counts.
constexpr std::array kChipOrder{MeterStatus::normal,     MeterStatus::alarm_1,    MeterStatus::alarm_2,
                                MeterStatus::arrears,    MeterStatus::no_account, MeterStatus::lost,
                                MeterStatus::guaranteed, MeterStatus::forced_off, MeterStatus::delivering};
constexpr std::array kExceptions{MeterStatus::arrears, MeterStatus::alarm_2, MeterStatus::alarm_1,
                                 MeterStatus::lost, MeterStatus::forced_off};
constexpr std::size_t kPlacesNamed = 3;
constexpr unsigned kGuardsNamed = 12;

std::string number(std::size_t value) {
    return count(static_cast<std::int64_t>(value));
}

std::string meters_words(std::size_t value) {
    return client::fill(tr_n("{} meter", "{} meters", static_cast<unsigned>(value)), number(value));
}

std::string building_words(const std::string& code, const std::string& name) {
    return name.empty() || name == code ? client::fill(tr("Building {}"), code) : name;
}

std::string floor_words(int floor, const std::string& name) {
    return name.empty() || name == std::to_string(floor) ? client::fill(tr("Floor {}"), floor) : name;
}

/// "Tower A · 12F"; meters that measure no unit, such as feeders, stand together.
std::string place_words(const std::string& building, const std::string& building_name, int floor,
                        const std::string& floor_name) {
    return building.empty()
               ? tr("Without a unit")
               : building_words(building, building_name) + " · " + floor_words(floor, floor_name);
}

/// "1h", "3d": short enough for a cell.
std::string short_age(std::chrono::milliseconds since) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(since).count();
    if (minutes < 60) {
        return client::fill(tr("{}min"), std::max<std::int64_t>(1, minutes));
    }
    if (minutes < 48 * 60) {
        return client::fill(tr("{}h"), minutes / 60);
    }
    return client::fill(tr("{}d"), std::min<std::int64_t>(999, minutes / (24 * 60)));
}

}  // namespace

std::string WallPresenter::floor_title(const WallModel::Floor& floor) const {
    return place_words(floor.building, floor.building_name, floor.floor, floor.floor_name);
}

WallSection WallPresenter::section(std::size_t section) const {
    const auto& floor = model_.floors().at(section);
    WallSection words;
    words.title = floor_title(floor);
    words.amount = meters_words(floor.size);
    words.cells = floor.size;
    for (const auto status : kExceptions) {
        if (const auto cells = floor.counts[static_cast<std::size_t>(status)]; cells > 0) {
            words.exceptions.emplace_back(status, number(cells));
        }
    }
    return words;
}

std::string WallPresenter::note_of(const LiveMeter& meter) const {
    if (meter.status == MeterStatus::lost) {
        const auto since = context_.live.age_of(meter);
        return since ? short_age(*since) : std::string{};
    }
    // Switched off for want of money: no days are left to show.
    if (meter.status == MeterStatus::arrears || !meter.days_left) {
        return {};
    }
    return days(meter.days_left);
}

WallCell WallPresenter::cell(std::size_t index) const {
    const auto& meter = model_.at(index);
    WallCell cell;
    cell.status = meter.status;
    cell.second = meter.second_status;
    cell.selected = selection_.contains(meter.meter_id);
    cell.badge = batch_.badge_of(meter.meter_id);
    cell.code = model_.name_of(meter);
    if (meter.prepaid()) {
        cell.balance = meter.status == MeterStatus::no_account ? kDash : money_or_dash(meter.balance_e4);
        cell.note = note_of(meter);
    } else {
        cell.balance = power_or_dash(meter.power_w);
        cell.note = meter.status == MeterStatus::lost ? note_of(meter) : std::string{};
    }
    cell.name = meter.customer.empty() ? meter.unit_name : meter.customer;
    cell.power = meter.prepaid() ? meter.power_w ? power(*meter.power_w) : std::string{} : std::string{};
    return cell;
}

SeveralScreen WallPresenter::several() const {
    SeveralScreen s;
    s.title = client::fill(
        tr_n("{} meter selected", "{} meters selected", static_cast<unsigned>(selection_.size())),
        number(selection_.size()));
    std::array<std::size_t, kMeterStatusCount> counts{};
    std::set<std::pair<std::string, int>> seen;
    std::vector<std::string> places;
    std::int64_t load_w = 0, balance_cents = 0;
    std::size_t unknown = 0, hidden = 0;
    unsigned guarded = 0;
    for (const auto& meter : context_.live.meters()) {
        if (!selection_.contains(meter.meter_id)) {
            continue;
        }
        ++counts[static_cast<std::size_t>(meter.status)];
        load_w += meter.power_w.value_or(0);
        balance_cents +=
            meter.balance_e4.value_or(0) / 100;  // cents: a sum of absurd figures must not overflow
        unknown += context_.live.age_of(meter) ? 0U : 1U;
        if (const auto* guard = context_.guards.of(meter.unit_code)) {
            ++guarded;
            if (guarded <= kGuardsNamed) {
                s.guard_note +=
                    (s.guard_note.empty() ? "" : "\n") + guard->unit + ": " + guard_whole_words(*guard);
            }
        }
        hidden += model_.position_of(meter.meter_id) ? 0U : 1U;
        if (seen.emplace(meter.building, meter.floor).second) {
            places.push_back(place_words(meter.building, meter.building_name, meter.floor, meter.floor_name));
        }
    }
    for (std::size_t i = 0; i < std::min(places.size(), kPlacesNamed); ++i) {
        s.places += (i == 0 ? "" : ", ") + places[i];
    }
    if (places.size() > kPlacesNamed) {
        s.places += " " + client::fill(tr("and {} more"), number(places.size() - kPlacesNamed));
    }
    for (const auto status : kChipOrder) {
        if (const auto cells = counts[static_cast<std::size_t>(status)]; cells > 0) {
            s.states.emplace_back(status, number(cells) + " " + state_name(status));
        }
    }
    s.facts.push_back({tr("Load now"), power(load_w)});
    s.facts.push_back({tr("Balances together"), money(balance_cents * 100)});
    if (unknown > 0) {
        s.facts.push_back({tr("Never read"), meters_words(unknown), Ink::warn});
    }
    if (guarded > 0) {
        s.guard = client::fill(tr_n("{} unit is guarded", "{} units are guarded", guarded), guarded);
    }
    if (hidden > 0) {
        s.facts.push_back({tr("Hidden by the filter"), meters_words(hidden), Ink::warn});
    }
    s.can_send = context_.session.may("control.write") && context_.connection.online();
    s.why_not = !context_.session.may("control.write") ? tr("You have no right to send commands.")
                : !context_.connection.online()        ? tr("No connection to the server.")
                                                       : std::string{};
    return s;
}

void WallPresenter::update_screen() {
    auto& s = screen_;
    const auto& filter = model_.filter();
    s.chips.clear();
    s.chips.push_back({std::nullopt, tr("All"), number(model_.count_all()), filter.states.empty()});
    for (const auto status : kChipOrder) {
        s.chips.push_back(
            {status, state_name(status), number(model_.count(status)), filter.states.contains(status)});
    }
    s.property = context_.session.property().name;
    s.several_properties = context_.session.properties().size() > 1;
    s.buildings = {tr("All")};
    s.building = 0;
    for (const auto& building : model_.buildings()) {
        s.buildings.push_back(building.code);
        if (building.code == filter.building) {
            s.building = static_cast<int>(s.buildings.size()) - 1;
        }
    }
    s.search = filter.search;
    s.may_control = context_.session.may("control.write");
    s.panel = batch_.shown()           ? WallScreen::Panel::batch
              : selection_.several()   ? WallScreen::Panel::several
              : selection_.size() == 1 ? WallScreen::Panel::inspector
                                       : WallScreen::Panel::nothing;
    s.empty = WallScreen::Empty::no;
    s.empty_text.clear();
    s.empty_action.clear();
    const auto all = context_.live.meters().size();
    if (model_.shown().empty()) {
        if (context_.session.property_id() == 0) {
            s.empty = WallScreen::Empty::no_property;
            s.empty_text = tr("There is no property you may look at.");
        } else if (all > 0) {
            s.empty = WallScreen::Empty::nothing_fits;
            s.empty_text = client::fill(tr_n("The only meter does not match.", "None of {} meters match.",
                                             static_cast<unsigned>(all)),
                                        number(all));
            s.empty_action = tr("Clear filter");
        } else if (context_.live.state() == LiveMeters::State::live) {
            s.empty = WallScreen::Empty::no_meters;
            s.empty_text = tr("No meters yet.");
            s.empty_action = context_.session.may("device.write") ? tr("Import from a file…") : std::string{};
        } else {
            s.empty = WallScreen::Empty::loading;
            s.empty_text =
                context_.connection.online() ? tr("Loading the meters…") : tr("No connection to the server.");
        }
    }
    s.status_left = status_line();
    if (on_screen) {
        on_screen();
    }
}

std::string WallPresenter::status_line() const {
    const auto& summary = context_.live.summary();
    if (!summary) {
        return context_.live.state() == LiveMeters::State::loading ? tr("Loading the meters…")
                                                                   : std::string{};
    }
    std::string words;
    const auto add = [&](const std::string& part) { words += (words.empty() ? "" : "  ·  ") + part; };
    if (summary->oldest_answer_at) {
        add(client::fill(tr("Oldest answering meter {} ago"),
                         age(std::chrono::duration_cast<std::chrono::milliseconds>(
                             context_.live.server_now() - *summary->oldest_answer_at))));
    }
    const auto all = static_cast<std::int64_t>(context_.live.meters().size());
    if (all > 0) {
        add(client::fill(tr("last round {} of {} ({})"), count(summary->answered), count(all),
                         permille_as_percent(summary->answered * std::int64_t{1000} / all)));
    }
    if (summary->deliveries_under_way > 0) {
        add(client::fill(tr_n("{} credit on the way", "{} credits on the way",
                              static_cast<unsigned>(summary->deliveries_under_way)),
                         count(summary->deliveries_under_way)));
    }
    if (summary->quarantined_deliveries > 0) {
        add(client::fill(tr_n("{} credit waits for a decision", "{} credits wait for a decision",
                              static_cast<unsigned>(summary->quarantined_deliveries)),
                         count(summary->quarantined_deliveries)));
    }
    return words;
}

}  // namespace wutong::client
