#include "client-wx/presenters/shifts/shift_presenter.hpp"

#include <wutong/v1/cashier_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/presenters/shifts/denominations.hpp"
#include "client-wx/presenters/shifts/shift_forms.hpp"
#include "client-wx/presenters/shifts/shift_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{15};
constexpr std::size_t kTypedMax = 40;

TableCell cell(std::string text, Ink ink = Ink::normal, bool bold = false) {
    return {.text = std::move(text), .ink = ink, .bold = bold};
}

}  // namespace

ShiftPresenter::ShiftPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context} {
    change_.on_state = [this] { update(); };
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && screen_.stage == ShiftScreen::Stage::failed) {
            refresh();
        }
        update();
    });
    notes_e4_ = denominations(context_.session.property().currency);
    for (const auto e4 : notes_e4_) {
        screen_.notes.push_back(
            {e4 % 10'000 == 0 ? currency_sign() + count(e4 / 10'000) : money(e4), {}, {}, {}});
    }
    update();
}

ShiftPresenter::~ShiftPresenter() = default;

void ShiftPresenter::show(std::int64_t shift_id) {
    if (change_.open()) {
        return update();
    }
    if (shift_id != wanted_id_ || screen_.stage == ShiftScreen::Stage::closed) {
        wanted_id_ = shift_id;
        shift_.reset();
        screen_.stage = ShiftScreen::Stage::loading;
        screen_.notice.clear();
        screen_.reason.clear();
        screen_.total_typed.clear();
        for (auto& note : screen_.notes) {
            note = {note.label, {}, {}, {}};
        }
        screen_.others.clear();
        count_again();
    }
    refresh();
}

void ShiftPresenter::refresh() {
    v1::GetShiftRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_shift_id(wanted_id_);
    shift_call_ = context_.server.call(
        method::get_shift, request, std::function<void(Result<v1::Shift>)>{[this](Result<v1::Shift> result) {
            again_ = context_.timers.after(kEvery, [this] { refresh(); });
            if (result) {
                take(*result);
            } else if (result.fault().reason == "no_open_shift") {
                if (screen_.stage != ShiftScreen::Stage::closed && !change_.open()) {
                    shift_.reset();
                    screen_.own = true;
                    screen_.stage = ShiftScreen::Stage::none;
                    load_points();
                }
            } else if (!shift_) {
                screen_.stage = ShiftScreen::Stage::failed;
                screen_.fault = describe_with_code(result.fault());
            }
            update();
        }});
    update();
}

void ShiftPresenter::load_points() {
    v1::ListPointsRequest request;
    request.set_property_id(context_.session.property_id());
    points_call_ = context_.server.call(
        method::list_points, request,
        std::function<void(Result<v1::ListPointsResponse>)>{[this](Result<v1::ListPointsResponse> result) {
            if (!result) {
                screen_.point_error = describe_with_code(result.fault());
                return update();
            }
            const auto chosen =
                screen_.point >= 0 ? points_.at(static_cast<std::size_t>(screen_.point)).id : 0;
            points_.clear();
            screen_.points.clear();
            screen_.point = -1;
            screen_.point_error.clear();
            for (const auto& one : result->points()) {
                if (!one.enabled()) {
                    continue;
                }
                const auto taken = clipped(one.open_shift_operator(), 40);
                const int index = static_cast<int>(points_.size());
                points_.push_back({one.point_id(), clipped(one.code(), 12), taken, true});
                auto words = clipped(one.code(), 12) + "  " + clipped(one.name(), 40);
                if (!taken.empty()) {
                    words += "  ·  " + fill(tr("{who} works there"), fmt::arg("who", taken));
                }
                screen_.points.push_back(std::move(words));
                if (one.point_id() == chosen || (screen_.point < 0 && taken.empty())) {
                    screen_.point = index;
                }
            }
            update();
        }});
}

