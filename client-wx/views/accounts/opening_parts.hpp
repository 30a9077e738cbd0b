#pragma once

#include <array>
#include <functional>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/accounts/opening_presenter.hpp"

namespace wutong::client {

/// Suggestions under a field: a title and a detail a line, chosen by click.
class SuggestionList : public DrawnControl {
public:
    explicit SuggestionList(wxWindow* parent);
    void set(std::vector<std::pair<std::string, std::string>> lines);
    void on_choose(std::function<void(std::size_t)> run) { choose_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    void clicked_at(const wxPoint& point) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int row_height() const;

    std::vector<std::pair<std::string, std::string>> lines_;
    int hover_{-1};
    std::function<void(std::size_t)> choose_;
};

/// One meter of an opening: which, with what settings, and what is bought first.
class OpeningMeterBlock : public Panel {
public:
    using Value = OpeningPresenter::Value;

    OpeningMeterBlock(wxWindow* parent, OpeningPresenter& presenter, std::size_t index);
    void set(const OpeningScreen::Meter& meter, bool removable, bool enabled);
    void focus(OpeningScreen::Field field);

private:
    [[nodiscard]] TextField& field(Value value) { return *values_.at(static_cast<std::size_t>(value)); }

    std::size_t index_;
    TextField* who_;
    CheckLine* check_;
    SuggestionList* matches_;
    std::vector<std::int64_t> match_ids_;
    std::array<TextField*, 6> values_{};
    Button* remove_;
};

}  // namespace wutong::client
