#include <algorithm>
#include <set>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::minutes kOldAfter{3};

std::string folded(const std::string& text) {
    std::string small = text;
    for (auto& c : small) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return small;
}

}  // namespace

MetersPresenter::MetersPresenter(Context& context) : ItemList{context, kEvery, kRowsMax} {}

MetersPresenter::~MetersPresenter() = default;

void MetersPresenter::opened() {
    // States move all the time: the rows follow the live stream, but no faster than anybody can read.
    redraw_ = context_.timers.every(kRedrawEvery, [this] {
        if (drawn_revision_ != context_.live.revision()) {
            redraw();
        }
    });
}

void MetersPresenter::closed() {
    redraw_.stop();
}

void MetersPresenter::fetch() {
    fetch_items(method::list_meters, of_property<v1::ListMetersRequest>(), &v1::ListMetersResponse::meters);
}

void MetersPresenter::forget() {
    ItemList::forget();
    extra_.channel.clear();
}

void MetersPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 10},          {tr("State"), 15, false, false, true},
                      {tr("Meter"), 10},         {tr("Customer"), 16, false, true},
                      {tr("Balance"), 12, true}, {tr("Last answer"), 14, true},
                      {tr("Channel"), 8},        {tr("Bus address"), 7, true},
                      {tr("Model"), 16},         {tr("Serial number"), 16},
                      {tr("Role"), 10}};
    drawn_revision_ = context_.live.revision();
    std::set<std::string> channels;
    const auto wanted = folded(extra_.text);
    screen.total = items_.size();
    screen.filtered = !wanted.empty() || !extra_.channel.empty() || !extra_.role.empty();
    for (const auto& item : items_) {
        channels.insert(item.channel_code());
        const bool fits = (extra_.channel.empty() || item.channel_code() == extra_.channel) &&
                          (extra_.role.empty() || item.role() == extra_.role) &&
                          (wanted.empty() || folded(item.code()).find(wanted) != std::string::npos ||
                           folded(item.unit_code()).find(wanted) != std::string::npos ||
                           folded(item.serial_number()).find(wanted) != std::string::npos ||
                           folded(item.customer()).find(wanted) != std::string::npos ||
                           folded(item.account_number()).find(wanted) != std::string::npos);
        if (!fits) {
            continue;
        }
        const auto* live = context_.live.find(item.meter_id());
        ListRow row{item.meter_id(), {}};
        Cell state{item.enabled() ? std::string{kDash} : tr("Disabled"), Tone::quiet};
        Cell balance{kDash, Tone::quiet};
        Cell answered{kDash, Tone::quiet};
        if (live != nullptr && item.enabled()) {
            state = {state_name(live->status),
                     Tone::normal,
                     {},
                     static_cast<std::int64_t>(live->status),
                     live->status};
            if (live->balance_e4) {
                balance = {money(*live->balance_e4),
                           *live->balance_e4 < 0 ? Tone::danger : Tone::normal,
                           {},
                           *live->balance_e4};
            }
            if (const auto old = context_.live.age_of(*live)) {
                answered = {age(*old), *old > kOldAfter ? Tone::warn : Tone::normal, {}, old->count()};
            }
        }
        row.cells = {
            {item.unit_code().empty() ? kDash : item.unit_code(), Tone::strong},
            state,
            {item.code()},
            {item.customer().empty() ? kDash : item.customer()},
            balance,
            answered,
            {item.channel_code()},
            {item.station_address().empty() ? std::to_string(item.bus_address()) : item.station_address(),
             Tone::normal,
             {},
             item.bus_address()},
            {item.profile(), Tone::quiet},
            {item.serial_number(), Tone::quiet},
            {role_of_meter_words(item.role()), Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    extra_.channels = {{"", tr("All channels")}};
    for (const auto& code : channels) {
        extra_.channels.push_back({code, code});
    }
    screen.empty = screen.filtered && screen.total > 0
                       ? fill(tr("None of {} meters match."), count(static_cast<std::int64_t>(screen.total)))
                       : tr("No meters yet. Import them from a file, or add one by one.");
}

void MetersPresenter::search(const std::string& text) {
    if (extra_.text != text) {
        extra_.text = text;
        redraw();
    }
}

void MetersPresenter::choose_channel(const std::string& code) {
    if (extra_.channel != code) {
        extra_.channel = code;
        redraw();
    }
}

void MetersPresenter::choose_role(const std::string& role) {
    if (extra_.role != role) {
        extra_.role = role;
        redraw();
    }
}

void MetersPresenter::clear_filter() {
    extra_.text.clear();
    extra_.channel.clear();
    extra_.role.clear();
    redraw();
}

std::unique_ptr<Form> MetersPresenter::new_form() {
    return meter_form(context_, nullptr);
}

std::unique_ptr<Form> MetersPresenter::edit_form(std::int64_t meter) {
    for (const auto& item : items_) {
        if (item.meter_id() == meter) {
            return meter_form(context_, &item);
        }
    }
    return nullptr;
}

}  // namespace wutong::client
