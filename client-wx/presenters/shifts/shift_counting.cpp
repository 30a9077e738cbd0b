// The part of the shift's presenter that counts, compares and closes.
#include <wutong/v1/cashier_service.pb.h>

#include <algorithm>
#include <map>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/shifts/shift_presenter.hpp"
#include "client-wx/presenters/shifts/shift_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kTypedMax = 40;
constexpr std::size_t kReasonMax = 400;  // bytes; the server takes 500
constexpr std::int64_t kPiecesMax = 100'000;

/// What the books have in the drawers, to be told apart from what was shown.
std::string fingerprint(const v1::Shift& shift) {
    std::map<int, std::int64_t> expected;
    for (const auto& drawer : shift.drawers()) {
        expected[static_cast<int>(drawer.method())] = drawer.expected_e4();
    }
    std::string all;
    for (const auto& [method, e4] : expected) {
        all += std::to_string(method) + "=" + std::to_string(e4) + ";";
    }
    return all;
}

std::int64_t expected_of(const v1::Shift& shift, int method) {
    for (const auto& drawer : shift.drawers()) {
        if (static_cast<int>(drawer.method()) == method) {
            return drawer.expected_e4();
        }
    }
    return 0;
}

}  // namespace

void ShiftPresenter::count_by_total(bool total) {
    if (change_.open() || screen_.by_total == total) {
        return;
    }
    screen_.by_total = total;
    if (total && screen_.total_typed.empty() && !screen_.counted_cash.empty()) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < notes_e4_.size(); ++i) {
            sum += parse_count(screen_.notes[i].typed).value_or(0) * notes_e4_[i];
        }
        screen_.total_typed = sum > 0 ? plain_money(sum) : std::string{};
    }
    count_again();
}

void ShiftPresenter::type_note(std::size_t index, const std::string& text) {
    if (change_.open() || index >= screen_.notes.size()) {
        return update();
    }
    auto& note = screen_.notes[index];
    note.typed = text.substr(0, kTypedMax);
    const auto pieces = parse_count(note.typed);
    const bool fits = note.typed.empty() || (pieces && *pieces <= kPiecesMax);
    note.error = fits ? std::string{}
                      : fill(tr("A whole number, at most {most}."), fmt::arg("most", count(kPiecesMax)));
    note.sum = fits && pieces && *pieces > 0 ? money(*pieces * notes_e4_[index]) : std::string{};
    count_again();
}

void ShiftPresenter::type_total(const std::string& text) {
    if (change_.open()) {
        return update();
    }
    screen_.total_typed = text.substr(0, kTypedMax);
    screen_.total_error =
        screen_.total_typed.empty() || parse_money(screen_.total_typed) ? std::string{} : no_such_amount();
    count_again();
}

void ShiftPresenter::type_other(std::size_t index, const std::string& text) {
    if (change_.open() || index >= screen_.others.size()) {
        return update();
    }
    auto& other = screen_.others[index];
    other.typed = text.substr(0, kTypedMax);
    const bool minus = other.typed.starts_with('-');
    other.error = other.typed.empty() || parse_money(minus ? other.typed.substr(1) : other.typed)
                      ? std::string{}
                      : no_such_amount();
    count_again();
}

void ShiftPresenter::type_reason(const std::string& text) {
    screen_.reason = text;
    while (screen_.reason.size() > kReasonMax) {  // between letters, not inside of one
        do {
            screen_.reason.pop_back();
        } while (!screen_.reason.empty() &&
                 (static_cast<unsigned char>(screen_.reason.back()) & 0xC0U) == 0x80U);
    }
    screen_.reason_error.clear();
    update();
}

void ShiftPresenter::count_again() {
    screen_.compared = false;
    screen_.reason_needed = false;
    screen_.reason_error.clear();
    if (screen_.stage != ShiftScreen::Stage::closed) {
        screen_.result.clear();
        screen_.difference.clear();
    }
    difference_e4_ = 0;
    if (!change_.open()) {
        screen_.notice.clear();
    }
    update();
}

std::optional<std::int64_t> ShiftPresenter::cash_counted() const {
    if (screen_.by_total) {
        return screen_.total_typed.empty() ? std::nullopt : parse_money(screen_.total_typed);
    }
    std::int64_t sum = 0;
    bool any = false;
    for (std::size_t i = 0; i < screen_.notes.size(); ++i) {
        const auto pieces = parse_count(screen_.notes[i].typed);
        any |= pieces.has_value();
        sum += std::min(pieces.value_or(0), kPiecesMax) * notes_e4_[i];
    }
    return any ? std::optional{sum} : std::nullopt;
}