void ShiftPresenter::choose_point(int index) {
    if (!change_.open() && index >= 0 && static_cast<std::size_t>(index) < points_.size()) {
        screen_.point = index;
        screen_.point_error.clear();
        screen_.notice.clear();
    }
    update();
}

void ShiftPresenter::type_float(const std::string& text) {
    if (change_.open()) {
        return update();
    }
    screen_.float_typed = text.substr(0, kTypedMax);
    screen_.float_error =
        screen_.float_typed.empty() || parse_money(screen_.float_typed) ? std::string{} : no_such_amount();
    screen_.notice.clear();
    update();
}

void ShiftPresenter::open_shift() {
    if (change_.open() || screen_.stage != ShiftScreen::Stage::none || !screen_.can_open) {
        return;
    }
    const auto cash =
        screen_.float_typed.empty() ? std::optional<std::int64_t>{0} : parse_money(screen_.float_typed);
    if (!cash) {
        screen_.float_error = no_such_amount();
        return update();
    }
    v1::OpenShiftRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_point_id(points_.at(static_cast<std::size_t>(screen_.point)).id);
    request.set_float_e4(*cash);
    screen_.notice.clear();
    change_.ask<v1::OpenShiftRequest, v1::Shift>(method::open_shift, request,
                                                 [this](Result<v1::Shift> result) {
                                                     if (!result) {
                                                         fail(result.fault());
                                                         load_points();
                                                         return;
                                                     }
                                                     screen_.float_typed.clear();
                                                     wanted_id_ = 0;
                                                     take(*result);
                                                     context_.shift.take(*result);
                                                     update();
                                                     if (on_opened) {
                                                         const auto run = on_opened;
                                                         run();
                                                     }
                                                 });
    update();
}

std::unique_ptr<Form> ShiftPresenter::cash_form(bool out) {
    return screen_.may_move_cash ? cash_move_form(context_, out) : nullptr;
}

void ShiftPresenter::take(const v1::Shift& shift) {
    shift_ = std::make_unique<v1::Shift>(shift);
    screen_.own = shift.operator_id() == context_.session.who().operator_id;
    if (screen_.own && shift.state() == "open") {
        context_.shift.take(shift);
    }
    show_shift();
}

void ShiftPresenter::show_shift() {
    const auto& shift = *shift_;
    const bool open = shift.state() == "open";
    screen_.stage = open ? ShiftScreen::Stage::open : ShiftScreen::Stage::closed;
    screen_.title = fill(tr("Shift {number}"), fmt::arg("number", shift.shift_id()));
    if (!screen_.own) {
        screen_.title += "  ·  " + clipped(shift.operator_(), 40);
    }
    screen_.facts = clipped(shift.point_code(), 12) + "  " + clipped(shift.point_name(), 40) + "  ·  " +
                    fill(tr("since {time}"), fmt::arg("time", moment(to_time_point(shift.opened_at()))));
    if (!open && shift.has_closed_at()) {
        screen_.facts += "  ·  " + fill(tr("closed {time} by {who}"),
                                        fmt::arg("time", moment(to_time_point(shift.closed_at()))),
                                        fmt::arg("who", clipped(shift.closed_by(), 40)));
    }
    const auto sums = sums_of(shift);
    screen_.sold = money(sums.sold_e4);
    screen_.receipts = receipts_words(shift.receipt_count());
    screen_.paid_out = money(sums.paid_out_e4);
    screen_.moved = money_change(sums.moved_e4);
    screen_.note = clipped(shift.note(), 300);
    screen_.moves.clear();
    for (const auto& move : shift.moves()) {
        const bool out = move.kind() == "pay_out";
        screen_.moves.push_back({cell(table_time(to_time_point(move.at())), Ink::quiet),
                                 cell(cash_move_name(move.kind())),
                                 cell(money(out ? -move.amount_e4() : move.amount_e4()), Ink::normal, true),
                                 cell(clipped(move.reason(), 200), Ink::quiet)});
    }
    other_methods_.clear();
    std::vector<ShiftScreen::Counted> others;
    for (const auto& drawer : shift.drawers()) {
        const int method = static_cast<int>(drawer.method());
        if (method == v1::TENDER_METHOD_CASH) {
            continue;
        }
        other_methods_.push_back(method);
        ShiftScreen::Counted one{tender_name(method), {}, {}, {}};
        const auto before = std::find_if(screen_.others.begin(), screen_.others.end(),
                                         [&](const auto& kept) { return kept.label == one.label; });
        if (before != screen_.others.end()) {
            one = *before;
        }
        others.push_back(std::move(one));
    }
    if (others.size() != screen_.others.size() && screen_.compared) {
        count_again();
    }
    screen_.others = std::move(others);
    if (!open) {
        screen_.result.clear();
        for (const auto& drawer : shift.drawers()) {
            screen_.result.push_back(
                compared_row(static_cast<int>(drawer.method()), drawer.counted_e4(), drawer.expected_e4()));
        }
        screen_.difference = difference_words(shift.difference_e4());
        screen_.difference_ink = shift.difference_e4() == 0 ? Ink::ok : Ink::danger;
    }
}

