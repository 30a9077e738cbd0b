// How the widgets of a plan's editor follow its screen, and the other way round.
#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/tariffs/tariff_pane.hpp"

namespace wutong::client {

namespace {

bool same(const std::vector<std::vector<TableCell>>& a, const std::vector<std::vector<TableCell>>& b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = 0; k < a[i].size(); ++k) {
            if (k >= b[i].size() || a[i][k].text != b[i][k].text) {
                return false;
            }
        }
    }
    return true;
}

void show_rows(Table& table, const std::vector<std::vector<TableCell>>& rows) {
    if (!same(table.shown_rows(), rows)) {
        table.show(rows);
    }
}

}  // namespace

TariffDraft TariffPane::typed() const {
    TariffDraft draft;
    draft.commodity = commodity_->chosen() == 1 ? Commodity::water : Commodity::electricity;
    draft.effective_from = from_->text();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        draft.steps.at(i).up_to = steps_.at(i).up_to->text();
        for (std::size_t rate = 0; rate < 4; ++rate) {
            draft.steps.at(i).price.at(rate) = steps_.at(i).price.at(rate)->text();
        }
    }
    draft.step_period = step_period_->chosen() == 1 ? 1 : 0;
    draft.year_begins = year_begins_->text();
    draft.restart_with_version = restart_version_->ticked();
    draft.restart_with_meter = restart_meter_->ticked();
    draft.week = week_->text();
    draft.day_plans = day_plans_->text();
    draft.seasons = seasons_->text();
    draft.special_days = special_days_->text();
    draft.tax_percent = tax_->text();
    draft.tax_added = tax_added_->ticked();
    draft.energy_charges = energy_charges_->text();
    draft.fixed_charges = fixed_charges_->text();
    draft.minimum = minimum_->text();
    draft.minimum_by_day = minimum_by_day_->ticked();
    draft.deposit = deposit_->text();
    draft.overdraft = overdraft_->text();
    return draft;
}

void TariffPane::put(const TariffDraft& draft) {
    commodity_->choose(draft.commodity == Commodity::water ? 1 : 0);
    from_->set_text(draft.effective_from);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        steps_.at(i).up_to->set_text(draft.steps.at(i).up_to);
        for (std::size_t rate = 0; rate < 4; ++rate) {
            steps_.at(i).price.at(rate)->set_text(draft.steps.at(i).price.at(rate));
        }
    }
    step_period_->choose(draft.step_period);
    year_begins_->set_text(draft.year_begins);
    restart_version_->tick(draft.restart_with_version);
    restart_meter_->tick(draft.restart_with_meter);
    week_->set_text(draft.week);
    day_plans_->set_text(draft.day_plans);
    seasons_->set_text(draft.seasons);
    special_days_->set_text(draft.special_days);
    tax_->set_text(draft.tax_percent);
    tax_added_->tick(draft.tax_added);
    energy_charges_->set_text(draft.energy_charges);
    fixed_charges_->set_text(draft.fixed_charges);
    minimum_->set_text(draft.minimum);
    minimum_by_day_->tick(draft.minimum_by_day);
    deposit_->set_text(draft.deposit);
    overdraft_->set_text(draft.overdraft);
}

void TariffPane::name_units(Commodity commodity) {
    if (named_for_ == commodity) {
        return;
    }
    named_for_ = commodity;
    const bool water = commodity == Commodity::water;
    prices_title_->set_text(
        wxs(water ? tr("Prices per m³, by step and rate") : tr("Prices per kWh, by step and rate")));
    up_to_title_->set_text(wxs(water ? tr("up to m³") : tr("up to kWh")));
    energy_charges_->set_label(wxs(water ? tr("Charges per m³") : tr("Charges per kWh")));
}

void TariffPane::changed_by_hand() {
    if (!showing_ && made_) {
        editor_.type(typed());
    }
}

void TariffPane::publish() {
    editor_.publish();
    const auto& screen = editor_.screen();
    if (!screen.name_error.empty()) {
        name_->SetFocus();
        return;
    }
    for (const auto& [part, field] : parts_) {
        if (!screen.errors.at(static_cast<std::size_t>(part)).empty()) {
            field->SetFocus();
            return;
        }
    }
}

