#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

namespace {

/// The wall promises values that are at most so old; a bus that needs longer is said so.
constexpr int kRoundMax_ms = 180'000;
constexpr std::size_t kMetersMax = 100'000;

}  // namespace

struct ChannelsPresenter::Items {
    std::vector<v1::Channel> channels;
    std::vector<std::pair<std::int64_t, std::int64_t>> meters;  ///< channel, meter
};

ChannelsPresenter::ChannelsPresenter(Context& context)
    : ListPresenter{context, kEvery}, items_{std::make_unique<Items>()} {}

ChannelsPresenter::~ChannelsPresenter() = default;

void ChannelsPresenter::opened() {
    items_->meters.clear();
    load_meters({});
}

void ChannelsPresenter::load_meters(const std::string& page_token) {
    v1::ListMetersRequest request;
    request.set_property_id(context_.session.property_id());
    request.mutable_page()->set_size(1000);
    request.mutable_page()->set_token(page_token);
    meters_call_ = context_.server.call(
        method::list_meters, request,
        std::function<void(Result<v1::ListMetersResponse>)>{[this](Result<v1::ListMetersResponse> result) {
            if (!result) {
                return;  // the column stays empty; the list itself says what is wrong
            }
            for (const auto& meter : result->meters()) {
                if (meter.enabled()) {
                    items_->meters.emplace_back(meter.channel_id(), meter.meter_id());
                }
            }
            if (const auto next = result->next_page_token();
                !next.empty() && items_->meters.size() < kMetersMax) {
                load_meters(next);
            } else {
                redraw();
            }
        }});
}

void ChannelsPresenter::fetch() {
    v1::ListChannelsRequest request;
    request.set_property_id(context_.session.property_id());
    auto fresh = std::make_shared<std::vector<v1::Channel>>();
    fetch_pages(method::list_channels, request, [this, fresh](const v1::ListChannelsResponse& answer, bool) {
        fresh->insert(fresh->end(), answer.channels().begin(), answer.channels().end());
        const auto rows = fresh->size();
        if (answer.next_page_token().empty()) {
            items_->channels = std::move(*fresh);
        }
        return rows;
    });
}

void ChannelsPresenter::forget() {
    *items_ = {};
    if (is_open()) {
        load_meters({});
    }
}

void ChannelsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Code"), 12},        {tr("State"), 24, false, false, true},
                      {tr("Meters"), 8, true}, {tr("Answering"), 11, true},
                      {tr("Round"), 10, true}, {tr("Last answer"), 14, true},
                      {tr("Link"), 14},        {tr("Address"), 26, false, true},
                      {tr("Settings"), 18},    {tr("Collector"), 16}};
    const auto now = context_.live.server_now();
    screen.total = items_->channels.size();
    std::unordered_map<std::int64_t, std::pair<int, int>> answering;  // by channel: known, answered last time
    for (const auto& [channel, meter] : items_->meters) {
        if (const auto* live = context_.live.find(meter); live != nullptr) {
            ++answering[channel].first;
            answering[channel].second += live->answered_at && live->failures == 0 ? 1 : 0;
        }
    }
    for (const auto& item : items_->channels) {
        ListRow row{item.channel_id(), {}};
        const auto since = [now](const google::protobuf::Timestamp& at) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(now - to_time_point(at));
        };
        const Cell state =
            !item.enabled()            ? Cell{tr("Disabled"), Tone::quiet, "player-pause"}
            : item.has_lost_since()    ? Cell{tr("Lost since") + " " + age(since(item.lost_since())),
                                           Tone::danger, "plug-connected-x"}
            : item.has_standby_since() ? Cell{tr("On the second path"), Tone::warn, "alert-triangle"}
            : item.has_answered_at()   ? Cell{tr("Answers"), Tone::ok, "circle-check"}
                                       : Cell{tr("Never answered"), Tone::quiet, "question-mark"};
        Cell success{kDash, Tone::quiet};
        if (const auto known = answering.find(item.channel_id()); known != answering.end()) {
            const auto [all, good] = known->second;
            const auto share = static_cast<std::int64_t>(good) * 1000 / all;
            success = {permille_as_percent(share), good < all ? Tone::warn : Tone::normal, {}, share};
        }
        const bool slow = item.round_ms() > kRoundMax_ms;
        row.cells = {
            {item.code(), Tone::strong},
            state,
            {count(item.meter_count()), Tone::normal, {}, item.meter_count()},
            success,
            {item.round_ms() == 0 ? kDash : duration(std::chrono::milliseconds{item.round_ms()}),
             slow ? Tone::warn : Tone::normal,
             {},
             item.round_ms()},
            {item.has_answered_at() ? age(since(item.answered_at())) : kDash,
             Tone::normal,
             {},
             item.has_answered_at() ? std::optional{since(item.answered_at()).count()} : std::nullopt},
            is_plain_link(item.transport())
                ? Cell{transport_words(item.transport()), Tone::danger, "lock-open"}
                : Cell{transport_words(item.transport())},
            {item.endpoint(), Tone::quiet},
            {item.transport() == "serial"
                 ? fmt::format("{} {}{}{}", item.baud(), 8, item.parity(), item.stop_bits())
                 : kDash,
             Tone::quiet},
            {item.collector().empty() ? tr("none") : item.collector(),
             item.collector().empty() ? Tone::warn : Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty =
        tr("No channels yet. A channel is one bus or link with its meters. Add one, or import the site "
           "from a file.");
}

std::unique_ptr<Form> ChannelsPresenter::new_form() {
    return channel_form(context_, nullptr);
}

std::unique_ptr<Form> ChannelsPresenter::edit_form(std::int64_t channel) {
    for (const auto& item : items_->channels) {
        if (item.channel_id() == channel) {
            return channel_form(context_, &item);
        }
    }
    return nullptr;
}

}  // namespace wutong::client
