#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/presenters/devices/import_presenter.hpp"

namespace wutong::client {

class Button;
class Label;
class ListPane;
class Paragraph;
class Spinner;

/// Files → what would happen, or what is wrong → done.
class ImportPane : public Panel {
public:
    ImportPane(wxWindow* parent, Context& context);
    ~ImportPane() override;

    void choose_files();
    void check_again();
    void export_faults();
    void focus();
    void import() { presenter_.import(); }
    std::function<void()> on_changed;

private:
    void read_and_choose();
    void update();

    ImportPresenter presenter_;
    std::vector<std::string> paths_;
    Label* files_;
    Paragraph* sentence_;
    Paragraph* failure_;
    Panel* figures_;
    Spinner* progress_;
    Button* choose_;
    Button* again_;
    Button* import_;
    ListPane* faults_;
};

}  // namespace wutong::client
