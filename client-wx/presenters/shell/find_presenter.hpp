#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// Ctrl+K: units, shops, meters and accounts by any part of their names, and the pages.
struct FindScreen {
    struct Hit {
        std::string title;   ///< "C-312"
        std::string detail;  ///< "Noodle House  ·  account 100731  ·  meter 0002 4187 5520"
        std::string note;    ///< balance, at the right
        bool has_status{false};
        MeterStatus status{MeterStatus::normal};
        std::string icon;  ///< of a page
        Place place;
        bool can_be_sold_to{false};
    };
    std::vector<Hit> hits;
    int chosen{-1};
    bool searching{false};  ///< the server is still being asked
    std::string footer;     ///< "4 matches · ↑ ↓ choose · Enter opens · F2 sells"
};

class FindPresenter {
public:
    static constexpr std::size_t hits_max = 12;
    static constexpr std::chrono::milliseconds ask_after{250};

    struct NamedPage {
        std::string title;
        std::string icon;
        Place place;
    };
    /// @param pages what can be opened by name
    FindPresenter(Context& context, std::vector<NamedPage> pages, std::function<void()> on_changed);
    FindPresenter(const FindPresenter&) = delete;
    FindPresenter& operator=(const FindPresenter&) = delete;

    void type(const std::string& text);
    void move(int by);
    /// Opens the chosen one. @return false: there is none
    bool open_chosen();
    bool sell_to_chosen();
    bool open_at(std::size_t index);
    [[nodiscard]] const FindScreen& screen() const { return screen_; }

private:
    void look_in_memory();
    void ask_server();
    void finish();

    Context& context_;
    std::vector<NamedPage> pages_;
    std::function<void()> changed_;
    std::string text_;
    FindScreen screen_;
    Timer pause_;
    Call asking_;
};

/// Lower case, without blanks, dashes and dots: "a229" finds "A-229".
[[nodiscard]] std::string folded(const std::string& text);

}  // namespace wutong::client
