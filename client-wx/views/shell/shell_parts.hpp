#pragma once

#include <map>
#include <memory>
#include <vector>

#include "client-wx/views/shell/main_frame.hpp"

namespace wutong::client {

/// The windows around the pages, and the pages that were opened so far. Private to the frame's two files.
struct MainFrame::Shell {
    Panel* panel{nullptr};
    Rail* rail{nullptr};
    HeaderBar* header{nullptr};
    Banner* banner{nullptr};
    Panel* book{nullptr};
    StatusLine* status{nullptr};
    Toast* toast{nullptr};
    FindPopup* find{nullptr};
    std::unique_ptr<ShellPresenter> presenter;
    std::vector<Page> rail_pages;
    std::map<Page, PageView*> views;
};

}  // namespace wutong::client
