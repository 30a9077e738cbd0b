#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

GatewaysPresenter::GatewaysPresenter(Context& context) : ItemList{context, kEvery} {}
GatewaysPresenter::~GatewaysPresenter() = default;

void GatewaysPresenter::fetch() {
    fetch_items(method::list_gateways, of_property<v1::ListGatewaysRequest>(),
                &v1::ListGatewaysResponse::gateways);
}

void GatewaysPresenter::write(ListScreen& screen) {
    screen.columns = {
        {tr("Code"), 12},    {tr("Name"), 20, false, true},         {tr("Kind"), 16},
        {tr("Address"), 26}, {tr("State"), 24, false, false, true}, {tr("Last answer"), 18, true}};
    const auto now = context_.live.server_now();
    screen.total = items_.size();
    const auto since = [now](const google::protobuf::Timestamp& at) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(now - to_time_point(at));
    };
    for (const auto& one : items_) {
        ListRow row{one.gateway_id(), {}};
        const Cell state = one.has_lost_since() ? Cell{tr("Lost since") + " " + age(since(one.lost_since())),
                                                       Tone::danger, "router-off"}
                           : one.has_answered_at() ? Cell{tr("Answers"), Tone::ok, "circle-check"}
                                                   : Cell{tr("Never answered"), Tone::quiet, "question-mark"};
        row.cells = {
            {one.code(), Tone::strong},
            {one.name()},
            is_plain_link(one.kind()) ? Cell{transport_words(one.kind()), Tone::danger, "lock-open"}
                                      : Cell{transport_words(one.kind())},
            {one.endpoint(), Tone::quiet},
            state,
            one.has_answered_at()
                ? Cell{age(since(one.answered_at())), Tone::normal, {}, since(one.answered_at()).count()}
                : Cell{kDash}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No gateways yet. Add one, or import the site from a file.");
}

std::unique_ptr<Form> GatewaysPresenter::new_form() {
    return gateway_form(context_);
}

}  // namespace wutong::client
