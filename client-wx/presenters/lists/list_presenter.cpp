#include "client-wx/presenters/lists/list_presenter.hpp"

#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kAfterFault{5};

}  // namespace

ListPresenter::ListPresenter(Context& context, std::chrono::milliseconds every, std::size_t rows_max)
    : context_{context}, every_{every}, rows_max_{rows_max}, property_id_{context.session.property_id()} {
    session_ = context.session.on_change([this] {
        if (property_id_ == context_.session.property_id()) {
            return;
        }
        property_id_ = context_.session.property_id();
        forget();
        if (open_) {
            restart();
        } else {
            call_.cancel();
            asking_ = false;
            answered_at_.reset();
            screen_.phase = ListPhase::loading;
            redraw();
        }
    });
}

void ListPresenter::open() {
    open_ = true;
    if (screen_.columns.empty()) {
        redraw();
    }
    opened();
    refresh();
}

void ListPresenter::close() {
    open_ = false;
    timer_.stop();
    closed();
}

void ListPresenter::refresh() {
    if (!asking_) {
        ask();
    }
}

void ListPresenter::ask() {
    asking_ = true;
    timer_.stop();
    fetch();
}

void ListPresenter::restart() {
    call_.cancel();
    answered_at_.reset();
    screen_.phase = ListPhase::loading;
    screen_.stale.clear();
    screen_.failure.clear();
    screen_.failure_code.clear();
    cut_ = false;
    redraw();
    ask();
}

void ListPresenter::answered() {
    asking_ = false;
    answered_at_ = context_.timers.now();
    screen_.phase = ListPhase::ready;
    screen_.failure.clear();
    screen_.failure_code.clear();
    screen_.stale.clear();
    schedule();
    redraw();
}

void ListPresenter::refused(const Fault& fault) {
    asking_ = false;
    schedule();
    if (answered_at_) {
        screen_.stale = fill(tr("Not up to date: values are from {}."), table_time(*answered_at_)) + " " +
                        describe(fault);
    } else {
        screen_.phase = ListPhase::failed;
        screen_.failure = describe(fault);
        screen_.failure_code = code(fault);
    }
    redraw();
}

void ListPresenter::schedule() {
    if (!open_) {
        return;
    }
    const bool failed = screen_.phase == ListPhase::failed || !screen_.stale.empty();
    if (every_.count() == 0 && !failed) {
        return;
    }
    const auto delay = every_.count() == 0 ? std::chrono::milliseconds{kAfterFault} : every_;
    timer_ = context_.timers.after(delay, [this] { refresh(); });
}

void ListPresenter::sort_by(int column, bool ascending) {
    screen_.ascending = ascending;
    screen_.sort_column = column;
    redraw();
}

void ListPresenter::redraw() {
    screen_.columns.clear();
    screen_.rows.clear();
    screen_.total = 0;
    screen_.filtered = false;
    write(screen_);
    screen_.cut = cut_;
    sort_rows(screen_);
    ++screen_.revision;
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
