#include <dlfcn.h>
#include <fmt/format.h>

#include <string>

#include "client-wx/theme/native_looks.hpp"
#include "client-wx/theme/theme.hpp"

// GTK is loaded already, by wx. Its style sheet and settings are reached through dlsym, so that neither its
// headers nor its library are needed to build.
namespace wutong::client::theme {
namespace {

constexpr unsigned application_priority = 600;

template <class Function>
Function loaded(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

struct Gtk {
    using New = void* (*)();
    using Load = int (*)(void* provider, const char* css, long length, void** error);
    using Add = void (*)(void* screen, void* provider, unsigned priority);
    using Set = void (*)(void* object, const char* property, ...);

    New provider_new = loaded<New>("gtk_css_provider_new");
    Load load = loaded<Load>("gtk_css_provider_load_from_data");
    Add add = loaded<Add>("gtk_style_context_add_provider_for_screen");
    New screen = loaded<New>("gdk_screen_get_default");
    New settings = loaded<New>("gtk_settings_get_default");
    Set set = loaded<Set>("g_object_set");

    [[nodiscard]] bool all() const {
        return provider_new != nullptr && load != nullptr && add != nullptr && screen != nullptr &&
               settings != nullptr && set != nullptr;
    }
};

std::string hex(Token token) {
    return colour(token).GetAsString(wxC2S_HTML_SYNTAX).utf8_string();
}

// The colours come first, by name; the sheet itself never changes.
std::string names() {
    std::string css;
    const auto define = [&css](const char* name, Token token) {
        css += fmt::format("@define-color {} {};\n", name, hex(token));
    };
    define("w_bg", Token::bg);
    define("w_surface", Token::surface);
    define("w_surface_2", Token::surface_2);
    define("w_line", Token::line);
    define("w_edge", Token::line_strong);
    define("w_ink", Token::ink);
    define("w_ink_2", Token::ink_2);
    define("w_ink_3", Token::ink_3);
    define("w_accent", Token::accent);
    define("w_on_accent", Token::on_accent);
    define("w_soft", Token::accent_soft);
    define("w_tip", Token::tip);
    define("w_on_tip", Token::on_tip);
    return css;
}

constexpr const char* sheet = R"css(
window, dialog { background-color: @w_bg; color: @w_ink; }
entry, textview, textview text { background-image: none; background-color: @w_surface; color: @w_ink;
  border: none; box-shadow: none; outline: none; caret-color: @w_ink; }
entry { min-height: 0; padding: 0 2px; border-radius: 0; }
entry:disabled, textview:disabled text { background-color: @w_surface_2; color: @w_ink_3; }
entry selection, textview text selection, selection { background-color: @w_accent; color: @w_on_accent; }
entry image { color: @w_ink_2; }

combobox button.combo { background-image: none; background-color: @w_surface; color: @w_ink;
  border: 1px solid @w_edge; border-radius: 6px; box-shadow: none; text-shadow: none;
  padding: 0 10px; min-height: 0; outline: none; }
combobox button.combo:hover { background-color: @w_surface_2; }
combobox button.combo:focus { border: 2px solid @w_accent; padding: 0 9px; }
combobox button.combo:disabled { background-color: @w_surface_2; color: @w_ink_3; border-color: @w_line; }
combobox arrow { color: @w_ink_2; }

menu, .menu, .context-menu { background-image: none; background-color: @w_surface; color: @w_ink;
  border: 1px solid @w_edge; border-radius: 6px; padding: 4px; box-shadow: none; }
menu menuitem, .menu menuitem { padding: 7px 12px; border-radius: 4px; color: @w_ink; text-shadow: none;
  min-height: 20px; }
menu menuitem:hover, .menu menuitem:hover { background-image: none; background-color: @w_soft; color: @w_ink; }
menu menuitem:disabled, .menu menuitem:disabled { color: @w_ink_3; }
menu menuitem accelerator { color: @w_ink_3; }
menu separator { background-color: @w_line; min-height: 1px; margin: 4px 0; }
menu menuitem check, menu menuitem radio { color: @w_accent; }

tooltip, tooltip.background { background-image: none; background-color: @w_tip; color: @w_on_tip;
  border: none; border-radius: 6px; box-shadow: none; padding: 6px 10px; }
tooltip *, tooltip label { color: @w_on_tip; background-color: transparent; text-shadow: none; }
tooltip decoration { background-color: transparent; }

scrolledwindow, viewport { background-color: transparent; border: none; }
scrollbar { background-color: transparent; border: none; }
scrollbar trough { background-color: transparent; border: none; }
scrollbar slider { background-color: mix(@w_edge, @w_bg, 0.35); border-radius: 6px; min-width: 6px;
  min-height: 24px; border: 3px solid transparent; background-clip: padding-box; }
scrollbar slider:hover { background-color: @w_edge; }
scrollbar button { min-width: 0; min-height: 0; border: none; padding: 0; }
scrolledwindow junction { background-color: transparent; border: none; }

treeview.view { background-color: @w_surface; color: @w_ink; border-color: @w_line;
  -GtkTreeView-horizontal-separator: 20; }
treeview.view:hover { background-color: @w_surface_2; }
treeview.view:selected, treeview.view:selected:focus { background-image: none; background-color: @w_soft;
  color: @w_ink; }
treeview.view header button { background-image: none; background-color: @w_surface_2; color: @w_ink_2;
  border: none; border-bottom: 1px solid @w_line; border-radius: 0; box-shadow: none; text-shadow: none;
  font-weight: bold; padding: 6px 10px; min-height: 20px; }
treeview.view header button:hover { color: @w_ink; background-color: @w_soft; }
treeview.view.separator { min-height: 1px; color: @w_line; }

checkbutton, radiobutton { color: @w_ink; }
button.text-button, button.image-button { background-image: none; background-color: @w_surface; color: @w_ink;
  border: 1px solid @w_edge; border-radius: 6px; box-shadow: none; text-shadow: none; }
button.text-button:hover { background-color: @w_soft; }
calendar { background-color: @w_surface; color: @w_ink; border: none; }
calendar:selected { background-color: @w_accent; color: @w_on_accent; border-radius: 4px; }
calendar.header { background-color: @w_surface_2; color: @w_ink; }
spinbutton { background-color: @w_surface; color: @w_ink; border: 1px solid @w_edge; border-radius: 6px; }
)css";

}  // namespace

void native_looks() {
    static const Gtk gtk;
    if (!gtk.all() || gtk.screen() == nullptr) {
        return;
    }
    static void* const provider = gtk.provider_new();
    static bool added = false;
    if (!added) {
        gtk.add(gtk.screen(), provider, application_priority);
        added = true;
    }
    const auto font_name =
        fmt::format("{} {:.2f}", font(Text::body).GetFaceName().utf8_string(), 10.0 * text_scale());
    const int dark = mode() == Mode::dark ? 1 : 0;
    // One theme for everybody: what the desktop has chosen knows nothing of our colours.
    gtk.set(gtk.settings(), "gtk-theme-name", "Adwaita", "gtk-application-prefer-dark-theme", dark,
            "gtk-font-name", font_name.c_str(), "gtk-enable-animations", 0, "gtk-menu-images", 1,
            static_cast<void*>(nullptr));
    const auto css = names() + sheet;
    gtk.load(provider, css.c_str(), static_cast<long>(css.size()), nullptr);
}

}  // namespace wutong::client::theme
