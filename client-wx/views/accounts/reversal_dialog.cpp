#include "client-wx/views/accounts/reversal_dialog.hpp"

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/flow_steps.hpp"
#include "client-wx/views/sale/sale_parts.hpp"

namespace wutong::client {

namespace {

constexpr int kDialogWidth = 480;
constexpr int kWordsWidth = 430;

}  // namespace

std::unique_ptr<ReversalPresenter> ask_reversal(wxWindow* parent, Context& context, std::int64_t sale_id) {
    Dialog dialog{parent, wxs(tr("Take a sale back")), kDialogWidth};
    const int m = theme::space(&dialog, space::m);
    auto* sentence = new Label{dialog.area(), {}, Text::body, Token::ink_2};
    sentence->wrap(kWordsWidth);
    auto& content = *dialog.content();
    content.Add(sentence, 0, wxEXPAND | wxBOTTOM, m);
    auto* facts = new wxBoxSizer{wxVERTICAL};
    content.Add(facts, 0, wxEXPAND | wxBOTTOM, m);
    std::vector<FactRow*> rows;
    auto* after = new BeforeAfterRow{dialog.area(), true};
    auto* reason = new TextField{dialog.area(), wxs(tr("Reason"))};
    auto* steps = new Steps{dialog.area()};
    auto* steps_note = new Label{dialog.area(), {}, Text::body_bold, Token::ink};
    steps_note->wrap(kWordsWidth);
    auto* notice = new Label{dialog.area(), {}, Text::small, Token::danger};
    notice->wrap(kWordsWidth);
    content.Add(after, 0, wxEXPAND | wxBOTTOM, m);
    content.Add(reason, 0, wxEXPAND | wxBOTTOM, m);
    content.Add(steps, 0, wxEXPAND);
    content.Add(steps_note, 0, wxEXPAND | wxTOP, theme::space(&dialog, space::s));
    content.Add(notice, 0, wxEXPAND | wxTOP, theme::space(&dialog, space::s));
    auto* cancel =
        dialog.add_button(wxID_CANCEL, wxs(tr("Keep the sale")), Button::Kind::secondary, {}, "Esc");
    auto* commit = dialog.add_button(wxID_OK, {}, Button::Kind::danger_filled, "arrow-back-up", "Ctrl+Enter");
    dialog.set_default(commit);
    dialog.focus_first(reason);

    std::unique_ptr<ReversalPresenter> presenter;
    const auto show = [&] {
        const auto& screen = presenter->screen();
        sentence->set_text(wxs(screen.sentence));
        bool moved = false;
        while (rows.size() < screen.facts.size()) {
            rows.push_back(new FactRow{dialog.area(), {}});
            facts->Add(rows.back(), 0, wxEXPAND);
            moved = true;
        }
        for (std::size_t i = 0; i < screen.facts.size(); ++i) {
            rows[i]->set_label(wxs(screen.facts[i].first));
            rows[i]->set_value(wxs(screen.facts[i].second));
        }
        moved |= after->Show(!screen.after.empty());
        if (!screen.after.empty()) {
            after->set(screen.after.front());
        }
        moved |= reason->Show(!screen.finished);
        reason->set_enabled(!screen.busy);
        reason->set_error(wxs(screen.reason_error));
        moved |= steps->Show(!screen.steps.empty()) | steps_note->Show(!screen.steps_note.empty());
        steps->set(steps_of(screen.steps));
        steps_note->set_ink(screen.steps_failed ? Token::danger : Token::ink);
        steps_note->set_text(wxs(screen.steps_note));
        const auto& said = screen.fault.empty() ? screen.notice : screen.fault;
        moved |= notice->Show(!said.empty());
        notice->set_text(wxs(said));
        notice->set_ink(screen.notice_is_error || !screen.fault.empty() ? Token::danger : Token::ink_2);
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
        cancel->set_text(wxs(screen.finished ? tr("Close") : tr("Keep the sale")));
        if (moved) {
            dialog.refit();
        }
    };
    presenter = std::make_unique<ReversalPresenter>(context, sale_id, [&] {
        if (presenter) {
            show();
        }
    });
    reason->on_change([&](const std::string& text) { presenter->type_reason(text); });
    dialog.can_end([&](int) {
        presenter->commit();
        if (!presenter->screen().reason_error.empty()) {
            reason->SetFocus();
        }
        return false;
    });
    show();
    dialog.run();
    presenter->set_changed(nullptr);
    return presenter->unanswered() ? std::move(presenter) : nullptr;
}

}  // namespace wutong::client
