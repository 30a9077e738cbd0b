#include <algorithm>
#include <numeric>

#include "client-wx/presenters/wall/wall_presenter.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

/// The wall as a list: the same meters, sorted by any column.
namespace wutong::client {

void WallPresenter::sort_list(Column column, bool ascending) {
    sort_column_ = column;
    sort_ascending_ = ascending;
    sort_now();
}

void WallPresenter::sort_now() {
    list_order_.resize(model_.shown().size());
    std::iota(list_order_.begin(), list_order_.end(), std::size_t{0});
    if (sort_column_ == Column::unit) {
        if (!sort_ascending_) {
            std::reverse(list_order_.begin(), list_order_.end());
        }
        return;
    }
    // What was never read comes last, whichever way round.
    const auto by = [&](auto&& value) {
        std::stable_sort(list_order_.begin(), list_order_.end(), [&](std::size_t a, std::size_t b) {
            const auto left = value(model_.at(a)), right = value(model_.at(b));
            if (left.has_value() != right.has_value()) {
                return left.has_value();
            }
            return left.has_value() && (sort_ascending_ ? *left < *right : *right < *left);
        });
    };
    using Text = std::optional<std::string>;
    switch (sort_column_) {
        case Column::unit:
            break;
        case Column::state:
            by([](const LiveMeter& m) { return std::optional{static_cast<int>(m.status)}; });
            break;
        case Column::name:
            by([](const LiveMeter& m) { return m.customer.empty() ? Text{} : Text{m.customer}; });
            break;
        case Column::account:
            by([](const LiveMeter& m) { return m.account_number.empty() ? Text{} : Text{m.account_number}; });
            break;
        case Column::balance:
            by([](const LiveMeter& m) { return m.balance_e4; });
            break;
        case Column::days:
            by([](const LiveMeter& m) { return m.days_left; });
            break;
        case Column::daily_use:
            by([](const LiveMeter& m) { return m.daily_use_wh; });
            break;
        case Column::power:
            by([](const LiveMeter& m) { return m.power_w; });
            break;
        case Column::relay:
            by([](const LiveMeter& m) { return m.relay_closed; });
            break;
        case Column::reading:
            by([](const LiveMeter& m) { return m.answered_at; });
            break;
    }
}

TableCell WallPresenter::list_cell(std::size_t row, std::size_t column) const {
    if (row >= list_order_.size() || column >= kColumns) {
        return {};
    }
    const auto& m = model_.at(list_order_[row]);
    switch (static_cast<Column>(column)) {
        case Column::unit:
            return {model_.name_of(m), Ink::normal, true, {}, {}};
        case Column::state:
            return {state_name(m.status), Ink::normal, false, m.status, {}};
        case Column::name:
            return {m.customer.empty() ? m.unit_name : m.customer, Ink::normal, false, {}, {}};
        case Column::account:
            return {m.account_number.empty() ? kDash : m.account_number, Ink::quiet, false, {}, {}};
        case Column::balance:
            return {money_or_dash(m.balance_e4),
                    m.balance_e4 && *m.balance_e4 < 0 ? Ink::danger : Ink::normal,
                    true,
                    {},
                    {}};
        case Column::days:
            return {days(m.days_left), Ink::normal, false, {}, {}};
        case Column::daily_use:
            return {quantity_or_dash(m.daily_use_wh, m.commodity), Ink::normal, false, {}, {}};
        case Column::power:
            return {power_or_dash(m.power_w), Ink::normal, false, {}, {}};
        case Column::relay:
            return {relay_words(m), m.relay_closed.value_or(true) ? Ink::normal : Ink::danger, false, {}, {}};
        case Column::reading: {
            const auto since = context_.live.age_of(m);
            return {ago(since), since && *since <= kFreshFor ? Ink::quiet : Ink::warn, false, {}, {}};
        }
    }
    return {};
}

std::optional<std::size_t> WallPresenter::list_row(std::int64_t meter_id) const {
    const auto position = model_.position_of(meter_id);
    if (!position) {
        return std::nullopt;
    }
    const auto found = std::find(list_order_.begin(), list_order_.end(), *position);
    return found == list_order_.end() ? std::nullopt
                                      : std::optional{static_cast<std::size_t>(found - list_order_.begin())};
}

Spreadsheet WallPresenter::table() const {
    Spreadsheet sheet;
    sheet.title = tr("Wall of meters");
    sheet.columns = {tr("Building"),       tr("Floor"),       tr("Unit"),      tr("Meter"),
                     tr("State"),          tr("Tenant"),      tr("Account"),   tr("Balance"),
                     tr("Days left"),      tr("Use a day"),   tr("Power (W)"), tr("Relay or valve"),
                     tr("Meter register"), tr("Unit of use"), tr("Purchases"), tr("Last reading")};
    const auto figure = [](const auto& value, double divisor) -> Spreadsheet::Value {
        return value ? Spreadsheet::Value{static_cast<double>(*value) / divisor}
                     : Spreadsheet::Value{std::string{}};
    };
    for (const auto position : list_order_) {
        const auto& m = model_.at(position);
        sheet.rows.push_back({m.building, static_cast<double>(m.floor), m.unit_code, m.code,
                              state_name(m.status), m.customer, m.account_number, figure(m.balance_e4, 1e4),
                              figure(m.days_left, 1), figure(m.daily_use_wh, 1e3), figure(m.power_w, 1),
                              relay_words(m), figure(m.energy_wh, 1e3),
                              std::string{core::unit_of(m.commodity)}, figure(m.purchase_number, 1),
                              m.answered_at ? table_time(*m.answered_at) : std::string{}});
    }
    return sheet;
}

}  // namespace wutong::client
