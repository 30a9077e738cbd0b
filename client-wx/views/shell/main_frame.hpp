#pragma once

#include <wx/frame.h>

#include <map>
#include <memory>
#include <optional>

#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/frame_parts.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/shell/shell_presenter.hpp"
#include "client-wx/views/page.hpp"
#include "client-wx/views/shell/find_popup.hpp"
#include "client-wx/views/shell/sign_in_view.hpp"

namespace wutong::client {

/// The operators' window: sign-in or, behind it and kept while the screen is locked, rail, header, page and
/// status line.
class MainFrame final : public wxFrame {
public:
    MainFrame(Context& context, SignInPresenter& sign_in, wxSize size);
    ~MainFrame() override;
    MainFrame(const MainFrame&) = delete;
    MainFrame& operator=(const MainFrame&) = delete;

    // What Navigator asks for.
    void open(const Place& place);
    void back();
    void toast(const wxString& words, std::function<void()> undo);
    /// The presenter has something new to show.
    void sign_in_changed();

private:
    struct Shell;
    struct RailPage {
        Page page;
        const char* icon;
        int digit;
    };
    static const std::vector<RailPage>& rail_pages();
    [[nodiscard]] static wxString name_of(Page page);
    [[nodiscard]] static Page rail_page_of(Page page);

    void build();
    void show_view(const Place& place, PageView* view);
    void build_shell();
    void drop_shell();
    void session_changed();
    void show_sign_in(bool shown);
    void show_shell_state();
    void show_page_state();
    void fold_by_width();
    PageView* page_view(Page page);
    [[nodiscard]] bool may_open(Page page) const;
    void on_key(wxKeyEvent& event);
    bool frame_key(wxKeyEvent& event);
    void open_find();
    void next_pane(int by);
    void keep_focus();
    void show_help();
    void operator_menu(wxPoint where);
    void switch_theme();

    Context& context_;
    SignInPresenter& sign_in_presenter_;
    Panel* ground_{nullptr};
    SignInView* sign_in_{nullptr};
    std::unique_ptr<Shell> shell_;
    std::optional<Place> place_;
    History history_;
    std::int64_t shown_operator_{0};
    std::int64_t shown_property_{0};
    Subscription session_changes_;
    Subscription language_changes_;
};

}  // namespace wutong::client
