#include "client-wx/views/page.hpp"

namespace wutong::client {

wxDEFINE_EVENT(EVT_PAGE_CHANGED, wxCommandEvent);

void PageView::changed() {
    wxCommandEvent event{EVT_PAGE_CHANGED};
    event.SetEventObject(this);
    ProcessWindowEvent(event);  // a command event: it rises to the frame
}

}  // namespace wutong::client
