#include "client-wx/views/accounts/money_back_dialog.hpp"

#include <memory>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/sale/sale_parts.hpp"

namespace wutong::client {

namespace {

constexpr int dialog_width = 480;
constexpr int words_width = 430;
constexpr std::array kTenders{Tender::cash, Tender::card, Tender::transfer, Tender::cheque};

Steps::State state_of(FlowStep::State state) {
    switch (state) {
        case FlowStep::State::busy:
            return Steps::State::busy;
        case FlowStep::State::done:
            return Steps::State::done;
        case FlowStep::State::failed:
            return Steps::State::failed;
        case FlowStep::State::skipped:
            return Steps::State::skipped;
        case FlowStep::State::waiting:
            break;
    }
    return Steps::State::waiting;
}

/// What both dialogs have: a sentence, an amount, before → after, what is going on.
struct Parts {
    explicit Parts(Dialog& in) : dialog{in} {
        gap = theme::space(&dialog, space::m);
        sentence = new Label{dialog.area(), {}, Text::body, Token::ink_2};
        sentence->wrap(words_width);
        amount = new MoneyField{dialog.area(), wxs(tr("Amount")), wxs(currency_sign())};
        after = new BeforeAfterRow{dialog.area(), true};
        notice = new Label{dialog.area(), {}, Text::small, Token::ink_2};
        notice->wrap(words_width);
    }
    void show(const MoneyBackScreen& screen) {
        sentence->set_text(wxs(screen.sentence));
        if (amount->text() != screen.amount) {
            amount->set_text(screen.amount);
        }
        amount->set_enabled(!screen.busy && !screen.finished);
        amount->set_error(wxs(screen.amount_error));
        bool moved = after->Show(!screen.after.empty());
        if (!screen.after.empty()) {
            after->set(screen.after.front());
        }
        moved |= notice->Show(!screen.notice.empty());
        notice->set_text(wxs(screen.notice));
        notice->set_ink(screen.notice_is_error ? Token::danger : Token::ink_2);
        commit->set_text(wxs(screen.commit));
        commit->set_busy(screen.busy);
        if (screen.can_commit) {
            commit->enable();
        } else if (!screen.busy) {
            commit->disable(wxs(screen.why_not));
        }
        cancel->set_text(wxs(screen.finished ? tr("Close") : tr("Cancel")));
        if (moved) {
            fit();
        }
    }
    void fit() { dialog.refit(); }

    Dialog& dialog;
    int gap;
    Label* sentence;
    MoneyField* amount;
    BeforeAfterRow* after;
    Label* notice;
    Button* commit{nullptr};
    Button* cancel{nullptr};
};

}  // namespace

std::unique_ptr<RefundPresenter> ask_refund(wxWindow* parent, Context& context, std::int64_t account_id,
                                            std::vector<RefundPresenter::Meter> meters) {
    Dialog dialog{parent, wxs(tr("Refund from a meter")), dialog_width};
    Parts parts{dialog};
    std::vector<wxString> units;
    for (const auto& meter : meters) {
        units.push_back(wxs(meter.unit));
    }
    const bool several = meters.size() > 1;
    auto* which = new ChoiceField{dialog.area(), wxs(tr("Meter")), units, 0};
    which->Show(several);
    auto* all = new Button{dialog.area(), wxs(tr("All that it holds")), Button::Kind::ghost};
    auto* reason = new TextField{dialog.area(), wxs(tr("Reason"))};
    auto* steps = new Steps{dialog.area()};
    auto* steps_note = new Label{dialog.area(), {}, Text::small, Token::ink_2};
    steps_note->wrap(words_width);
    auto& content = *dialog.content();
    content.Add(parts.sentence, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(which, 0, wxEXPAND | wxBOTTOM, several ? parts.gap : 0);
    content.Add(parts.amount, 0, wxEXPAND);
    content.Add(all, 0, wxALIGN_RIGHT | wxBOTTOM, theme::space(&dialog, space::xs));
    content.Add(reason, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(parts.after, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(steps, 0, wxEXPAND);
    content.Add(steps_note, 0, wxEXPAND | wxTOP, theme::space(&dialog, space::xs));
    content.Add(parts.notice, 0, wxEXPAND);
    parts.cancel = dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    parts.commit = dialog.add_button(wxID_OK, {}, Button::Kind::primary, "receipt-refund", "Ctrl+Enter");
    dialog.set_default(parts.commit);
    dialog.focus_first(parts.amount);

    std::unique_ptr<RefundPresenter> presenter;
    const auto show = [&] {
        const auto& screen = presenter->screen();
        parts.show(screen);
        reason->set_error(wxs(screen.reason_error));
        std::vector<Steps::Step> flow;
        for (const auto& step : screen.steps) {
            flow.push_back({state_of(step.state), wxs(step.words), wxs(step.time)});
        }
        const bool moved =
            steps->Show(!flow.empty()) | steps_note->Show(!flow.empty()) | all->Show(!screen.finished);
        steps->set(std::move(flow));
        steps_note->set_text(wxs(screen.steps_note));
        if (moved) {
            parts.fit();
        }
    };
    presenter = std::make_unique<RefundPresenter>(context, account_id, std::move(meters), [&] {
        if (presenter) {
            show();
        }
    });
    parts.amount->on_change([&](const std::string& text) { presenter->type_amount(text); });
    reason->on_change([&](const std::string& text) { presenter->type_reason(text); });
    which->on_change([&](int index) { presenter->choose_meter(index); });
    all->on_click([&] { presenter->take_all(); });
    dialog.can_end([&](int) {
        presenter->commit();
        return false;
    });
    show();
    dialog.run();
    presenter->set_changed(nullptr);
    return presenter->unanswered() ? std::move(presenter) : nullptr;
}

std::unique_ptr<PayOutPresenter> ask_pay_out(wxWindow* parent, Context& context, std::int64_t account_id,
                                             const std::string& account, std::int64_t payable_e4) {
    Dialog dialog{parent, wxs(tr("Pay out")), dialog_width};
    Parts parts{dialog};
    std::vector<wxString> ways;
    for (const auto tender : kTenders) {
        ways.push_back(wxs(tender_name(tender)));
    }
    auto* tender = new ChoiceField{dialog.area(), wxs(tr("Paid with")), ways, 0};
    auto& content = *dialog.content();
    content.Add(parts.sentence, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(parts.amount, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(tender, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(parts.after, 0, wxEXPAND | wxBOTTOM, parts.gap);
    content.Add(parts.notice, 0, wxEXPAND);
    parts.cancel = dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    parts.commit = dialog.add_button(wxID_OK, {}, Button::Kind::primary, "cash-banknote", "Ctrl+Enter");
    dialog.set_default(parts.commit);
    dialog.focus_first(parts.amount);

    std::unique_ptr<PayOutPresenter> presenter;
    presenter = std::make_unique<PayOutPresenter>(context, account_id, account, payable_e4, [&] {
        if (presenter) {
            parts.show(presenter->screen());
        }
    });
    parts.amount->on_change([&](const std::string& text) { presenter->type_amount(text); });
    tender->on_change([&](int index) {
        if (index >= 0) {
            presenter->choose_tender(kTenders.at(static_cast<std::size_t>(index)));
        }
    });
    dialog.can_end([&](int) {
        presenter->commit();
        return false;
    });
    parts.show(presenter->screen());
    dialog.run();
    presenter->set_changed(nullptr);
    return presenter->unanswered() ? std::move(presenter) : nullptr;
}

}  // namespace wutong::client
