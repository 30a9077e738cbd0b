#include "server/live/live_hub.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "server/live/live_shapes.hpp"
#include "server/live/live_stream.hpp"
#include "server/refused.hpp"
#include "server/services/parameter_table.hpp"

namespace wutong::server {

namespace {

/// How long the hub without streams sleeps; a new stream wakes it.
constexpr std::chrono::minutes kIdle{10};

/// The table of parameters has a default for every key.
core::Price default_price(std::string_view key) {
    for (const auto& rule : parameter_rules()) {
        if (rule.key == key) {
            return core::Price{std::stoll(rule.otherwise)};
        }
    }
    throw std::logic_error("the table of parameters has no " + std::string{key});
}

std::map<storage::MeterKey, std::pair<core::Money, int>> by_meter(const storage::MeterChanges& changes) {
    std::map<storage::MeterKey, std::pair<core::Money, int>> all;
    for (const auto& [key, amount, count] : changes.delivering) {
        all.emplace(key, std::pair{amount, count});
    }
    return all;
}

}  // namespace

LiveHub::LiveHub(storage::Database& database, Sessions& sessions, core::Clock clock, Worker::OnError on_error)
    : database_{database},
      sessions_{sessions},
      clock_{std::move(clock)},
      price_else_{default_price("price_e4"), default_price("water_price_e4")},
      worker_{"live", [this] { return step(); }, std::move(on_error), std::chrono::seconds{2}} {}

LiveHub::~LiveHub() {
    stop();
}

void LiveHub::stop() {
    worker_.stop();
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
    }
    end_all("stopping", "the server is stopping; watch again when it is back");
}

void LiveHub::refresh() {
    compare_now_ = true;
    worker_.wake();
}

bool LiveHub::add(std::shared_ptr<LiveStream> stream) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ || streams_.size() + new_streams_.size() >= kStreamsMax) {
            return false;
        }
        new_streams_.push_back(std::move(stream));
    }
    worker_.wake();
    return true;
}

LiveHub::Shown LiveHub::meter(core::PropertyId property, std::int64_t id) const {
    const std::lock_guard lock{mutex_};
    const auto wall = walls_.find(property);
    if (wall == walls_.end()) {
        return {};
    }
    const auto found = wall->second.find(id);
    return found == wall->second.end() ? Shown{} : Shown{found->second.shown, found->second.introduction};
}

std::shared_ptr<const v1::LiveSummary> LiveHub::summary(core::PropertyId property) const {
    const std::lock_guard lock{mutex_};
    const auto found = summaries_.find(property);
    return found == summaries_.end() ? nullptr : found->second;
}

std::set<core::PropertyId> LiveHub::watched() const {
    const std::lock_guard lock{mutex_};
    std::set<core::PropertyId> properties;
    for (const auto* list : {&streams_, &new_streams_}) {
        for (const auto& stream : *list) {
            properties.insert(stream->property());
        }
    }
    return properties;
}

std::size_t LiveHub::watchers() const {
    const std::lock_guard lock{mutex_};
    return streams_.size() + new_streams_.size();
}

std::vector<std::shared_ptr<LiveStream>> LiveHub::streams() const {
    const std::lock_guard lock{mutex_};
    return streams_;
}

void LiveHub::end_all(const char* reason, const std::string& text) {
    std::vector<std::shared_ptr<LiveStream>> ended;
    {
        const std::lock_guard lock{mutex_};
        ended.swap(streams_);
        ended.insert(ended.end(), new_streams_.begin(), new_streams_.end());
        new_streams_.clear();
    }
    const auto status = Refused{grpc::StatusCode::UNAVAILABLE, reason, text}.status();
    for (const auto& stream : ended) {
        stream->finish(status);
    }
}

std::chrono::milliseconds LiveHub::step() {
    const auto now = Clock::now();
    bool idle = false;
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(streams_, [](const auto& stream) { return stream->over(); });
        std::erase_if(new_streams_, [](const auto& stream) { return stream->over(); });
        idle = streams_.empty() && new_streams_.empty();
        if (idle) {
            walls_.clear();
            summaries_.clear();
        }
    }
    if (idle) {
        compared_at_.reset();
        counted_at_.reset();
        use_.clear();
        good_at_ = {};
        return kIdle;
    }
    if (good_at_ == Clock::time_point{}) {
        good_at_ = now;
    }
    try {
        const bool use_is_new = refresh_use();
        if (compare_now_.exchange(false) || use_is_new || !compared_at_ ||
            now - *compared_at_ >= kCompareAll) {
            compared_at_.reset();  // until it has succeeded
            compare_all();
            compared_at_ = now;
        } else {
            look_for_changes();
        }
        if (!counted_at_ || now - *counted_at_ >= kCount) {
            refresh_summaries();
            counted_at_ = now;
        }
        if (now - sessions_checked_at_ >= kCheckSessions) {
            check_sessions();
            sessions_checked_at_ = now;
        }
        good_at_ = Clock::now();
    } catch (const std::exception&) {
        if (Clock::now() - good_at_ >= kAwayMax) {
            end_all("database_unavailable", "the database can't be reached; watch again in a moment");
        }
        throw;
    }
    begin_new_streams();
    for (const auto& stream : streams()) {
        stream->heartbeat(kHeartbeat);
    }
    return kInterval;
}

