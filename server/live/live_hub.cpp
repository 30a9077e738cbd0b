#include "server/live/live_hub.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <utility>

#include "server/live/live_stream.hpp"
#include "server/refused.hpp"
#include "server/services/meter_shapes.hpp"

namespace wutong::server {

namespace {

/// How long the hub without streams sleeps; a new stream wakes it.
constexpr std::chrono::minutes kIdle{10};

v1::LiveMeter to_live(const storage::MeterRow& row) {
    v1::LiveMeter meter;
    meter.set_meter_id(row.meter.value);
    meter.set_code(row.code);
    meter.set_unit_code(row.unit_code);
    meter.set_building_code(row.building_code);
    meter.set_floor_number(row.floor_number.value_or(0));
    meter.set_role(row.role);
    meter.set_account_number(row.account_number);
    meter.set_customer(row.customer);
    fill(row, *meter.mutable_state());
    return meter;
}

}  // namespace

LiveHub::LiveHub(storage::Database& database, Sessions& sessions, core::Clock clock, Worker::OnError on_error)
    : database_{database},
      sessions_{sessions},
      clock_{std::move(clock)},
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

std::shared_ptr<const v1::LiveMeter> LiveHub::meter(core::PropertyId property, std::int64_t id) const {
    const std::lock_guard lock{mutex_};
    const auto wall = walls_.find(property);
    if (wall == walls_.end()) {
        return nullptr;
    }
    const auto found = wall->second.find(id);
    return found == wall->second.end() ? nullptr : found->second.shown;
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
        }
    }
    if (idle) {
        compared_at_.reset();
        good_at_ = {};
        return kIdle;
    }
    if (good_at_ == Clock::time_point{}) {
        good_at_ = now;
    }
    try {
        if (compare_now_.exchange(false) || !compared_at_ || now - *compared_at_ >= kCompareAll) {
            compared_at_.reset();  // until it has succeeded
            compare_all();
            compared_at_ = now;
        } else {
            look_for_changes();
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
    delivering_ = {changes.delivering.begin(), changes.delivering.end()};
    const auto changed = take(rows);
    {
        std::set<storage::MeterKey> there;
        for (const auto& row : rows) {
            there.emplace(row.property, row.meter);
        }
        const std::lock_guard lock{mutex_};
        for (auto& [property, wall] : walls_) {
            std::erase_if(wall, [&, key = property](const auto& one) {
                return !there.contains({key, core::MeterId{one.first}});
            });
        }
    }
    tell(changed);
}

void LiveHub::look_for_changes() {
    std::vector<storage::MeterKey> wanted;
    storage::MeterChanges changes;
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
            const std::set<storage::MeterKey> delivering{changes.delivering.begin(),
                                                         changes.delivering.end()};
            std::set_symmetric_difference(delivering.begin(), delivering.end(), delivering_.begin(),
                                          delivering_.end(), std::back_inserter(wanted));
            return wanted.empty() ? std::vector<storage::MeterRow>{} : storage::wall_meters(tx, wanted);
        });
    queries_.fetch_add(1);
    horizon_ = changes.horizon;
    delivering_ = {changes.delivering.begin(), changes.delivering.end()};
    if (!rows.empty()) {
        tell(take(rows));
    }
}

LiveHub::Changed LiveHub::take(const std::vector<storage::MeterRow>& rows) {
    Changed changed;
    for (const auto& row : rows) {
        auto shown = std::make_shared<const v1::LiveMeter>(to_live(row));
        const std::lock_guard lock{mutex_};
        auto& known = walls_[row.property][row.meter.value];
        known.version = row.state.version;
        if (!known.shown || !google::protobuf::util::MessageDifferencer::Equals(*known.shown, *shown)) {
            known.shown = std::move(shown);
            changed[row.property].push_back(row.meter.value);
        }
    }
    return changed;
}

void LiveHub::tell(const Changed& changed) {
    for (const auto& stream : streams()) {
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
