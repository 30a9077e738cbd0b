#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// What stands around every page.
struct ShellScreen {
    enum class Live { live, waiting, offline };
    Live live{Live::waiting};
    std::string live_words;
    bool banner{false};
    bool banner_is_stop{false};  ///< certificate changed: red, and nothing is tried by itself
    std::string banner_words;
    std::string banner_action;  ///< empty: none
    int alarms{0};
    int commands{0};
    std::string operator_name;
    std::string operator_initials;
    std::string property_name;
    std::string shift;         ///< "EAST · since 08:00"; empty: this operator works no shifts
    std::string shift_detail;  ///< "¥6,480.00 · 38 receipts"
    std::string window_title;
};

class ShellPresenter {
public:
    ShellPresenter(Context& context, std::function<void()> on_changed);
    ShellPresenter(const ShellPresenter&) = delete;
    ShellPresenter& operator=(const ShellPresenter&) = delete;

    [[nodiscard]] const ShellScreen& screen() const { return screen_; }
    void try_now() { context_.connection.try_now(); }
    void refresh();
    /// What stands at the left of the status line when the page says nothing itself.
    [[nodiscard]] std::string status() const;

private:
    Context& context_;
    std::function<void()> changed_;
    ShellScreen screen_;
    Subscription connection_changes_;
    Subscription live_changes_;
    Subscription session_changes_;
    Subscription shift_changes_;
};

/// Two letters or digits that stand for a name: "cashier02" 02, "Wang Fang" WF, "王芳" 芳.
[[nodiscard]] std::string initials(const std::string& name);

/// Where one was, for Alt+←. Pages of the rail start anew.
class History {
public:
    static constexpr std::size_t kept_max = 50;
    /// @param before where one comes from
    void visit(const Place& before, const Place& now);
    /// @return where to go back to
    [[nodiscard]] std::optional<Place> back();
    [[nodiscard]] const Place* previous() const { return places_.empty() ? nullptr : &places_.back(); }
    void clear() { places_.clear(); }

private:
    std::vector<Place> places_;
};

}  // namespace wutong::client
