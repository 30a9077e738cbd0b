#include "client-wx/views/save_table.hpp"

#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/filename.h>
#include <wx/log.h>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

void tell_failure(wxWindow* parent, const std::string& path) {
    Dialog dialog{parent, wxs(tr("The file was not written"))};
    auto* sentence =
        new Label{dialog.area(),
                  wxs(client::fill(tr("{} can't be written. Choose another folder, or close the program "
                                      "that has the file open."),
                                   path)),
                  Text::body};
    sentence->wrap(400);
    dialog.content()->Add(sentence, 0, wxEXPAND);
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")));
    dialog.run();
}

}  // namespace

std::string save_table(wxWindow* parent, const Spreadsheet& sheet, const std::string& name) {
    wxFileDialog dialog{parent,
                        wxs(tr("Export")),
                        {},
                        wxs(name + ".xlsx"),
                        wxs(tr("Excel") + " (*.xlsx)|*.xlsx|" + tr("CSV") + " (*.csv)|*.csv"),
                        wxFD_SAVE | wxFD_OVERWRITE_PROMPT};
    if (dialog.ShowModal() != wxID_OK) {
        return {};
    }
    wxFileName path{dialog.GetPath()};
    const bool csv =
        path.GetExt().Lower() == "csv" || (path.GetExt().empty() && dialog.GetFilterIndex() == 1);
    if (path.GetExt().empty()) {
        path.SetExt(csv ? "csv" : "xlsx");
    }
    const auto content = csv ? to_csv(sheet) : to_xlsx(sheet);
    const wxLogNull quiet;  // the failure is told below, in our own words
    wxFFile file;
    const bool written = file.Open(path.GetFullPath(), "wb") &&
                         file.Write(content.data(), content.size()) == content.size() && file.Close();
    if (!written) {
        tell_failure(parent, utf8(path.GetFullPath()));
        return {};
    }
    return client::fill(tr("Saved as {}"), utf8(path.GetFullName()));
}

}  // namespace wutong::client
