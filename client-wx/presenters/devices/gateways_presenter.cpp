#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

GatewaysPresenter::GatewaysPresenter(Context& context) : ListPresenter{context, kEvery} {}

void GatewaysPresenter::fetch() {
    v1::ListGatewaysRequest request;
    request.set_property_id(context_.session.property_id());
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(method::list_gateways, request, [this, fresh](const v1::ListGatewaysResponse& answer, bool) {
        for (const auto& one : answer.gateways()) {
            fresh->push_back({one.gateway_id(), one.code(), one.name(), one.kind(), one.endpoint(),
                              optional_time(one.has_answered_at(), one.answered_at()),
                              optional_time(one.has_lost_since(), one.lost_since())});
        }
        const auto rows = fresh->size();
        if (answer.next_page_token().empty()) {
            items_ = std::move(*fresh);
        }
        return rows;
    });
}

void GatewaysPresenter::forget() {
    items_.clear();
}

void GatewaysPresenter::write(ListScreen& screen) {
    screen.columns = {
        {tr("Code"), 12},    {tr("Name"), 20, false, true},         {tr("Kind"), 16},
        {tr("Address"), 26}, {tr("State"), 24, false, false, true}, {tr("Last answer"), 18, true}};
    const auto now = context_.live.server_now();
    screen.total = items_.size();
    for (const auto& item : items_) {
        ListRow row{item.id, {}};
        const auto since = [now](auto at) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(now - at);
        };
        const Cell state = item.lost_since    ? Cell{tr("Lost since") + " " + age(since(*item.lost_since)),
                                                  Tone::danger, "router-off"}
                           : item.answered_at ? Cell{tr("Answers"), Tone::ok, "circle-check"}
                                              : Cell{tr("Never answered"), Tone::quiet, "question-mark"};
        row.cells = {{item.code, Tone::strong},
                     {item.name},
                     is_plain_link(item.kind) ? Cell{transport_words(item.kind), Tone::danger, "lock-open"}
                                              : Cell{transport_words(item.kind)},
                     {item.endpoint, Tone::quiet},
                     state,
                     {item.answered_at ? age(since(*item.answered_at)) : kDash,
                      Tone::normal,
                      {},
                      item.answered_at ? std::optional{since(*item.answered_at).count()} : std::nullopt}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No gateways yet. Add one, or import the site from a file.");
}

std::unique_ptr<Form> GatewaysPresenter::new_form() {
    return gateway_form(context_);
}

}  // namespace wutong::client
