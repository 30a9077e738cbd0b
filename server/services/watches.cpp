#include "server/services/watches.hpp"

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <algorithm>
#include <utility>

namespace wutong::server {

namespace {

/// How long a poller without watchers sleeps; a new watcher wakes it.
constexpr std::chrono::minutes kIdle{10};

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
bool Watches<Message>::watch(core::PropertyId property, const std::vector<std::int64_t>& ids,
                             std::shared_ptr<Writer> writer) {
    auto watch = std::make_shared<Watch>();
    watch->property = property;
    for (const auto id : ids) {
        watch->pending.emplace(id, std::string{});
    }
    watch->writer = std::move(writer);
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ || watches_.size() >= kWatchersMax) {
            return false;
        }
        watches_.push_back(std::move(watch));
    }
    worker_.wake();
    return true;
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
        std::erase_if(watches_,
                      [](const auto& watch) { return watch->pending.empty() || watch->writer->over(); });
        for (const auto& watch : watches_) {
            by_property[watch->property].push_back(watch);
        }
    }
    if (by_property.empty()) {
        return kIdle;
    }
    for (const auto& [property, watches] : by_property) {
        // What was found is sent after the commit: a body that runs again must not send twice.
        using Found = std::pair<std::vector<storage::Mark>, std::map<std::int64_t, Message>>;
        const auto found =
            database_.transact(storage::Scope::of({property}), "watch", [&](storage::Transaction& tx) {
                std::vector<std::int64_t> ids;
                for (const auto& watch : watches) {
                    for (const auto& [id, version] : watch->pending) {
                        ids.push_back(id);
                    }
                }
                std::sort(ids.begin(), ids.end());
                ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
                Found rows;
                rows.first = source_.marks(tx, property, ids);
                std::vector<std::int64_t> wanted;
                for (const auto& mark : rows.first) {
                    if (std::any_of(watches.begin(), watches.end(), [&](const auto& watch) {
                            const auto pending = watch->pending.find(mark.id);
                            return pending != watch->pending.end() && pending->second != mark.version;
                        })) {
                        wanted.push_back(mark.id);
                    }
                }
                if (!wanted.empty()) {
                    rows.second = source_.fetch(tx, property, wanted);
                }
                return rows;
            });
        for (const auto& watch : watches) {
            send(*watch, found.first, found.second);
        }
    }
    return interval_;
}

template <class Message>
void Watches<Message>::send(Watch& watch, const std::vector<storage::Mark>& marks,
                            const std::map<std::int64_t, Message>& changed) {
    for (const auto& mark : marks) {
        const auto pending = watch.pending.find(mark.id);
        if (pending == watch.pending.end()) {
            continue;
        }
        if (const auto message = changed.find(mark.id);
            pending->second != mark.version && message != changed.end()) {
            watch.writer->push(mark.id, message->second);
            pending->second = mark.version;
        }
        if (mark.finished) {
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
