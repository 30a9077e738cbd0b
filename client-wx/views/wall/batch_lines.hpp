#pragma once

#include <wx/scrolwin.h>

#include <functional>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"

namespace wutong::client {

/// ✓ 32 Confirmed  ↻ 2 On the way … in two columns.
class BatchCounts : public DrawnControl {
public:
    explicit BatchCounts(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(std::vector<BulkScreen::Count> counts);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    std::vector<BulkScreen::Count> counts_;
};

/// The meters that failed or were skipped, each with its reason. A click brings the meter into view.
class BatchLines : public wxScrolledWindow {
public:
    explicit BatchLines(wxWindow* parent);
    void set(std::vector<BulkScreen::Line> lines);
    std::function<void(std::int64_t meter_id)> on_line;

private:
    void paint();
    [[nodiscard]] int line_height() const;
    [[nodiscard]] int code_width() const;

    std::vector<BulkScreen::Line> lines_;
};

/// The sign of an outcome, as in lists.
void draw_outcome(Painter& painter, WallBadge badge, double x, double y, int size);

}  // namespace wutong::client