void TariffPane::focus_first() {
    if (editor_.screen().new_plan) {
        name_->SetFocus();
    } else {
        versions_->focus();
    }
}

void TariffPane::show() {
    const auto& screen = editor_.screen();
    showing_ = true;
    title_->set_text(wxs(!screen.failure.empty() ? screen.failure
                         : screen.loading        ? tr("Loading…")
                                                 : screen.title));
    title_->set_ink(screen.failure.empty() ? Token::ink : Token::danger);
    read_only_->set_text(wxs(screen.read_only));
    read_only_->Show(!screen.read_only.empty());
    show_rows(*versions_, screen.versions);
    const auto chosen = versions_->selected();
    if (screen.version < 0 && chosen) {
        versions_->clear_selection();
    } else if (screen.version >= 0 && chosen != static_cast<std::size_t>(screen.version)) {
        versions_->select(static_cast<std::size_t>(screen.version));
    }
    if (name_->text() != screen.name) {
        name_->set_text(screen.name);
    }
    name_->set_enabled(screen.new_plan && !screen.busy, wxs(tr("A plan keeps its name.")));
    name_->set_error(wxs(screen.name_error));
    if (screen.revision != revision_) {
        revision_ = screen.revision;
        put(screen.draft);
    }
    name_units(screen.draft.commodity);
    const bool on = screen.editable && !screen.busy;
    commodity_->set_enabled(on && screen.new_plan, wxs(tr("A plan keeps what it is for.")));
    for (const auto& [part, field] : parts_) {
        field->set_error(wxs(screen.errors.at(static_cast<std::size_t>(part))));
        field->set_enabled(on, wxs(screen.read_only));
    }
    for (auto& step : steps_) {
        step.up_to->set_enabled(on);
        for (auto* price : step.price) {
            price->set_enabled(on);
        }
    }
    step_period_->set_enabled(on);
    for (auto* box : {restart_version_, restart_meter_, tax_added_, minimum_by_day_}) {
        box->Enable(on);
    }
    const auto& steps_error = screen.errors.at(static_cast<std::size_t>(TariffPart::steps));
    steps_error_->set_text(wxs(steps_error));
    steps_error_->Show(!steps_error.empty());
    verdict_->set_text(wxs(screen.editable ? screen.verdict : std::string{}));
    verdict_->set_ink(screen.faultless ? Token::ok : Token::ink_2);
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::ok);
    notice_->set_text(wxs(screen.notice));
    notice_->Show(!screen.notice.empty());
    commit_->set_text(wxs(screen.commit));
    commit_->set_busy(screen.busy);
    if (screen.can_commit) {
        commit_->enable();
    } else if (!screen.busy) {
        commit_->disable(wxs(screen.why_not));
    }
    new_version_->Show(!screen.new_plan);

    show_rows(*placement_, screen.placement);
    placement_note_->set_text(wxs(screen.placement_note));
    if (unit_->text() != screen.unit) {
        unit_->set_text(screen.unit);
    }
    if (month_->text() != screen.month) {
        month_->set_text(screen.month);
    }
    unit_->set_error(wxs(screen.preview_error));
    show_rows(*bill_, screen.bill);
    while (sums_.size() < screen.sums.size()) {
        sums_.push_back(new FactRow{preview_card_, {}});
        sums_sizer_->Add(sums_.back(), 0, wxEXPAND);
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        sums_[i]->Show(i < screen.sums.size());
        if (i < screen.sums.size()) {
            sums_[i]->set_label(wxs(screen.sums[i].first));
            sums_[i]->set_value(wxs(screen.sums[i].second));
        }
    }
    preview_note_->set_text(wxs(screen.preview_note));
    scroll_->FitInside();
    scroll_->Layout();
    title_->GetParent()->Layout();
    preview_card_->Layout();
    showing_ = false;
    if (on_shown) {
        on_shown();
    }
}

}  // namespace wutong::client
