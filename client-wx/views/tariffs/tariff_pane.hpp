#pragma once

#include <array>
#include <functional>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/tariffs/tariff_editor.hpp"

class wxScrolledWindow;

namespace wutong::client {

class Paragraph;

/// The editor of a plan: versions at the left, what one says in the middle, what it means at the right.
class TariffPane : public Panel {
public:
    TariffPane(wxWindow* parent, Context& context);
    ~TariffPane() override;

    [[nodiscard]] TariffEditor& editor() { return editor_; }
    std::function<void()> on_shown;
    void publish();
    void focus_first();

private:
    wxWindow* make_versions();
    wxWindow* make_form();
    wxWindow* make_meaning();
    void make_steps(wxWindow* in, wxSizer& column);
    TextField* lines(wxWindow* in, wxSizer& column, TariffPart part, const std::string& label,
                     const std::string& hint, int lines);
    TextField* one_line(wxWindow* in, TariffPart part, const std::string& label, const std::string& hint = {},
                        bool right = false);
    [[nodiscard]] TariffDraft typed() const;
    void changed_by_hand();
    void put(const TariffDraft& draft);
    void name_units(Commodity commodity);
    void show();

    Context& context_;
    bool made_{false}, showing_{false};  // before the editor, which tells while it is made
    TariffEditor editor_;
    unsigned revision_{0};
    std::string versions_shown_;

    Table* versions_{nullptr};
    Button* new_version_{nullptr};
    Label* title_{nullptr};
    Paragraph* read_only_{nullptr};
    wxScrolledWindow* scroll_{nullptr};
    TextField *name_{nullptr}, *from_{nullptr};
    struct StepRow {
        TextField* up_to;
        std::array<TextField*, 4> price;
    };
    std::array<StepRow, TariffDraft::kSteps> steps_{};
    ChoiceField* commodity_{nullptr};
    std::optional<Commodity> named_for_;  ///< whose unit stands in the titles
    Label *prices_title_{nullptr}, *up_to_title_{nullptr};
    Label* steps_error_{nullptr};
    ChoiceField* step_period_{nullptr};
    TextField* year_begins_{nullptr};
    CheckBox *restart_version_{nullptr}, *restart_meter_{nullptr}, *tax_added_{nullptr},
        *minimum_by_day_{nullptr};
    TextField *week_{nullptr}, *day_plans_{nullptr}, *seasons_{nullptr}, *special_days_{nullptr},
        *tax_{nullptr};
    TextField *energy_charges_{nullptr}, *fixed_charges_{nullptr}, *minimum_{nullptr}, *deposit_{nullptr},
        *overdraft_{nullptr};
    std::vector<std::pair<TariffPart, TextField*>> parts_;
    Label* verdict_{nullptr};
    Paragraph* notice_{nullptr};
    Button* commit_{nullptr};

    Table *placement_{nullptr}, *bill_{nullptr};
    Paragraph *placement_note_{nullptr}, *preview_note_{nullptr};
    TextField *unit_{nullptr}, *month_{nullptr};
    Button* calculate_{nullptr};
    std::vector<FactRow*> sums_;
    wxBoxSizer* sums_sizer_{nullptr};
    Card* preview_card_{nullptr};
};

}  // namespace wutong::client
