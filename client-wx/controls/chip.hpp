#pragma once

#include <functional>
#include <optional>

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// A filter with a count: "▲ Alarm 2  56". Space or click chooses it; with Ctrl it is added to the others.
class Chip : public DrawnControl {
public:
    /// @param state gives the mark before the words; none for "All"
    Chip(wxWindow* parent, const wxString& words, std::optional<MeterStatus> state = {});
    /// Of a chip without state, e.g. "Unacknowledged".
    void set_icon(std::string_view name) { icon_ = name; }
    void set_count(const wxString& count);
    void set_chosen(bool chosen);
    [[nodiscard]] bool chosen() const { return chosen_; }
    /// Narrow windows: mark and number only, the words as tip.
    void set_folded(bool folded);
    /// With its words, folded or not.
    [[nodiscard]] int full_width() const { return width(false); }
    /// @param add Ctrl or Shift was down
    void on_choose(std::function<void(bool add)> run) { choose_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void activate() override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int width(bool folded) const;

    wxString words_;
    std::optional<MeterStatus> state_;
    std::string icon_;
    wxString count_;
    std::function<void(bool)> choose_;
    bool chosen_{false};
    bool folded_{false};
};

}  // namespace wutong::client
