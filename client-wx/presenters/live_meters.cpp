#include "client-wx/presenters/live_meters.hpp"

#include <wutong/v1/live_service.pb.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/live_meter_shape.hpp"
#include "client-wx/presenters/natural_order.hpp"

namespace wutong::client {
namespace {

using std::chrono::seconds;

constexpr seconds kLongestWait{30};
bool comes_before(const LiveMeter& a, const LiveMeter& b) {
    if (a.building.empty() != b.building.empty()) {
        return b.building.empty();  // feeders and the like, after all that somebody lives in
    }
    if (const int order = natural_order(a.building, b.building); order != 0) {
        return order < 0;
    }
    if (a.floor != b.floor) {
        return a.floor < b.floor;
    }
    if (const int order = natural_order(a.code, b.code); order != 0) {
        return order < 0;
    }
    return a.meter_id < b.meter_id;
}

}  // namespace

LiveMeters::LiveMeters(Server& server, Timers& timers, Connection& connection)
    : server_{server}, timers_{timers}, connection_{connection} {
    connection_changes_ = connection_.on_change([this] { connection_changed(); });
}

void LiveMeters::watch(std::int64_t property_id) {
    stream_.cancel();
    retry_.stop();
    silence_.stop();
    property_id_ = property_id;
    meters_.clear();
    seen_in_.clear();
    index_.clear();
    counts_ = {};
    gone_.clear();
    sorted_ = true;
    summary_.reset();
    heard_at_.reset();
    in_snapshot_ = false;
    wait_ = seconds{1};
    note_all();
    telling_.stop();
    enter(property_id == 0 ? State::idle : State::loading);
    tell();
    if (property_id != 0) {
        open_stream();
    }
}

void LiveMeters::open_stream() {
    retry_.stop();
    if (property_id_ == 0) {
        return;
    }
    if (connection_.state() != Connection::State::online) {
        return;  // connection_changed() comes back
    }
    v1::WatchRequest request;
    request.set_property_id(property_id_);
    in_snapshot_ = false;
    stream_ = server_.watch(
        method::watch_live, request, [this](const v1::LiveUpdate& update) { take(update); },
        [this](const Fault* fault) { ended(fault); });
    // A stream that stands still must not look alive.
    silence_ = timers_.after(kSilenceMax, [this] { ended(nullptr); });
}

void LiveMeters::ended(const Fault* fault) {
    stream_.cancel();
    silence_.stop();
    if (state_ == State::live) {
        enter(State::interrupted);
    }
    if (fault != nullptr &&
        (fault->kind == Fault::Kind::unauthenticated || fault->kind == Fault::Kind::not_permitted)) {
        return;  // asking again would not help; whoever signs in watches anew
    }
    retry_ = timers_.after(wait_, [this] { open_stream(); });
    wait_ = std::min(wait_ * 2, kLongestWait);
}

void LiveMeters::connection_changed() {
    if (connection_.online()) {
        if (property_id_ != 0 && !silence_.running()) {
            wait_ = seconds{1};
            open_stream();
        }
        return;
    }
    if (connection_.lost() && state_ == State::live) {
        stream_.cancel();
        silence_.stop();
        enter(State::interrupted);
    }
}

void LiveMeters::take(const v1::LiveUpdate& update) {
    heard_at_ = timers_.now();
    wait_ = seconds{1};
    silence_ = timers_.after(kSilenceMax, [this] { ended(nullptr); });
    if (const auto at = moment_of(update.has_at(), update.at())) {
        clock_ahead_ = *at - timers_.now();
    }
    if (update.snapshot() && !in_snapshot_) {
        begin_snapshot();
    }
    for (const auto& meter : update.meters()) {
        take(meter);
    }
    for (const auto id : update.removed_meter_ids()) {
        if (index_.contains(id)) {
            gone_.insert(id);
        }
    }
    if (update.has_summary()) {
        const auto& from = update.summary();
        summary_ = LiveSummary{
            from.live_alarm_count(),         from.unacknowledged_alarm_count(),
            from.unfinished_command_count(), from.deliveries_under_way(),
            from.quarantined_deliveries(),   from.answered_count(),
            from.never_read_count(),         moment_of(from.has_oldest_answer_at(), from.oldest_answer_at())};
        pending_.totals = true;
    }
    if (update.snapshot_complete()) {
        complete_snapshot();
    }
    tell_soon();
}

void LiveMeters::begin_snapshot() {
    in_snapshot_ = true;
    ++snapshot_;
}

void LiveMeters::complete_snapshot() {
    in_snapshot_ = false;
    // What was not named any more has gone meanwhile.
    for (std::size_t i = 0; i < meters_.size(); ++i) {
        if (seen_in_[i] != snapshot_) {
            gone_.insert(meters_[i].meter_id);
        }
    }
    enter(State::live);
}

void LiveMeters::take(const v1::LiveMeter& from) {
    const auto found = index_.find(from.meter_id());
    gone_.erase(from.meter_id());
    std::size_t index = 0;
    if (found == index_.end()) {
        if (!introduces(from) || meters_.size() >= kMetersMax) {
            return;
        }
        index = meters_.size();
        index_.emplace(from.meter_id(), index);
        meters_.emplace_back();
        meters_.back().meter_id = from.meter_id();
        seen_in_.push_back(snapshot_);
        take_introduction(from, meters_.back());
        sorted_ = false;
        note_all();
    } else {
        index = found->second;
        --counts_[static_cast<std::size_t>(meters_[index].status)];
        seen_in_[index] = snapshot_;
        if (introduces(from)) {
            LiveMeter moved = meters_[index];
            take_introduction(from, moved);
            if (comes_before(moved, meters_[index]) || comes_before(meters_[index], moved)) {
                sorted_ = false;
                note_all();
            }
            meters_[index] = std::move(moved);
        }
    }
    const auto before = meters_[index].status;
    take_figures(from, meters_[index]);
    ++counts_[static_cast<std::size_t>(meters_[index].status)];
    pending_.totals = pending_.totals || before != meters_[index].status;
    note(index);
}

void LiveMeters::remove_gone() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < meters_.size(); ++i) {
        if (gone_.contains(meters_[i].meter_id)) {
            --counts_[static_cast<std::size_t>(meters_[i].status)];
            index_.erase(meters_[i].meter_id);
            continue;
        }
        if (kept != i) {
            meters_[kept] = std::move(meters_[i]);
            seen_in_[kept] = seen_in_[i];
        }
        index_[meters_[kept].meter_id] = kept;
        ++kept;
    }
    meters_.resize(kept);
    seen_in_.resize(kept);
    gone_.clear();
    note_all();
}

