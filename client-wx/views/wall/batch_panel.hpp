#pragma once

#include <wx/sizer.h>

#include <functional>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"

namespace wutong::client {

class BatchCounts;
class BatchLines;

/// One command for many meters: preview, progress, what needs somebody, result.
class BatchPanel : public Panel {
public:
    BatchPanel(wxWindow* parent, BulkCommand& presenter);

    void show(const BulkScreen& screen);
    std::function<void()> on_export;
    std::function<void(std::int64_t meter_id)> on_line;  ///< a meter of the list was clicked

private:
    void build_head(wxSizer* column);
    void build_buttons(wxSizer* column);

    BulkCommand& presenter_;
    Label *title_, *subtitle_, *who_, *caution_, *fault_;
    ProgressBar* bar_;
    Label* progress_;
    BatchCounts* counts_;
    Button *pause_, *stop_, *commit_, *retry_, *export_;
    wxWindow* divider_;
    Label* needs_you_;
    BatchLines* lines_;
    Label* more_;
    bool shows_resume_{false};
};

}  // namespace wutong::client
