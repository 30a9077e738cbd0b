#include "client-wx/presenters/shifts/shift_lists.hpp"

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/shifts/shift_forms.hpp"
#include "client-wx/presenters/shifts/shift_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/cashier_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{20};

Cell amount_cell(std::int64_t e4) {
    return {e4 > 0 ? money(e4) : std::string{kDash}, Tone::normal, {}, e4};
}

Cell time_cell(bool there, const google::protobuf::Timestamp& at) {
    return there ? Cell{table_time(to_time_point(at)), Tone::quiet, {}, at.seconds()}
                 : Cell{kDash, Tone::quiet};
}

}  // namespace

ShiftsPresenter::ShiftsPresenter(Context& context) : ItemList{context, kEvery, 5'000} {}
ShiftsPresenter::~ShiftsPresenter() = default;

void ShiftsPresenter::fetch() {
    auto request = of_property<v1::ListShiftsRequest>();
    request.set_open_only(open_only_);
    if (period_ != Period::all) {
        const int days = period_ == Period::today ? 0 : period_ == Period::week ? -6 : -29;
        *request.mutable_from() = to_proto_time(start_of_day(context_.live.server_now(), days));
    }
    fetch_items(method::list_shifts, request, &v1::ListShiftsResponse::shifts);
}

void ShiftsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Shift"), 8, true},       {tr("State"), 12, false, false, true},
                      {tr("Cashier"), 14},          {tr("Vending point"), 20},
                      {tr("Opened"), 19},           {tr("Closed"), 19},
                      {tr("Receipts"), 9, true},    {tr("Difference"), 13, true},
                      {tr("Note"), 16, false, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        const bool open = one.state() == "open";
        const auto note = clipped(one.note(), 200);
        ListRow row{one.shift_id(), {}};
        row.cells = {
            {std::to_string(one.shift_id()), Tone::normal, {}, one.shift_id()},
            open ? Cell{tr("Open"), Tone::accent, "clock"} : Cell{tr("Counted"), Tone::ok, "circle-check"},
            {clipped(one.operator_(), 40), Tone::strong},
            {clipped(one.point_code(), 12) + "  " + clipped(one.point_name(), 40)},
            time_cell(true, one.opened_at()),
            time_cell(one.has_closed_at(), one.closed_at()),
            {count(one.receipt_count()), Tone::normal, {}, one.receipt_count()},
            {open ? std::string{kDash} : money_change(one.difference_e4()),
             !open && one.difference_e4() != 0 ? Tone::danger : Tone::normal,
             {},
             open ? std::nullopt : std::optional{one.difference_e4()}},
            {note.empty() ? std::string{kDash} : note, Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.filtered = open_only_;
    screen.empty = open_only_ ? tr("No shift is open.") : tr("No shift was opened in this time.");
}

void ShiftsPresenter::choose_period(Period period) {
    if (period_ != period) {
        period_ = period;
        restart();
    }
}

void ShiftsPresenter::show_open_only(bool open_only) {
    if (open_only_ != open_only) {
        open_only_ = open_only;
        restart();
    }
}

PointsPresenter::PointsPresenter(Context& context) : ItemList{context, kEvery} {}
PointsPresenter::~PointsPresenter() = default;

void PointsPresenter::fetch() {
    fetch_whole(method::list_points, of_property<v1::ListPointsRequest>(), &v1::ListPointsResponse::points);
}

void PointsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Code"), 10},
                      {tr("Name"), 20, false, true},
                      {tr("State"), 30, false, false, true},
                      {tr("Most for one sale"), 16, true},
                      {tr("Most for one day"), 16, true},
                      {tr("Receipts"), 10, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        ListRow row{one.point_id(), {}};
        const auto who = clipped(one.open_shift_operator(), 40);
        const Cell state =
            !one.enabled() ? Cell{tr("Out of use"), Tone::quiet, "ban"}
            : !who.empty() ? Cell{fill(tr("{who} works there"), fmt::arg("who", who)), Tone::accent, "clock"}
                           : Cell{tr("Free"), Tone::ok, "circle-check"};
        row.cells = {{clipped(one.code(), 12), Tone::strong},
                     {clipped(one.name(), 100)},
                     state,
                     amount_cell(one.sale_max_e4()),
                     amount_cell(one.day_max_e4()),
                     {count(one.last_receipt()), Tone::normal, {}, one.last_receipt()}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No vending points yet. Add one, and shifts can be opened there.");
}

std::unique_ptr<Form> PointsPresenter::new_form() {
    return point_form(context_, nullptr);
}

std::unique_ptr<Form> PointsPresenter::edit_form(std::int64_t id) {
    for (const auto& one : items_) {
        if (one.point_id() == id) {
            return point_form(context_, &one);
        }
    }
    return nullptr;
}

CashierLimitsPresenter::CashierLimitsPresenter(Context& context) : ItemList{context, kEvery} {}
CashierLimitsPresenter::~CashierLimitsPresenter() = default;

void CashierLimitsPresenter::fetch() {
    fetch_whole(method::list_cashier_limits, of_property<v1::ListCashierLimitsRequest>(),
                &v1::ListCashierLimitsResponse::limits);
}

void CashierLimitsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Operator"), 20, false, true},
                      {tr("Most for one sale"), 18, true},
                      {tr("Most for one day"), 18, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        ListRow row{one.operator_id(), {}};
        row.cells = {{clipped(one.operator_(), 60), Tone::strong},
                     amount_cell(one.sale_max_e4()),
                     amount_cell(one.day_max_e4())};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No cashier has limits of his own.");
}

std::unique_ptr<Form> CashierLimitsPresenter::new_form() {
    return limit_form(context_, nullptr);
}

std::unique_ptr<Form> CashierLimitsPresenter::edit_form(std::int64_t id) {
    for (const auto& one : items_) {
        if (one.operator_id() == id) {
            return limit_form(context_, &one);
        }
    }
    return nullptr;
}

}  // namespace wutong::client
