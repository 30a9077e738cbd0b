#include "client-wx/views/accounts/closing_view.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int words_width = 400;

}  // namespace

ClosingView::ClosingView(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
    content_ = new Panel{this};
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(make_settlement(), 3, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));
    row->Add(make_act(), 2, wxEXPAND);
    content_->SetSizer(row);
    instead_ = new EmptyState{this, "hourglass", wxs(tr("Being fetched"))};
    instead_->on_action([this] { presenter_->open(presenter_->account_id()); });
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(content_, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    outer->Add(instead_, 1, wxEXPAND);
    SetSizer(outer);
    content_->Hide();
    presenter_ = std::make_unique<ClosingPresenter>(context_, [this] {
        if (presenter_) {
            show();
        }
    });
}

wxWindow* ClosingView::make_settlement() {
    settlement_ = new Card{content_, wxs(tr("Settlement"))};
    auto& body = *settlement_->body();
    const int m = theme::space(this, space::m);
    customer_ = new Label{settlement_, {}, Text::title};
    meter_rows_ = new wxBoxSizer{wxVERTICAL};
    line_rows_ = new wxBoxSizer{wxVERTICAL};
    result_label_ = new Label{settlement_, {}, Text::body, Token::ink_2};
    result_ = new Label{settlement_, {}, Text::hero};
    body.Add(customer_, 0, wxEXPAND | wxBOTTOM, m);
    body.Add(new Label{settlement_, wxs(tr("Meters that are cleared")), Text::small_bold, Token::ink_2}, 0,
             wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    body.Add(meter_rows_, 0, wxEXPAND);
    body.Add(new Divider{settlement_}, 0, wxEXPAND | wxTOP | wxBOTTOM, m);
    body.Add(line_rows_, 0, wxEXPAND);
    body.Add(new Divider{settlement_}, 0, wxEXPAND | wxTOP | wxBOTTOM, m);
    body.Add(result_label_, 0, wxEXPAND);
    body.Add(result_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    return settlement_;
}

wxWindow* ClosingView::make_act() {
    act_ = new Card{content_, wxs(tr("Close"))};
    auto& body = *act_->body();
    const int m = theme::space(this, space::m);
    remarks_text_ = new Label{act_, {}, Text::body, Token::ink_2};
    remarks_text_->wrap(words_width);
    blockers_ = new Label{act_, {}, Text::body, Token::danger};
    blockers_->wrap(words_width);
    reason_ = new TextField{act_, wxs(tr("Reason"))};
    reason_->on_change([this](const std::string& text) { presenter_->type_reason(text); });
    notice_ = new Label{act_, {}, Text::small, Token::ink_2};
    notice_->wrap(words_width);
    commit_ = new Button{act_, {}, Button::Kind::danger_filled, "user-off", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { presenter_->commit(); });
    transfer_ = new Button{act_, wxs(tr("New tenant instead…")), Button::Kind::secondary, "transfer"};
    transfer_->set_height(measure::primary);
    transfer_->on_click([this] {
        context_.navigator.open({Page::transfer_account, presenter_->account_id(), {}});
    });
    cancel_ = new Button{act_, wxs(tr("Keep it open")), Button::Kind::secondary, {}, "Esc"};
    cancel_->set_height(measure::primary);
    cancel_->on_click([this] { context_.navigator.back(); });
    body.Add(remarks_text_, 0, wxEXPAND | wxBOTTOM, m);
    body.Add(blockers_, 0, wxEXPAND | wxBOTTOM, m);
    body.Add(reason_, 0, wxEXPAND | wxBOTTOM, m);
    body.Add(notice_, 0, wxEXPAND | wxBOTTOM, m);
    body.AddStretchSpacer();
    body.Add(commit_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    body.Add(transfer_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    body.Add(cancel_, 0, wxEXPAND);
    return act_;
}

void ClosingView::open(const Place& place) {
    presenter_->open(place.id);
    reason_->SetFocus();
}

void ClosingView::show() {
    const auto& screen = presenter_->screen();
    const bool there = !screen.result_label.empty();
    if (content_->IsShown() != there) {
        content_->Show(there);
        instead_->Show(!there);
        Layout();
        if (there) {
            reason_->SetFocus();
        }
    }
    if (!there) {
        instead_->set(screen.loading ? "hourglass" : "server-off",
                      wxs(screen.fault.empty() ? tr("Being fetched") : screen.fault), {},
                      screen.fault.empty() ? wxString{} : wxs(tr("Try again")));
        return changed();
    }
    bool moved = false;
    customer_->set_text(wxs(screen.customer));
    while (meters_.size() < screen.meters.size()) {
        auto* balance = new FactRow{settlement_, {}};
        auto* check = new CheckLine{settlement_, CheckLine::State::unknown, {}};
        meter_rows_->Add(balance, 0, wxEXPAND);
        meter_rows_->Add(check, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
        meters_.push_back({balance, check});
        moved = true;
    }
    for (std::size_t i = 0; i < meters_.size(); ++i) {
        const bool used = i < screen.meters.size();
        moved |= meters_[i].balance->Show(used) | meters_[i].check->Show(used);
        if (used) {
            const auto& meter = screen.meters[i];
            meters_[i].balance->set_label(
                wxs(meter.unit + (meter.code.empty() ? "" : "  ·  " + meter.code) + "  ·  " + meter.read));
            meters_[i].balance->set_value(wxs(meter.on_meter));
            meters_[i].check->set(meter.check.state == SaleCheck::State::good ? CheckLine::State::good
                                                                              : CheckLine::State::warning,
                                  wxs(meter.check.words));
        }
    }
    while (lines_.size() < screen.lines.size()) {
        lines_.push_back(new FactRow{settlement_, {}});
        line_rows_->Add(lines_.back(), 0, wxEXPAND);
        moved = true;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const bool used = i < screen.lines.size();
        moved |= lines_[i]->Show(used);
        if (used) {
            lines_[i]->set_label(wxs(screen.lines[i].first));
            lines_[i]->set_value(wxs(screen.lines[i].second));
        }
    }
    result_label_->set_text(wxs(screen.result_label));
    result_->set_text(wxs(screen.result));
    result_->set_ink(screen.owes ? Token::danger : Token::ink);
    const auto joined = [](const std::vector<std::string>& texts) {
        std::string all;
        for (const auto& text : texts) {
            all += (all.empty() ? "" : "\n") + text;
        }
        return wxs(all);
    };
    remarks_text_->set_text(joined(screen.warnings));
    blockers_->set_text(joined(screen.blockers));
    moved |= blockers_->Show(!screen.blockers.empty());
    moved |= notice_->Show(!screen.notice.empty());
    reason_->set_error(wxs(screen.reason_error));
    reason_->set_enabled(!screen.busy);
    notice_->set_text(wxs(screen.notice));
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::ink_2);
    commit_->set_text(wxs(screen.commit));
    commit_->set_busy(screen.busy);
    if (screen.busy || screen.finished || screen.meters.empty()) {
        transfer_->disable(wxs(screen.meters.empty() ? tr("The account has no meters.") : screen.why_not));
    } else {
        transfer_->enable();
    }
    if (screen.can_commit) {
        commit_->enable();
    } else if (!screen.busy) {
        commit_->disable(wxs(screen.why_not));
    }
    if (moved) {
        settlement_->Layout();
        act_->Layout();
        settlement_->Refresh();
        act_->Refresh();
    }
    changed();
}

wxString ClosingView::title() const {
    return wxs(presenter_ ? presenter_->screen().title : tr("Close account"));
}

wxString ClosingView::status_left() const {
    return wxs(tr("Nothing is changed before you say so"));
}

wxString ClosingView::status_right() const {
    return wxs(tr("Ctrl+Enter closes the account  ·  Esc goes back"));
}

bool ClosingView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
        presenter_->commit();
        return true;
    }
    if (!event.HasAnyModifiers() && code == WXK_ESCAPE) {
        context_.navigator.back();
        return true;
    }
    return false;
}

std::vector<std::pair<wxString, wxString>> ClosingView::keys() const {
    return {{"Ctrl+Enter", wxs(tr("close the account"))}, {"Esc", wxs(tr("go back"))}};
}

}  // namespace wutong::client
