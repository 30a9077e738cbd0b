#include "server/services/watches.hpp"

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <algorithm>
#include <utility>

namespace wutong::server {

namespace {

/// How long a poller without watchers sleeps; a new watcher wakes it.
constexpr std::chrono::minutes kIdle{10};
/// Rows per property and round; the others have their turn in the next one.
constexpr std::size_t kFetchedAtOnce = 500;

}  // namespace

template <class Message>
Watches<Message>::Watches(std::string name, storage::Database& database, Source source,
                          Worker::OnError on_error, std::chrono::milliseconds interval)
    : database_{database},
      source_{std::move(source)},
      interval_{interval},
      worker_{std::move(name), [this] { return poll(); }, std::move(on_error), std::chrono::seconds{5}} {}

template <class Message>
void Watches<Message>::stop() {
    worker_.stop();
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    for (const auto& watch : watches_) {
        watch->writer->finish(
            {grpc::StatusCode::UNAVAILABLE, "the server is stopping; watch again when it is back"});
    }
    watches_.clear();
}

template <class Message>
void Watches<Message>::watch(core::PropertyId property, Find find, grpc::Status none,
                             std::shared_ptr<Writer> writer) {
    auto watch = std::make_shared<Watch>();
    watch->property = property;
    watch->find = std::move(find);
    watch->none = std::move(none);
    watch->writer = std::move(writer);
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ || watches_.size() >= kWatchersMax) {
            watch->writer->finish(
                {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls watch already; try again later"});
            return;
        }
        watches_.push_back(std::move(watch));
    }
    worker_.wake();
}

template <class Message>
std::size_t Watches<Message>::watchers() const {
    const std::lock_guard lock{mutex_};
    return watches_.size();
}

template <class Message>
std::chrono::milliseconds Watches<Message>::poll() {
    std::map<core::PropertyId, std::vector<std::shared_ptr<Watch>>> by_property;
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(watches_, [](const auto& watch) {
            return (watch->found && watch->pending.empty()) || watch->writer->over();
        });
        for (const auto& watch : watches_) {
            by_property[watch->property].push_back(watch);
        }
    }
    if (by_property.empty()) {
        return kIdle;
    }
    for (const auto& [property, watches] : by_property) {
        const auto round =
            database_.transact(storage::Scope::of({property}), "watch",
                               [&, &property = property, &watches = watches](storage::Transaction& tx) {
                                   return look(tx, property, watches);
                               });
        for (const auto& watch : watches) {
            send(*watch, round);
        }
    }
    return interval_;
}

template <class Message>
typename Watches<Message>::Round Watches<Message>::look(
    storage::Transaction& tx, core::PropertyId property,
    const std::vector<std::shared_ptr<Watch>>& watches) const {
    Round round;
    // id → versions that its watchers were sent last
    std::map<std::int64_t, std::vector<std::string>> sent;
    for (const auto& watch : watches) {
        if (watch->found) {
            for (const auto& [id, version] : watch->pending) {
                sent[id].push_back(version);
            }
        } else {
            const auto& ids = round.found[watch.get()] = watch->find(tx);
            for (const auto id : ids) {
                sent[id].emplace_back();
            }
        }
    }
    std::vector<std::int64_t> ids;
    for (const auto& [id, versions] : sent) {
        ids.push_back(id);
    }
    round.marks = source_.marks(tx, property, ids);
    std::vector<std::int64_t> wanted;
    for (const auto& mark : round.marks) {
        const auto& versions = sent[mark.id];
        if (wanted.size() < kFetchedAtOnce &&
            std::any_of(versions.begin(), versions.end(),
                        [&](const auto& version) { return version != mark.version; })) {
            wanted.push_back(mark.id);
        }
    }
    if (!wanted.empty()) {
        round.changed = source_.fetch(tx, property, wanted);
    }
    return round;
}

template <class Message>
void Watches<Message>::send(Watch& watch, const Round& round) {
    if (const auto found = round.found.find(&watch); found != round.found.end()) {
        watch.found = true;
        for (const auto id : found->second) {
            watch.pending.emplace(id, std::string{});
        }
        if (watch.pending.empty()) {
            watch.writer->finish(watch.none);
            return;
        }
    }
    for (const auto& mark : round.marks) {
        const auto pending = watch.pending.find(mark.id);
        if (pending == watch.pending.end()) {
            continue;
        }
        const auto message = round.changed.find(mark.id);
        if (pending->second != mark.version && message != round.changed.end()) {
            watch.writer->push(mark.id, message->second);
            pending->second = mark.version;
        }
        if (mark.finished && pending->second == mark.version) {
            watch.pending.erase(pending);
        }
    }
    if (watch.pending.empty()) {
        watch.writer->finish(grpc::Status::OK);
    }
}

template class Watches<v1::Delivery>;
template class Watches<v1::Command>;

}  // namespace wutong::server