void LiveHub::compare_all() {
    storage::MeterChanges changes;
    const auto rows = database_.transact(storage::Scope::all(), "wall", [&](storage::Transaction& tx) {
        // The horizon first: what commits between the two statements is then seen by both, not by neither.
        changes = storage::meter_changes(tx, INT64_MAX);
        return storage::wall_meters(tx);
    });
    queries_.fetch_add(1);
    horizon_ = changes.horizon;
    delivering_ = by_meter(changes);
    const auto changed = take(rows);
    std::set<storage::MeterKey> there;
    for (const auto& row : rows) {
        there.emplace(row.property, row.meter);
    }
    std::vector<storage::MeterKey> gone;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [property, wall] : walls_) {
            for (const auto& [id, known] : wall) {
                if (!there.contains({property, core::MeterId{id}})) {
                    gone.emplace_back(property, core::MeterId{id});
                }
            }
        }
    }
    tell(changed, remove(gone));
}

void LiveHub::look_for_changes() {
    std::vector<storage::MeterKey> wanted;
    storage::MeterChanges changes;
    std::map<storage::MeterKey, std::pair<core::Money, int>> delivering;
    const auto rows =
        database_.transact(storage::Scope::all(), "wall_changes", [&](storage::Transaction& tx) {
            changes = storage::meter_changes(tx, horizon_);
            wanted.clear();
            {
                const std::lock_guard lock{mutex_};
                for (const auto& [key, version] : changes.changed) {
                    const auto wall = walls_.find(key.first);
                    const auto known = wall == walls_.end() ? nullptr : [&]() -> const Known* {
                        const auto found = wall->second.find(key.second.value);
                        return found == wall->second.end() ? nullptr : &found->second;
                    }();
                    if (known == nullptr || known->version != version) {
                        wanted.push_back(key);
                    }
                }
            }
            // Credit that was queued or is finished moves the wall too, and so does the account that came
            // with it.
            delivering = by_meter(changes);
            for (const auto& [key, credit] : delivering) {
                const auto before = delivering_.find(key);
                if (before == delivering_.end() || before->second != credit) {
                    wanted.push_back(key);
                }
            }
            for (const auto& [key, credit] : delivering_) {
                if (!delivering.contains(key)) {
                    wanted.push_back(key);
                }
            }
            return wanted.empty() ? std::vector<storage::MeterRow>{} : storage::wall_meters(tx, wanted);
        });
    queries_.fetch_add(1);
    horizon_ = changes.horizon;
    delivering_ = std::move(delivering);
    if (wanted.empty()) {
        return;
    }
    const auto changed = take(rows);
    // What was asked for and did not come is disabled or removed.
    std::set<storage::MeterKey> gone{wanted.begin(), wanted.end()};
    for (const auto& row : rows) {
        gone.erase({row.property, row.meter});
    }
    tell(changed, remove({gone.begin(), gone.end()}));
}

LiveHub::Changed LiveHub::take(const std::vector<storage::MeterRow>& rows) {
    Changed changed;
    for (const auto& row : rows) {
        std::optional<core::DailyUse> use;
        if (const auto property = use_.find(row.property); property != use_.end()) {
            const auto found = property->second.per_day.find(row.meter);
            use = found == property->second.per_day.end() ? std::nullopt : std::optional{found->second};
        }
        auto shown = std::make_shared<const v1::LiveMeter>(to_live(row, use, price_else_));
        const std::lock_guard lock{mutex_};
        auto& known = walls_[row.property][row.meter.value];
        known.version = row.state.version;
        if (!known.shown || !google::protobuf::util::MessageDifferencer::Equals(*known.shown, *shown)) {
            if (!known.shown || !same_introduction(*known.shown, *shown)) {
                known.introduction = ++introductions_;
            }
            known.shown = std::move(shown);
            changed[row.property].push_back(row.meter.value);
        }
    }
    return changed;
}

LiveHub::Changed LiveHub::remove(const std::vector<storage::MeterKey>& gone) {
    Changed removed;
    const std::lock_guard lock{mutex_};
    for (const auto& [property, meter] : gone) {
        if (const auto wall = walls_.find(property);
            wall != walls_.end() && wall->second.erase(meter.value) > 0) {
            removed[property].push_back(meter.value);
        }
    }
    return removed;
}

void LiveHub::tell(const Changed& changed, const Changed& removed) {
    for (const auto& stream : streams()) {
        if (const auto ids = removed.find(stream->property()); ids != removed.end()) {
            stream->drop(ids->second);
        }
        if (const auto ids = changed.find(stream->property()); ids != changed.end()) {
            stream->owe(ids->second);
        }
    }
}

void LiveHub::begin_new_streams() {
    std::vector<std::pair<std::shared_ptr<LiveStream>, std::vector<std::int64_t>>> begin;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& stream : new_streams_) {
            std::vector<std::int64_t> ids;
            for (const auto& [id, known] : walls_[stream->property()]) {
                ids.push_back(id);
            }
            begin.emplace_back(stream, std::move(ids));
            streams_.push_back(stream);
        }
        new_streams_.clear();
    }
    for (const auto& [stream, ids] : begin) {
        stream->begin(ids);
    }
}

void LiveHub::check_sessions() {
    const auto all = streams();
    std::vector<std::shared_ptr<const Caller>> callers;
    for (const auto& stream : all) {
        callers.push_back(stream->caller());
    }
    const auto alive = sessions_.check(callers);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& caller = alive[i];
        if (!caller) {
            all[i]->finish(Refused{grpc::StatusCode::UNAUTHENTICATED, "session_ended",
                                   "this session has ended; sign in again"}
                               .status());
        } else if (std::find(caller->properties.begin(), caller->properties.end(), all[i]->property()) ==
                   caller->properties.end()) {
            all[i]->finish(Refused{grpc::StatusCode::PERMISSION_DENIED, "property_not_allowed",
                                   "this property was taken from the operator"}
                               .status());
        }
    }
}

}  // namespace wutong::server
