#include "client-wx/views/desk/list_tab.hpp"

#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/form_dialog.hpp"

namespace wutong::client {

namespace {

constexpr int kSearchWidth = 260;

void enable(Button& button, bool on, const std::string& why_not) {
    if (on) {
        button.enable();
    } else {
        button.disable(wxs(why_not));
    }
}

}  // namespace

ListTab::ListTab(wxWindow* parent, ListPresenter& presenter, Navigator& navigator, const char* name,
                 const char* icon)
    : Panel{parent, Token::bg},
      presenter_{presenter},
      navigator_{navigator},
      bar_{new ToolRow{this}},
      list_{new ListPane{this, name, icon}} {
    list_->on_sort = [this](int column, bool ascending) { presenter_.sort_by(column, ascending); };
    list_->on_retry = [this] { presenter_.refresh(); };
    auto* all = new wxBoxSizer{wxVERTICAL};
    all->Add(bar_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
    all->Add(list_, 1, wxEXPAND);
    SetSizer(all);
}

TextField* ListTab::add_search(const std::string& placeholder, std::function<void(const std::string&)> run) {
    TextField::Style style;
    style.placeholder = wxs(placeholder);
    style.icon = "search";
    auto* field = new TextField{bar_, {}, style};
    field->on_change(std::move(run));
    bar_->shrinking(field, kSearchWidth);
    return field;
}

Button* ListTab::add_for_chosen(const std::string& words, const char* icon, const char* hint,
                                std::function<void(std::int64_t)> run) {
    auto* button = new Button{bar_, wxs(words), Button::Kind::secondary, icon, hint};
    button->on_click([this, run = std::move(run)] {
        if (const auto chosen = list_->selected()) {
            run(*chosen);
        }
    });
    bar_->right(button);
    for_chosen_.push_back(button);
    return button;
}

void ListTab::add_export() {
    auto* save = new Button{bar_, wxs(tr("Export")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
    save->on_click([this] { list_->export_csv(); });
    bar_->right(save);
}

void ListTab::add_new(const std::string& words, std::function<std::unique_ptr<Form>()> form) {
    new_ = new Button{bar_, wxs(words), Button::Kind::primary, "plus", "F3"};
    new_->on_click([this, form = std::move(form)] { run(form()); });
    bar_->right(new_);
}

void ListTab::run(std::unique_ptr<Form> form) {
    if (run_form(this, std::move(form), navigator_)) {
        presenter_.refresh();
    }
}

void ListTab::press_new() {
    if (new_ != nullptr) {
        new_->press();
    }
}

bool ListTab::list_key(const wxKeyEvent& event) {
    if (is_ctrl(event, 'E')) {
        list_->export_csv();
    } else if (is_plain(event, WXK_F3)) {
        press_new();
    } else if (is_plain(event, WXK_F5)) {
        presenter_.refresh();
    } else {
        return false;
    }
    return true;
}

void ListTab::update(bool may_change, const std::string& why_not) {
    list_->show(presenter_.screen());
    const bool chosen = list_->selected().has_value();
    for (auto* button : for_chosen_) {
        enable(*button, chosen && may_change, may_change ? tr("Choose a row first.") : why_not);
    }
    if (new_ != nullptr) {
        enable(*new_, may_change, why_not);
    }
}

}  // namespace wutong::client
