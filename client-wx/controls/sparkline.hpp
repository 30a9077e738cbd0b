#pragma once

#include <wx/window.h>

#include <optional>
#include <string>
#include <vector>

namespace wutong::client {

/// A handful of small bars without a scale, the last one pale because its day is not over.
class Sparkline : public wxWindow {
public:
    explicit Sparkline(wxWindow* parent);

    /// @param values no value: a gap
    void set(std::vector<std::optional<double>> values, std::string first_label, std::string last_label,
             bool last_so_far = true);
    bool AcceptsFocus() const override { return false; }

protected:
    [[nodiscard]] wxSize DoGetBestClientSize() const override;

private:
    void paint();

    std::vector<std::optional<double>> values_;
    std::string first_label_, last_label_;
    bool last_so_far_{true};
};

}  // namespace wutong::client