std::int64_t ShiftPresenter::other_counted(std::size_t index) const {
    const auto& typed = screen_.others.at(index).typed;
    const bool minus = typed.starts_with('-');
    const auto sum = parse_money(minus ? typed.substr(1) : typed).value_or(0);
    return minus ? -sum : sum;
}

bool ShiftPresenter::check_count() {
    bool right = true;
    if (screen_.by_total && !cash_counted()) {
        screen_.total_error = screen_.total_typed.empty()
                                  ? tr("How much cash is in the drawer? 0 is a figure too.")
                                  : no_such_amount();
        right = false;
    }
    if (!screen_.by_total) {
        for (const auto& note : screen_.notes) {
            right &= note.error.empty();
        }
        if (!cash_counted()) {
            screen_.notes.front().error = tr("Count the cash. 0 is a figure too.");
            right = false;
        }
    }
    for (auto& other : screen_.others) {
        if (other.typed.empty()) {
            other.error = tr("Fill this in. 0 is a figure too.");
        }
        right &= other.error.empty();
    }
    return right;
}

void ShiftPresenter::go_on() {
    if (screen_.stage != ShiftScreen::Stage::open || screen_.busy || !context_.connection.online()) {
        return;
    }
    if (!check_count()) {
        return update();
    }
    if (screen_.compared && screen_.reason_needed &&
        screen_.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
        screen_.reason_error = tr("Say why; it is kept with the shift.");
        return update();
    }
    // What was booked a moment ago, at another window too, is in the figures.
    v1::GetShiftRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_shift_id(shift_->shift_id());
    asking_fresh_ = true;
    screen_.notice.clear();
    fresh_call_ = context_.server.call(
        method::get_shift, request, std::function<void(Result<v1::Shift>)>{[this](Result<v1::Shift> result) {
            asking_fresh_ = false;
            if (!result) {
                return fail(result.fault());
            }
            compare(*result);
            update();
        }});
    update();
}

void ShiftPresenter::compare(const v1::Shift& shift) {
    const bool shown = screen_.compared;
    const auto before = expected_shown_;
    take(shift);
    if (screen_.stage != ShiftScreen::Stage::open) {
        screen_.notice = tr("The shift is closed already.");
        screen_.notice_is_error = false;
        return;
    }
    if (!check_count()) {
        return;  // a way of paying has come that is not counted yet
    }
    expected_shown_ = fingerprint(shift);
    if (shown && before == expected_shown_) {
        return close();
    }
    screen_.result.clear();
    difference_e4_ = 0;
    const auto add = [this, &shift](int method, std::int64_t counted_e4) {
        const auto expected_e4 = expected_of(shift, method);
        difference_e4_ += counted_e4 - expected_e4;
        screen_.result.push_back(compared_row(method, counted_e4, expected_e4));
        screen_.reason_needed |= counted_e4 != expected_e4;
    };
    screen_.reason_needed = false;
    add(v1::TENDER_METHOD_CASH, cash_counted().value_or(0));
    for (std::size_t i = 0; i < other_methods_.size(); ++i) {
        add(other_methods_[i], other_counted(i));
    }
    screen_.compared = true;
    screen_.difference = difference_words(difference_e4_);
    screen_.difference_ink = screen_.reason_needed ? Ink::danger : Ink::ok;
    if (shown) {
        screen_.notice = tr("Something was booked in this shift meanwhile. Look at the difference again.");
        screen_.notice_is_error = true;
    }
}

void ShiftPresenter::close() {
    v1::CloseShiftRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_shift_id(shift_->shift_id());
    request.set_note(screen_.reason_needed ? screen_.reason : std::string{});
    auto* cash = request.add_counted();
    cash->set_method(v1::TENDER_METHOD_CASH);
    cash->set_amount_e4(cash_counted().value_or(0));
    for (std::size_t i = 0; i < other_methods_.size(); ++i) {
        auto* other = request.add_counted();
        other->set_method(static_cast<v1::TenderMethod>(other_methods_[i]));
        other->set_amount_e4(other_counted(i));
    }
    change_.ask<v1::CloseShiftRequest, v1::Shift>(method::close_shift, request,
                                                  [this](Result<v1::Shift> result) {
                                                      if (!result) {
                                                          fail(result.fault());
                                                          return refresh();
                                                      }
                                                      wanted_id_ = result->shift_id();
                                                      take(*result);
                                                      if (screen_.own) {
                                                          context_.shift.take(*result);
                                                      }
                                                      screen_.compared = false;
                                                      update();
                                                      if (on_closed) {
                                                          const auto run = on_closed;
                                                          run();
                                                      }
                                                  });
}

}  // namespace wutong::client
