#include "client-wx/views/desk/form_dialog.hpp"

#include <wx/display.h>
#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <vector>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/navigator.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kLongText = 100'000;
constexpr int kNarrow = 460;
constexpr int kWide = 820;
constexpr int kWidest = 1120;
constexpr int kAroundFields = 280;  // title, introduction, refusal, buttons
constexpr int kFieldsLeast = 200;
constexpr std::size_t kFieldsInOneColumn = 6;

/// One field of the form on the screen: copies the presenter's field to its control when it has changed.
struct Shown {
    std::function<void(const FormField&)> update;
    wxWindow* window{nullptr};
    FormField before{};
};

/// A group of boxes to tick, with a label above and an error below.
class Boxes : public Panel {
public:
    Boxes(wxWindow* parent, const wxString& label) : Panel{parent, Token::surface} {
        auto* all = new wxBoxSizer{wxVERTICAL};
        label_ = new Label{this, label, Text::small, Token::ink_2};
        rows_ = new wxBoxSizer{wxVERTICAL};
        error_ = new Label{this, {}, Text::small, Token::danger};
        all->Add(label_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
        all->Add(rows_, 0, wxEXPAND);
        all->Add(error_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
        error_->Hide();
        SetSizer(all);
    }
    void show(const FormField& field, const std::function<void(const std::string&)>& changed) {
        std::istringstream in{field.value};
        std::set<std::string> ticked;
        for (std::string word; in >> word;) {
            ticked.insert(word);
        }
        if (values_.size() != field.options.size()) {
            rows_->Clear(true);
            boxes_.clear();
            values_.clear();
            for (const auto& option : field.options) {
                auto* box = new CheckBox{this, wxs(option.label)};
                box->on_change([this, changed](bool) {
                    std::string value;
                    for (std::size_t i = 0; i < boxes_.size(); ++i) {
                        if (boxes_[i]->ticked()) {
                            value += (value.empty() ? "" : " ") + values_[i];
                        }
                    }
                    changed(value);
                });
                rows_->Add(box, 0, wxBOTTOM, theme::space(this, space::hair));
                boxes_.push_back(box);
                values_.push_back(option.value);
            }
        }
        for (std::size_t i = 0; i < boxes_.size(); ++i) {
            boxes_[i]->tick(ticked.contains(values_[i]));
            boxes_[i]->Enable(field.enabled);
        }
        error_->set_text(wxs(field.error));
        error_->Show(!field.error.empty());
        Layout();
    }

private:
    Label* label_;
    wxBoxSizer* rows_;
    Label* error_;
    std::vector<CheckBox*> boxes_;
    std::vector<std::string> values_;
};

class FormDialog {
public:
    FormDialog(wxWindow* parent, Form& form)
        : form_{form}, dialog_{parent, wxs(form.screen().title), width_of(form)} {
        const auto& screen = form_.screen();
        if (!screen.intro.empty()) {
            auto* intro = new Label{dialog_.area(), wxs(screen.intro), Text::body, Token::ink_2};
            intro->wrap(width_of(form) - space::huge);
            dialog_.content()->Add(intro, 0, wxEXPAND | wxBOTTOM, theme::space(&dialog_, space::l));
        }
        failure_ = new Label{dialog_.area(), {}, Text::body, Token::danger};
        failure_->wrap(width_of(form) - space::huge);
        add_fields();
        dialog_.content()->Add(failure_, 0, wxEXPAND | wxTOP, theme::space(&dialog_, space::s));
        failure_->Hide();
        dialog_.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
        save_ = dialog_.add_button(wxID_OK, wxs(screen.submit), Button::Kind::primary, {}, "Ctrl+Enter");
        dialog_.set_default(save_);
        dialog_.can_end([this](int) {
            form_.submit();
            return false;  // ends when the server has said yes
        });
        if (!shown_.empty()) {
            dialog_.focus_first(shown_.front().window);
        }
        form_.on_changed = [this] { update(); };
        form_.on_saved = [this](const std::string& said) {
            said_ = said;
            saved_ = true;
            dialog_.EndModal(wxID_OK);
        };
        update();
    }
    ~FormDialog() {
        form_.on_changed = nullptr;
        form_.on_saved = nullptr;
    }
    FormDialog(const FormDialog&) = delete;
    FormDialog& operator=(const FormDialog&) = delete;

    bool run() {
        dialog_.run();
        return saved_;
    }
    [[nodiscard]] const std::string& said() const { return said_; }

private:
    static std::size_t columns_of(const Form& form) {
        // A form without fields is a question: one column, empty.
        const auto fields = std::max<std::size_t>(form.screen().fields.size(), 1);
        return (fields + kFieldsInOneColumn - 1) / kFieldsInOneColumn;
    }
    static int width_of(const Form& form) {
        const auto columns = columns_of(form);
        return columns == 1 ? kNarrow : columns == 2 ? kWide : kWidest;
    }

    void add_fields() {
        const auto& fields = form_.screen().fields;
        const auto count_of = columns_of(form_);
        const auto in_column = (fields.size() + count_of - 1) / count_of;
        // On a small screen, or with large letters, the fields scroll and the buttons stay.
        scroll_ = new wxScrolledWindow{dialog_.area(), wxID_ANY, wxDefaultPosition, wxDefaultSize,
                                       wxVSCROLL | wxBORDER_NONE};
        scroll_->SetScrollRate(0, theme::space(&dialog_, space::l));
        scroll_->SetBackgroundColour(theme::colour(Token::surface));
        columns_ = new wxBoxSizer{wxHORIZONTAL};
        wxBoxSizer* column = nullptr;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i % in_column == 0) {
                column = new wxBoxSizer{wxVERTICAL};
                columns_->Add(column, 1, wxEXPAND | (i == 0 ? 0 : wxLEFT),
                              theme::space(&dialog_, space::xxl));
            }
            shown_.push_back(make(i));
            column->Add(shown_.back().window, 0, wxEXPAND | wxBOTTOM, theme::space(&dialog_, space::s));
        }
        scroll_->SetSizer(columns_);
        dialog_.content()->Add(scroll_, 1, wxEXPAND);
    }