void LiveMeters::sort() {
    std::vector<std::size_t> order(meters_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [this](std::size_t a, std::size_t b) { return comes_before(meters_[a], meters_[b]); });
    std::vector<LiveMeter> meters;
    std::vector<std::uint32_t> seen;
    meters.reserve(order.size());
    seen.reserve(order.size());
    for (const auto from : order) {
        index_[meters_[from].meter_id] = meters.size();
        meters.push_back(std::move(meters_[from]));
        seen.push_back(seen_in_[from]);
    }
    meters_ = std::move(meters);
    seen_in_ = std::move(seen);
    sorted_ = true;
    note_all();
}

const LiveMeter* LiveMeters::find(std::int64_t meter_id) const {
    const auto index = index_of(meter_id);
    return index ? &meters_[*index] : nullptr;
}

std::optional<std::size_t> LiveMeters::index_of(std::int64_t meter_id) const {
    const auto found = index_.find(meter_id);
    return found == index_.end() ? std::nullopt : std::optional{found->second};
}

const LiveMeter* LiveMeters::find_by_unit(const std::string& unit_code) const {
    const auto found = std::find_if(meters_.begin(), meters_.end(), [&](const LiveMeter& meter) {
        return meter.unit_code == unit_code && meter.prepaid();
    });
    return found == meters_.end() ? nullptr : &*found;
}

std::optional<std::chrono::milliseconds> LiveMeters::age_of(const LiveMeter& meter) const {
    if (!meter.answered_at) {
        return std::nullopt;
    }
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(server_now() - *meter.answered_at);
    return std::max(age, std::chrono::milliseconds{0});
}

void LiveMeters::enter(State state) {
    if (state_ != state) {
        state_ = state;
        pending_.totals = true;
    }
    tell_soon();
}

void LiveMeters::note_all() {
    pending_.all = true;
    pending_.totals = true;
    pending_.indices.clear();
}

void LiveMeters::note(std::size_t index) {
    if (!pending_.all) {
        pending_.indices.push_back(index);
    }
}

bool LiveMeters::something_pending() const {
    return pending_.all || pending_.totals || !pending_.indices.empty() || !gone_.empty();
}

void LiveMeters::tell_soon() {
    // Half a snapshot is neither sorted nor complete.
    if (telling_.running() || in_snapshot_ || !something_pending()) {
        return;
    }
    const auto since = told_at_ ? timers_.now() - *told_at_ : kTellEvery;
    const auto wait = std::clamp<std::chrono::milliseconds>(
        std::chrono::ceil<std::chrono::milliseconds>(kTellEvery - since), std::chrono::milliseconds{0},
        kTellEvery);
    telling_ = timers_.after(wait, [this] {
        telling_.stop();
        tell();
    });
}

void LiveMeters::tell() {
    if (in_snapshot_) {
        return;  // complete_snapshot() tells
    }
    // Indices move only here, right before those who keep them are told.
    if (!gone_.empty()) {
        remove_gone();
    }
    if (!sorted_) {
        sort();
    }
    told_at_ = timers_.now();
    ++revision_;
    LiveChange change = std::exchange(pending_, {});
    std::sort(change.indices.begin(), change.indices.end());
    change.indices.erase(std::unique(change.indices.begin(), change.indices.end()), change.indices.end());
    listeners_.tell(change);
}

}  // namespace wutong::client
