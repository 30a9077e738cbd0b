#include "client-wx/views/desk/import_pane.hpp"

#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/filename.h>
#include <wx/sizer.h>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kFigures = 7;

/// @return nothing when it can't be read, or is larger than all files together may be
std::optional<ImportPresenter::File> read_file(const std::string& path) {
    wxFFile file{wxs(path), "rb"};
    if (!file.IsOpened()) {
        return std::nullopt;
    }
    const auto length = file.Length();
    if (length < 0 || static_cast<std::size_t>(length) > ImportPresenter::kBytesMax + 1) {
        return std::nullopt;
    }
    std::string content(static_cast<std::size_t>(length), '\0');
    if (file.Read(content.data(), content.size()) != content.size()) {
        return std::nullopt;
    }
    return ImportPresenter::File{utf8(wxFileName{wxs(path)}.GetFullName()), std::move(content)};
}

}  // namespace

ImportPane::ImportPane(wxWindow* parent, Context& context) : Panel{parent, Token::bg}, presenter_{context} {
    const int gap = theme::space(this, space::card_gap);
    const int s = theme::space(this, space::s);
    auto* all = new wxBoxSizer{wxVERTICAL};
    auto* card = new Card{this, wxs(tr("Import from files"))};
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    auto* words = new wxBoxSizer{wxVERTICAL};
    files_ = new Label{card, {}, Text::body_bold, Token::ink};
    sentence_ = new Paragraph{card, Text::body, Token::ink_2};
    failure_ = new Paragraph{card, Text::body, Token::danger};
    progress_ = new Spinner{card};
    words->Add(files_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    words->Add(sentence_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    words->Add(failure_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    words->Add(progress_, 0);
    row->Add(words, 1, wxEXPAND | wxRIGHT, theme::space(this, space::xl));
    choose_ = new Button{card, wxs(tr("Choose files…")), Button::Kind::secondary, "folder", "Ctrl+O"};
    choose_->on_click([this] { choose_files(); });
    again_ = new Button{card, wxs(tr("Check again")), Button::Kind::secondary, "refresh", "F5"};
    again_->on_click([this] { check_again(); });
    import_ = new Button{card, wxs(tr("Import")), Button::Kind::primary, "file-import", "Ctrl+Enter"};
    import_->on_click([this] { presenter_.import(); });
    for (auto* button : {choose_, again_, import_}) {
        row->Add(button, 0, wxALIGN_TOP | wxLEFT, s);
    }
    card->body()->Add(row, 0, wxEXPAND);
    all->Add(card, 0, wxEXPAND | wxBOTTOM, gap);

    figures_ = new Panel{this, Token::bg};
    auto* grid = new wxBoxSizer{wxHORIZONTAL};
    for (std::size_t i = 0; i < kFigures; ++i) {
        grid->Add(new FigureCard{figures_, {}}, 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), gap);
    }
    figures_->SetSizer(grid);
    all->Add(figures_, 0, wxEXPAND | wxBOTTOM, gap);

    faults_ = new ListPane{this, "import-faults", "file-import"};
    faults_->on_sort = nullptr;  // the order of the files is the order of the work
    all->Add(faults_, 1, wxEXPAND);
    SetSizer(all);
    presenter_.on_changed = [this] { update(); };
    update();
}

ImportPane::~ImportPane() {
    presenter_.on_changed = nullptr;
}

void ImportPane::choose_files() {
    wxFileDialog dialog{this,
                        wxs(tr("Choose site and meter files")),
                        {},
                        {},
                        wxs(tr("Site and meters")) + " (*.toml, *.csv)|*.toml;*.csv",
                        wxFD_OPEN | wxFD_MULTIPLE | wxFD_FILE_MUST_EXIST};
    if (dialog.ShowModal() != wxID_OK) {
        return;
    }
    wxArrayString chosen;
    dialog.GetPaths(chosen);
    paths_.clear();
    for (const auto& path : chosen) {
        paths_.push_back(utf8(path));
    }
    read_and_choose();
}

void ImportPane::focus() {
    (import_->IsShown() ? import_ : choose_)->SetFocus();
}

void ImportPane::check_again() {
    if (!paths_.empty() && presenter_.screen().step != ImportPresenter::Step::importing) {
        read_and_choose();
    }
}

void ImportPane::export_faults() {
    faults_->export_csv();
}

void ImportPane::read_and_choose() {
    std::vector<ImportPresenter::File> files;
    for (const auto& path : paths_) {
        auto file = read_file(path);
        if (!file) {
            presenter_.could_not_read(
                fill(tr("{} could not be read, or is larger than 4 MB. Nothing was sent."), path));
            return;
        }
        files.push_back(std::move(*file));
    }
    presenter_.choose(std::move(files));
}

void ImportPane::update() {
    using Step = ImportPresenter::Step;
    const auto& screen = presenter_.screen();
    std::string files;
    for (const auto& file : screen.files) {
        files += (files.empty() ? "" : "    ") + file;
    }
    files_->set_text(wxs(files));
    files_->Show(!files.empty());
    sentence_->set_text(wxs(screen.sentence));
    failure_->set_text(wxs(screen.failure));
    failure_->Show(!screen.failure.empty());
    const bool busy = screen.step == Step::checking || screen.step == Step::importing;
    progress_->Show(busy);
    again_->Show(screen.step == Step::faults || screen.step == Step::ready || !screen.failure.empty());
    import_->Show(screen.step == Step::ready || screen.step == Step::importing);
    import_->set_text(wxs(screen.import_words.empty() ? tr("Import") : screen.import_words));
    import_->set_busy(screen.step == Step::importing);
    if (screen.off.empty()) {
        import_->enable();
    } else {
        import_->disable(wxs(screen.off));
    }
    if (busy) {
        choose_->disable(wxs(tr("Under way")));
    } else {
        choose_->enable();
    }
    figures_->Show(!screen.figures.empty());
    for (std::size_t i = 0; i < kFigures; ++i) {
        auto* card = static_cast<FigureCard*>(figures_->GetSizer()->GetItem(i)->GetWindow());
        if (i < screen.figures.size()) {
            card->set_label(wxs(screen.figures[i].words));
            card->set_figure(wxs(screen.figures[i].number));
        }
    }
    faults_->Show(screen.step == Step::faults);
    if (screen.step == Step::faults) {
        faults_->show(screen.faults);
    }
    Layout();
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
