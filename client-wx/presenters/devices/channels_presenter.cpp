#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"
#include "wutong/v1/upkeep_service.pb.h"

namespace wutong::client {

namespace {

/// The wall promises values that are at most so old; a bus that needs longer is said so.
constexpr std::int64_t kRoundMax_ms = 180'000;
constexpr std::size_t kMetersMax = 100'000;

}  // namespace

struct ChannelsPresenter::Items {
    std::vector<v1::Channel> channels;
    std::vector<std::pair<std::int64_t, std::int64_t>> meters;  ///< channel, meter
    std::unordered_map<std::int64_t, v1::ChannelLoad> loads;
};

namespace {

Cell meters_cell(const v1::Channel& channel, const v1::ChannelLoad* load) {
    const auto number = channel.meter_count();
    // How many there may be for values that are fresh is known where all are of one kind.
    return load != nullptr && load->meters_max() > 0
               ? Cell{count(number) + " / " + count(load->meters_max()),
                      number > load->meters_max() ? Tone::warn : Tone::normal,
                      {},
                      number}
               : Cell{count(number), Tone::normal, {}, number};
}

Cell round_cell(std::optional<std::int64_t> ms) {
    return ms ? Cell{duration(std::chrono::milliseconds{*ms}),
                     *ms > kRoundMax_ms ? Tone::warn : Tone::normal,
                     {},
                     *ms}
              : Cell{kDash, Tone::quiet};
}

Cell oldest_cell(const v1::ChannelLoad* load) {
    if (load == nullptr || !load->has_oldest_s()) {
        return {kDash, Tone::quiet};
    }
    const std::chrono::milliseconds old = std::chrono::seconds{load->oldest_s()};
    return {age(old), old.count() > kRoundMax_ms ? Tone::warn : Tone::normal, {}, old.count()};
}

Cell protection_cell(const v1::Channel& channel) {
    const auto protection = protection_of(channel.transport(), channel.endpoint());
    switch (protection.kind) {
        case Protection::Kind::plain:
            return {protection.words, is_plain_link(channel.transport()) ? Tone::danger : Tone::warn,
                    "lock-open"};
        case Protection::Kind::encrypted:
            return {protection.words, Tone::ok, "lock"};
        case Protection::Kind::cable:
            break;
    }
    return {protection.words, Tone::quiet};
}

}  // namespace

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
    v1::ListChannelLoadsRequest loads;
    loads.set_property_id(context_.session.property_id());
    loads_call_ = context_.server.call(
        method::list_channel_loads, loads,
        std::function<void(Result<v1::ListChannelLoadsResponse>)>{
            [this](Result<v1::ListChannelLoadsResponse> result) {
                if (!result) {
                    return;  // these columns stay as they are; the list itself says what is wrong
                }
                items_->loads.clear();
                for (const auto& load : result->channels()) {
                    items_->loads[load.channel_id()] = load;
                }
                redraw();
            }});
}

void ChannelsPresenter::forget() {
    *items_ = {};
    if (is_open()) {
        load_meters({});
    }
}

void ChannelsPresenter::write(ListScreen& screen) {
    // What is looked for comes first: in a small window the last ones have to be scrolled to.
    screen.columns = {{tr("Code"), 8},
                      {tr("State"), 19, false, false, true},
                      {tr("Meters / room"), 10, true},
                      {tr("Answering"), 8, true},
                      {tr("Round, computed"), 12, true},
                      {tr("Round, measured"), 12, true},
                      {tr("Oldest value"), 10, true},
                      {tr("Protection"), 17, false, false, true},
                      {tr("Collector"), 14},
                      {tr("Link"), 22},
                      {tr("Address"), 26, false, true}};
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
        const auto found = items_->loads.find(item.channel_id());
        const auto* load = found == items_->loads.end() ? nullptr : &found->second;
        row.cells = {
            {item.code(), Tone::strong},
            state,
            meters_cell(item, load),
            success,
            round_cell(load != nullptr && load->has_computed_round_ms()
                           ? std::optional{load->computed_round_ms()}
                           : std::nullopt),
            round_cell(item.round_ms() > 0 ? std::optional<std::int64_t>{item.round_ms()} : std::nullopt),
            oldest_cell(load),
            protection_cell(item),
            {item.collector().empty() ? tr("none") : item.collector(),
             item.collector().empty() ? Tone::warn : Tone::quiet},
            {item.transport() == "serial" ? fmt::format("{} {} {}{}{}", transport_words(item.transport()),
                                                        item.baud(), 8, item.parity(), item.stop_bits())
                                          : transport_words(item.transport())},
            {item.endpoint(), Tone::quiet}};
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
