#include "client-wx/views/accounts/settlement_dialog.hpp"

#include <wx/textctrl.h>

#include <memory>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/accounts/settlement_presenter.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kDialogWidth = 860;
constexpr int kColumnWidth = 390;
constexpr int kRawLines = 6;
constexpr std::size_t kFactsMax = 12;

}  // namespace

void ask_settlement(wxWindow* parent, Context& context, std::int64_t delivery_id) {
    Dialog dialog{parent, wxs(tr("Settle credit in question")), kDialogWidth};
    const int s = theme::space(&dialog, space::s);
    const int m = theme::space(&dialog, space::m);
    auto* columns = new wxBoxSizer{wxHORIZONTAL};
    // Left: what is known.
    auto* left = new wxBoxSizer{wxVERTICAL};
    auto* title = new Label{dialog.area(), {}, Text::section};
    left->Add(title, 0, wxEXPAND | wxBOTTOM, s);
    std::vector<FactRow*> facts;
    for (std::size_t i = 0; i < kFactsMax; ++i) {
        facts.push_back(new FactRow{dialog.area(), {}});
        facts.back()->SetMinSize({theme::space(&dialog, kColumnWidth), -1});
        facts.back()->Hide();
        left->Add(facts.back(), 0, wxEXPAND);
    }
    TextField::Style mono;
    mono.text = Text::mono;
    mono.lines = kRawLines;
    mono.length_max = 30'000;
    auto* raw = new TextField{dialog.area(), wxs(tr("Recorded")), mono};
    raw->input()->SetEditable(false);
    left->Add(raw, 1, wxEXPAND | wxTOP, s);
    // Right: the word, and the second one.
    auto* right = new wxBoxSizer{wxVERTICAL};
    auto* first_word = new Label{dialog.area(), {}, Text::body_bold, Token::info};
    first_word->wrap(kColumnWidth);
    auto* question = new Label{dialog.area(), wxs(tr("What the meter shows")), Text::section};
    auto* decision = new Segmented{dialog.area(), {wxs(tr("It is on the meter")), wxs(tr("It is not"))}, -1};
    auto* decision_error = new Label{dialog.area(), {}, Text::small, Token::danger};
    auto* consequence = new Label{dialog.area(), {}, Text::body, Token::ink_2};
    consequence->wrap(kColumnWidth);
    auto* reason = new TextField{dialog.area(), wxs(tr("Reason"))};
    auto* second_title = new Label{dialog.area(), wxs(tr("Second person")), Text::section};
    auto* second_name = new TextField{dialog.area(), wxs(tr("Operator"))};
    auto* second_password = new PasswordField{dialog.area(), wxs(tr("Password"))};
    auto* notice = new Label{dialog.area(), {}, Text::small, Token::danger};
    notice->wrap(kColumnWidth);
    right->Add(first_word, 0, wxEXPAND | wxBOTTOM, m);
    right->Add(question, 0, wxEXPAND | wxBOTTOM, s);
    right->Add(decision, 0);
    right->Add(decision_error, 0, wxEXPAND);
    right->Add(consequence, 0, wxEXPAND | wxTOP | wxBOTTOM, s);
    right->Add(reason, 0, wxEXPAND | wxBOTTOM, m);
    right->Add(second_title, 0, wxEXPAND | wxBOTTOM, s);
    right->Add(second_name, 0, wxEXPAND | wxBOTTOM, s);
    right->Add(second_password, 0, wxEXPAND);
    right->Add(notice, 0, wxEXPAND | wxTOP, m);
    columns->Add(left, 1, wxEXPAND);
    columns->Add(right, 1, wxEXPAND | wxLEFT, theme::space(&dialog, space::xxl));
    dialog.content()->Add(columns, 1, wxEXPAND);
    auto* cancel = dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    auto* commit = dialog.add_button(wxID_OK, {}, Button::Kind::primary, "scale", "Ctrl+Enter");
    dialog.set_default(commit);
    dialog.focus_first(decision);

    std::unique_ptr<SettlementPresenter> presenter;
    const auto show = [&] {
        const auto& screen = presenter->screen();
        bool moved = false;
        title->set_text(wxs(screen.loading         ? tr("Loading…")
                            : screen.fault.empty() ? screen.title
                                                   : screen.fault));
        title->set_ink(screen.fault.empty() ? Token::ink : Token::danger);
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const bool there = i < screen.facts.size();
            moved |= facts[i]->Show(there);
            if (there) {
                facts[i]->set_label(wxs(screen.facts[i].first));
                facts[i]->set_value(wxs(screen.facts[i].second));
                facts[i]->SetToolTip(wxs(screen.facts[i].second));
            }
        }
        moved |= raw->Show(!screen.raw.empty());
        if (raw->text() != screen.raw) {
            raw->set_text(screen.raw);
        }
        moved |= first_word->Show(!screen.first_word.empty());
        first_word->set_text(wxs(screen.first_word));
        if (decision->chosen() != screen.decision) {
            decision->choose(screen.decision);
        }
        moved |= decision_error->Show(!screen.decision_error.empty());
        decision_error->set_text(wxs(screen.decision_error));
        consequence->set_text(wxs(screen.consequence));
        reason->set_error(wxs(screen.reason_error));
        const bool second = screen.second_needed && !screen.finished;
        moved |= second_title->Show(second) | second_name->Show(second) | second_password->Show(second);
        second_password->set_hint(wxs(screen.second_hint));
        second_password->set_error(wxs(screen.second_error));
        if (screen.second_password.empty() && !second_password->text().empty()) {
            second_password->clear();
        }
        for (Field* field : {static_cast<Field*>(reason), static_cast<Field*>(second_name),
                             static_cast<Field*>(second_password)}) {
            field->set_enabled(!screen.busy && !screen.finished);
        }
        moved |= notice->Show(!screen.notice.empty());
        notice->set_text(wxs(screen.notice));
        notice->set_ink(screen.notice_is_error ? Token::danger : screen.finished ? Token::ok : Token::ink_2);
        commit->set_text(wxs(screen.commit));
        commit->set_busy(screen.busy);
        if (screen.can_commit) {
            commit->enable();
        } else if (!screen.busy) {
            commit->disable(wxs(screen.why_not));
        }
        if (commit->IsShown() && screen.finished) {
            cancel->SetFocus();  // what had the focus goes
        }
        moved |= commit->Show(!screen.finished);
        cancel->set_text(wxs(screen.finished ? tr("Close") : tr("Cancel")));
        if (moved) {
            dialog.refit();
        }
    };
    presenter = std::make_unique<SettlementPresenter>(context, delivery_id, [&] {
        if (presenter) {
            show();
        }
    });
    const auto type_second = [&] { presenter->type_second(second_name->text(), second_password->text()); };
    decision->on_change([&](int chosen) { presenter->decide(chosen); });
    reason->on_change([&](const std::string& text) { presenter->type_reason(text); });
    second_name->on_change([&](const std::string&) { type_second(); });
    second_password->on_change([&](const std::string&) { type_second(); });
    dialog.can_end([&](int) {
        presenter->commit();
        const auto& screen = presenter->screen();
        if (!screen.decision_error.empty()) {
            decision->SetFocus();
        } else if (!screen.reason_error.empty()) {
            reason->SetFocus();
        } else if (!screen.second_error.empty()) {
            second_password->SetFocus();
        }
        return false;
    });
    show();
    dialog.run();
    presenter->set_changed(nullptr);
}

}  // namespace wutong::client
