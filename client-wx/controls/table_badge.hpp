#pragma once

#include <wx/dataview.h>
#include <wx/variant.h>

#include <optional>
#include <string>

#include "core/meter_status.hpp"

namespace wutong::client {

/// What a badge column draws: a state's mark, or an icon, and words beside it.
struct TableBadge {
    wxString words{};
    std::optional<core::MeterStatus> state{};
    std::string icon{};
    wxColour ink{};
    bool bold{false};
    friend bool operator==(const TableBadge&, const TableBadge&) = default;
};

class TableBadgeData final : public wxVariantData {
public:
    explicit TableBadgeData(TableBadge badge) : badge_{std::move(badge)} {}
    [[nodiscard]] const TableBadge& badge() const { return badge_; }
    bool Eq(wxVariantData& other) const override;
    [[nodiscard]] wxString GetType() const override;
    [[nodiscard]] wxVariantData* Clone() const override { return new TableBadgeData{badge_}; }

private:
    TableBadge badge_;
};

class TableBadgeRenderer final : public wxDataViewCustomRenderer {
public:
    static constexpr const char* kType = "wutong_table_badge";
    /// @param window whose scale counts
    explicit TableBadgeRenderer(wxWindow& window);

    bool SetValue(const wxVariant& value) override;
    bool GetValue(wxVariant& value) const override;
    bool Render(wxRect cell, wxDC* dc, int state) override;
    [[nodiscard]] wxSize GetSize() const override;

private:
    wxWindow& window_;
    TableBadge badge_;
};

}  // namespace wutong::client
