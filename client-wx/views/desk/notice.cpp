#include "client-wx/views/desk/notice.hpp"

#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kWidth = 440;
constexpr int kWords = 390;

}  // namespace

void show_notice(wxWindow* parent, const std::string& title, const std::string& sentence) {
    Dialog dialog{parent, wxs(title), kWidth};
    auto* words = new Label{dialog.area(), wxs(sentence), Text::body, Token::ink_2};
    words->wrap(kWords);
    dialog.content()->Add(words, 0, wxEXPAND);
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")));
    dialog.run();
}

}  // namespace wutong::client
