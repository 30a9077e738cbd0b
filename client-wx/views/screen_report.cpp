#include "client-wx/views/screen_report.hpp"

#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/dataview.h>
#include <wx/stopwatch.h>
#include <wx/textctrl.h>
#include <wx/timer.h>
#include <wx/toplevel.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <typeinfo>
#include <utility>

#ifdef __GNUC__
#include <cxxabi.h>

#include <cstdlib>
#endif

#include "client-wx/theme/drawn_texts.hpp"

namespace wutong::client {
namespace {

using nlohmann::json;

constexpr int kEveryMs = 80;
constexpr std::size_t kWindowsMax = 5000;

std::string type_of(const wxWindow& window) {
    const char* name = typeid(window).name();
#ifdef __GNUC__
    int status = 0;
    char* readable = abi::__cxa_demangle(name, nullptr, nullptr, &status);
    std::string type = status == 0 ? readable : name;
    std::free(readable);
#else
    std::string type = name;
#endif
    const auto last = type.rfind("::");
    return last == std::string::npos ? type : type.substr(last + 2);
}

json place_of(const wxRect& rect) {
    return json::array({rect.x, rect.y, rect.width, rect.height});
}

void add_value(const wxWindow& window, json& into) {
    if (const auto* text = dynamic_cast<const wxTextCtrl*>(&window)) {
        if ((window.GetWindowStyle() & wxTE_PASSWORD) == 0) {
            into["value"] = text->GetValue().utf8_string();
        }
        into["hint"] = text->GetHint().utf8_string();
    } else if (const auto* choice = dynamic_cast<const wxChoice*>(&window)) {
        into["value"] = choice->GetStringSelection().utf8_string();
    } else if (const auto* box = dynamic_cast<const wxCheckBox*>(&window)) {
        into["value"] = box->GetValue();
    } else if (const auto* table = dynamic_cast<const wxDataViewCtrl*>(&window)) {
        if (const auto* rows = dynamic_cast<const wxDataViewVirtualListModel*>(table->GetModel())) {
            into["rows"] = rows->GetCount();
        }
        into["selected"] = table->GetSelectedItemsCount();
    }
}

void add_texts(const wxWindow& window, json& into) {
    const auto origin = window.ClientToScreen(wxPoint{0, 0});
    json texts = json::array();
    for (const auto& text : drawn_texts(window)) {
        auto place = text.place;
        place.Offset(origin);
        texts.push_back({{"words", text.words.utf8_string()}, {"rect", place_of(place)}, {"cut", text.cut}});
    }
    if (!texts.empty()) {
        into["texts"] = std::move(texts);
    }
}

void add_window(wxWindow& window, int depth, json& into) {
    if (!window.IsShown() || into.size() >= kWindowsMax) {
        return;
    }
    json one{{"type", type_of(window)},
             {"depth", depth},
             {"rect", place_of(window.GetScreenRect())},
             {"enabled", window.IsEnabled()}};
    if (const auto label = window.GetLabel(); !label.empty()) {
        one["label"] = label.utf8_string();
    }
    if (const auto tip = window.GetToolTipText(); !tip.empty()) {
        one["tip"] = tip.utf8_string();
    }
    if (wxWindow::FindFocus() == &window) {
        one["focus"] = true;
    }
    const auto best = window.GetBestSize();
    const auto size = window.GetSize();
    if (window.GetChildren().empty() && (best.x > size.x || best.y > size.y)) {
        one["wants"] = json::array({best.x, best.y});
    }
    add_value(window, one);
    add_texts(window, one);
    into.push_back(std::move(one));
    for (auto* child : window.GetChildren()) {
        if (!child->IsTopLevel()) {
            add_window(*child, depth + 1, into);
        }
    }
}

}  // namespace

class ScreenReport::Writer final : public wxTimer {
public:
    explicit Writer(std::filesystem::path file) : file_{std::move(file)} { StartOnce(kEveryMs); }

    void Notify() override {
        const wxStopWatch watch;
        report();
        // A fifth of the time at most: reporting must not keep what it reports from being painted.
        StartOnce(kEveryMs + 4 * static_cast<int>(watch.Time()));
    }

private:
    void report() {
        json frames = json::array();
        for (auto* window : wxTopLevelWindows) {
            if (!window->IsShown()) {
                continue;
            }
            json windows = json::array();
            add_window(*window, 0, windows);
            const auto* frame = dynamic_cast<const wxTopLevelWindow*>(window);
            frames.push_back(
                {{"title", frame != nullptr ? frame->GetTitle().utf8_string() : ""},
                 {"active", frame != nullptr && const_cast<wxTopLevelWindow*>(frame)->IsActive()},
                 {"windows", std::move(windows)}});
        }
        auto text = json{{"frames", std::move(frames)}}.dump(-1, ' ', false, json::error_handler_t::replace);
        if (text == last_) {
            return;
        }
        const auto draft = std::filesystem::path{file_.string() + ".new"};
        std::ofstream{draft, std::ios::binary | std::ios::trunc} << text;
        std::error_code error;
        std::filesystem::rename(draft, file_, error);
        if (!error) {
            last_ = std::move(text);
        }
    }

    std::filesystem::path file_;
    std::string last_;
};

ScreenReport::ScreenReport(std::filesystem::path file) {
    record_drawn_texts(true);
    writer_ = std::make_unique<Writer>(std::move(file));
}

ScreenReport::~ScreenReport() {
    record_drawn_texts(false);
}

}  // namespace wutong::client