    void fit_fields() {
        const int most = wxGetClientDisplayRect().height - theme::space(&dialog_, kAroundFields);
        const int wanted = columns_->CalcMin().y;
        scroll_->SetMinSize({-1, std::min(wanted, std::max(most, theme::space(&dialog_, kFieldsLeast)))});
        scroll_->FitInside();
    }

    Shown make(std::size_t index) {
        const auto& field = form_.screen().fields[index];
        const auto label = wxs(field.unit.empty() ? field.label : field.label + " (" + field.unit + ")");
        const auto typed = [this, index](const std::string& text) { form_.set(index, text); };
        Shown shown;
        switch (field.kind) {
            case FormField::Kind::toggle: {
                auto* box = new CheckBox{scroll_, label, !field.value.empty()};
                box->on_change([typed](bool on) { typed(on ? "1" : ""); });
                shown.window = box;
                shown.update = [box](const FormField& now) {
                    box->tick(!now.value.empty());
                    box->Enable(now.enabled);
                };
                break;
            }
            case FormField::Kind::several: {
                auto* boxes = new Boxes{scroll_, label};
                shown.window = boxes;
                shown.update = [boxes, typed](const FormField& now) { boxes->show(now, typed); };
                break;
            }
            case FormField::Kind::choice: {
                auto* choice = new ChoiceField{scroll_, label};
                choice->on_change([this, index](int chosen) {
                    const auto& options = form_.screen().fields[index].options;
                    if (chosen >= 0 && static_cast<std::size_t>(chosen) < options.size()) {
                        form_.set(index, options[static_cast<std::size_t>(chosen)].value);
                    }
                });
                shown.window = choice;
                shown.update = [choice](const FormField& now) {
                    std::vector<wxString> words;
                    int chosen = -1;
                    for (std::size_t i = 0; i < now.options.size(); ++i) {
                        words.push_back(wxs(now.options[i].label));
                        chosen = now.options[i].value == now.value ? static_cast<int>(i) : chosen;
                    }
                    choice->set_choices(words, chosen);
                    decorate(*choice, now);
                };
                break;
            }
            case FormField::Kind::password:
            case FormField::Kind::number:
            case FormField::Kind::text: {
                TextField* text = nullptr;
                if (field.kind == FormField::Kind::password) {
                    text = new PasswordField{scroll_, label};
                } else {
                    TextField::Style style;
                    style.right_aligned = field.kind == FormField::Kind::number;
                    if (field.lines > 1) {
                        style.lines = field.lines;
                        style.length_max = kLongText;
                    }
                    text = new TextField{scroll_, label, style};
                }
                text->set_text(field.value);
                text->on_change(typed);
                shown.window = text;
                shown.update = [text](const FormField& now) {
                    if (text->text() != now.value) {
                        text->set_text(now.value);
                        text->input()->SetInsertionPointEnd();
                    }
                    decorate(*text, now);
                };
                break;
            }
        }
        return shown;
    }

    static void decorate(Field& control, const FormField& field) {
        control.set_hint(wxs(field.hint));
        control.set_error(wxs(field.error));
        control.set_enabled(field.enabled, wxs(field.hint));
    }

    static bool same(const FormField& a, const FormField& b) {
        return a.value == b.value && a.hint == b.hint && a.error == b.error && a.enabled == b.enabled &&
               a.options.size() == b.options.size();
    }

    void update() {
        const auto& screen = form_.screen();
        for (std::size_t i = 0; i < shown_.size(); ++i) {
            if (!drawn_ || !same(shown_[i].before, screen.fields[i])) {
                shown_[i].before = screen.fields[i];
                shown_[i].update(screen.fields[i]);
            }
        }
        const auto words = screen.note.empty() ? screen.failure : screen.note;
        failure_->set_ink(screen.note.empty() ? Token::danger : Token::warn);
        failure_->set_text(wxs(words));
        failure_->Show(!words.empty());
        save_->set_text(wxs(screen.submit));
        save_->set_busy(screen.busy);
        if (!screen.off_reason.empty()) {
            save_->disable(wxs(screen.off_reason));
        } else {
            save_->enable();
        }
        if (screen.first_fault >= 0 && screen.first_fault != focused_fault_) {
            shown_[static_cast<std::size_t>(screen.first_fault)].window->SetFocus();
        }
        focused_fault_ = screen.first_fault;
        fit_fields();
        if (drawn_) {
            dialog_.refit();
        }
        drawn_ = true;
    }

    Form& form_;
    Dialog dialog_;
    std::vector<Shown> shown_;
    wxScrolledWindow* scroll_{nullptr};
    wxBoxSizer* columns_{nullptr};
    Label* failure_{nullptr};
    Button* save_{nullptr};
    int focused_fault_{-1};
    bool drawn_{false};
    bool saved_{false};
    std::string said_;
};

}  // namespace

bool run_form(wxWindow* parent, std::unique_ptr<Form> form, Navigator& navigator) {
    if (!form) {
        return false;
    }
    FormDialog dialog{parent, *form};
    const bool saved = dialog.run();
    if (saved && !dialog.said().empty()) {
        navigator.toast(dialog.said());
    }
    return saved;
}

}  // namespace wutong::client
