#include "client-wx/theme/icons.hpp"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "client-wx/theme/icon_data.hpp"

namespace wutong::client::theme {
namespace {

constexpr int bold_up_to = 16;
constexpr std::size_t kept_max = 2000;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::string_view svg_of(std::string_view name) {
    for (const auto& [known, svg] : embedded_icons()) {
        if (known == name) {
            return svg;
        }
    }
    return {};
}

}  // namespace

bool has_icon(std::string_view name) {
    return !svg_of(name).empty();
}

std::vector<std::string_view> icon_names() {
    std::vector<std::string_view> names;
    for (const auto& icon : embedded_icons()) {
        names.push_back(icon.name);
    }
    return names;
}

wxBitmapBundle icon(std::string_view name, int size, const wxColour& colour) {
    static std::map<std::tuple<std::string, int, wxUint32>, wxBitmapBundle> kept;
    const std::tuple key{std::string{name}, size, colour.GetRGB()};
    if (const auto found = kept.find(key); found != kept.end()) {
        return found->second;
    }
    if (kept.size() >= kept_max) {
        kept.clear();
    }
    auto svg = std::string{svg_of(name)};
    wxASSERT_MSG(!svg.empty(), wxString::FromUTF8("no such icon: " + std::string{name}));
    if (svg.empty()) {
        svg = svg_of("square");
    }
    // wx's reader draws currentColor as grey.
    replace_all(svg, "currentColor",
                fmt::format("#{:02X}{:02X}{:02X}", colour.Red(), colour.Green(), colour.Blue()));
    if (size <= bold_up_to) {
        replace_all(svg, "stroke-width=\"2\"", "stroke-width=\"2.75\"");
    }
    return kept.emplace(key, wxBitmapBundle::FromSVG(svg.c_str(), wxSize{size, size})).first->second;
}

wxBitmapBundle icon(std::string_view name, int size, Token token) {
    return icon(name, size, colour(token));
}

}  // namespace wutong::client::theme
