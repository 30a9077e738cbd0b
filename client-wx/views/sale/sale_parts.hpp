#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

/// What only the sale page draws.
namespace wutong::client {

/// The number of a step in its circle, its name, and a hint at the right end.
class StepTitle : public DrawnControl {
public:
    StepTitle(wxWindow* parent, int number, const wxString& words);
    void set_hint(const wxString& hint);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString number_;
    wxString words_;
    wxString hint_;
};

/// Who may be meant, best first: unit, shop, balance, state. The keys come from the field above.
class MatchList : public DrawnControl {
public:
    explicit MatchList(wxWindow* parent);
    void set(const std::vector<SaleScreen::Match>& matches, int highlighted);
    void on_choose(std::function<void(std::int64_t meter_id)> run) { choose_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    void clicked_at(const wxPoint& point) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int row_height() const;
    [[nodiscard]] int row_at(const wxPoint& point) const;

    std::vector<SaleScreen::Match> matches_;
    int highlighted_{-1};
    int hover_{-1};
    std::function<void(std::int64_t)> choose_;
};

/// Whom this counter sold to last: one line each.
class RecentList : public DrawnControl {
public:
    explicit RecentList(wxWindow* parent);
    void set(const std::vector<SaleScreen::Recent>& recent);
    void on_choose(std::function<void(std::int64_t meter_id)> run) { choose_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void pointer_at(const wxPoint& point) override;
    void pointer_left() override;
    void clicked_at(const wxPoint& point) override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int row_height() const;

    std::vector<SaleScreen::Recent> recent_;
    int hover_{-1};
    std::function<void(std::int64_t)> choose_;
};

/// "Balance on meter / ¥18.20 → ¥218.20".
class BeforeAfterRow : public DrawnControl {
public:
    /// @param large the money; the others are a size smaller
    BeforeAfterRow(wxWindow* parent, bool large);
    void set(const BeforeAfter& value);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    bool large_;
    wxString label_, before_, after_;
};

}  // namespace wutong::client
