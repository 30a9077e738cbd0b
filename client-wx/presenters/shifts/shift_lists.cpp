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

}  // namespace

ShiftsPresenter::ShiftsPresenter(Context& context) : ListPresenter{context, kEvery, 5'000} {}

void ShiftsPresenter::fetch() {
    v1::ListShiftsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_open_only(open_only_);
    if (period_ != Period::all) {
        const int days = period_ == Period::today ? 0 : period_ == Period::week ? -6 : -29;
        *request.mutable_from() = to_proto_time(start_of_day(context_.live.server_now(), days));
    }
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(method::list_shifts, request, [this, fresh](const v1::ListShiftsResponse& answer, bool) {
        for (const auto& one : answer.shifts()) {
            fresh->push_back(
                {one.shift_id(), clipped(one.point_code(), 12) + "  " + clipped(one.point_name(), 40),
                 clipped(one.operator_(), 40), clipped(one.note(), 200), to_time_point(one.opened_at()),
                 optional_time(one.has_closed_at(), one.closed_at()), one.state() == "open",
                 one.receipt_count(), one.difference_e4()});
        }
        const auto rows = fresh->size();
        if (answer.next_page_token().empty() || rows >= 5'000) {
            items_ = *fresh;
        }
        return rows;
    });
}

void ShiftsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Shift"), 8, true},       {tr("State"), 12, false, false, true},
                      {tr("Cashier"), 14},          {tr("Vending point"), 20},
                      {tr("Opened"), 19},           {tr("Closed"), 19},
                      {tr("Receipts"), 9, true},    {tr("Difference"), 13, true},
                      {tr("Note"), 16, false, true}};
    screen.total = items_.size();
    const auto order_of = [](auto at) { return at.time_since_epoch().count(); };
    for (const auto& item : items_) {
        ListRow row{item.id, {}};
        row.cells = {{std::to_string(item.id), Tone::normal, {}, item.id},
                     item.open ? Cell{tr("Open"), Tone::accent, "clock"}
                               : Cell{tr("Counted"), Tone::ok, "circle-check"},
                     {item.who, Tone::strong},
                     {item.point},
                     {table_time(item.opened_at), Tone::quiet, {}, order_of(item.opened_at)},
                     {item.closed_at ? table_time(*item.closed_at) : std::string{kDash},
                      Tone::quiet,
                      {},
                      item.closed_at ? std::optional{order_of(*item.closed_at)} : std::nullopt},
                     {count(item.receipts), Tone::normal, {}, item.receipts},
                     {item.open ? std::string{kDash} : money_change(item.difference_e4),
                      !item.open && item.difference_e4 != 0 ? Tone::danger : Tone::normal,
                      {},
                      item.open ? std::nullopt : std::optional{item.difference_e4}},
                     {item.note.empty() ? std::string{kDash} : item.note, Tone::quiet}};
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

struct PointsPresenter::Items {
    std::vector<v1::VendingPoint> all;
};

PointsPresenter::PointsPresenter(Context& context)
    : ListPresenter{context, kEvery}, items_{std::make_unique<Items>()} {}
PointsPresenter::~PointsPresenter() = default;

void PointsPresenter::forget() {
    items_->all.clear();
}

void PointsPresenter::fetch() {
    v1::ListPointsRequest request;
    request.set_property_id(context_.session.property_id());
    call_ = context_.server.call(
        method::list_points, request,
        std::function<void(Result<v1::ListPointsResponse>)>{[this](Result<v1::ListPointsResponse> result) {
            if (!result) {
                return refused(result.fault());
            }
            items_->all.assign(result->points().begin(), result->points().end());
            answered();
        }});
}

void PointsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Code"), 10},
                      {tr("Name"), 20, false, true},
                      {tr("State"), 30, false, false, true},
                      {tr("Most for one sale"), 16, true},
                      {tr("Most for one day"), 16, true},
                      {tr("Receipts"), 10, true}};
    screen.total = items_->all.size();
    for (const auto& one : items_->all) {
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
    for (const auto& one : items_->all) {
        if (one.point_id() == id) {
            return point_form(context_, &one);
        }
    }
    return nullptr;
}

struct CashierLimitsPresenter::Items {
    std::vector<v1::CashierLimit> all;
};

CashierLimitsPresenter::CashierLimitsPresenter(Context& context)
    : ListPresenter{context, kEvery}, items_{std::make_unique<Items>()} {}
CashierLimitsPresenter::~CashierLimitsPresenter() = default;

void CashierLimitsPresenter::forget() {
    items_->all.clear();
}

void CashierLimitsPresenter::fetch() {
    v1::ListCashierLimitsRequest request;
    request.set_property_id(context_.session.property_id());
    call_ = context_.server.call(method::list_cashier_limits, request,
                                 std::function<void(Result<v1::ListCashierLimitsResponse>)>{
                                     [this](Result<v1::ListCashierLimitsResponse> result) {
                                         if (!result) {
                                             return refused(result.fault());
                                         }
                                         items_->all.assign(result->limits().begin(), result->limits().end());
                                         answered();
                                     }});
}

void CashierLimitsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Operator"), 20, false, true},
                      {tr("Most for one sale"), 18, true},
                      {tr("Most for one day"), 18, true}};
    screen.total = items_->all.size();
    for (const auto& one : items_->all) {
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
    for (const auto& one : items_->all) {
        if (one.operator_id() == id) {
            return limit_form(context_, &one);
        }
    }
    return nullptr;
}

}  // namespace wutong::client