void ShiftPresenter::fail(const Fault& fault) {
    screen_.notice = describe_with_code(fault);
    screen_.notice_is_error = true;
    update();
}

void ShiftPresenter::update() {
    using Stage = ShiftScreen::Stage;
    screen_.busy = change_.open() || asking_fresh_;
    const auto* point = screen_.point >= 0 ? &points_.at(static_cast<std::size_t>(screen_.point)) : nullptr;
    const auto cash =
        screen_.float_typed.empty() ? std::optional<std::int64_t>{0} : parse_money(screen_.float_typed);
    screen_.open_words = point != nullptr && cash
                             ? fill(tr("Open shift at {point} with {amount}"), fmt::arg("point", point->code),
                                    fmt::arg("amount", money(*cash)))
                             : tr("Open shift");
    screen_.why_not_open.clear();
    const auto offline = tr("No connection. What is typed stays.");
    if (change_.open()) {
        screen_.why_not_open = tr("It is under way.");
    } else if (!context_.connection.online()) {
        screen_.why_not_open = offline;
    } else if (points_.empty()) {
        screen_.why_not_open = tr("There is no vending point yet. A manager adds one.");
    } else if (point == nullptr) {
        screen_.why_not_open = tr("Choose a vending point.");
    } else if (!point->taken_by.empty()) {
        screen_.why_not_open =
            fill(tr("{who} has a shift open there. Choose another one, or have that one closed."),
                 fmt::arg("who", point->taken_by));
    } else if (!cash) {
        screen_.why_not_open = no_such_amount();
    }
    screen_.can_open = screen_.why_not_open.empty();

    screen_.may_move_cash = screen_.stage == Stage::open && screen_.own && !change_.open();
    screen_.counted_cash.clear();
    if (const auto counted = cash_counted()) {
        screen_.counted_cash = money(*counted);
    }
    screen_.close_words =
        !screen_.compared ? tr("Compare with the books")
        : difference_e4_ == 0
            ? tr("Close shift")
            : fill(tr("Close shift, {difference}"), fmt::arg("difference", difference_words(difference_e4_)));
    screen_.why_not_close.clear();
    if (change_.open()) {
        screen_.why_not_close = tr("It is under way.");
    } else if (!context_.connection.online()) {
        screen_.why_not_close = offline;
    }
    screen_.can_close = screen_.why_not_close.empty() && !asking_fresh_;
    if (change_.waiting()) {
        screen_.notice_is_error = false;
        screen_.notice =
            change_.may_be_done()
                ? tr("It was sent; the answer is missing. It is asked for again with the same number, so "
                     "nothing is done twice.")
                : tr("Nothing was sent yet: no connection. It goes out as soon as it is back.");
    }
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
