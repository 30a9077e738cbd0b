#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "server/jobs/worker.hpp"
#include "server/services/stream_writer.hpp"
#include "storage/database.hpp"
#include "storage/watched.hpp"

namespace wutong::server {

/// Rows that clients watch until they are finished. One thread asks the database for all of them, in one
/// transaction per round, whatever the number of watchers; a watcher gets the newest state of its rows,
/// possibly not every one between.
template <class Message>
class Watches {
public:
    using Writer = StreamWriter<Message>;
    struct Source {
        std::function<std::vector<storage::Mark>(storage::Transaction&, core::PropertyId,
                                                 const std::vector<std::int64_t>&)>
            marks;
        /// Whole rows by their ids; what is not there any more is left out.
        std::function<std::map<std::int64_t, Message>(storage::Transaction&, core::PropertyId,
                                                      const std::vector<std::int64_t>&)>
            fetch;
    };
    static constexpr std::size_t kWatchersMax = 2'000;

    Watches(std::string name, storage::Database& database, Source source, Worker::OnError on_error,
            std::chrono::milliseconds interval = std::chrono::milliseconds{200});
    ~Watches() { stop(); }

    void start() { worker_.start(); }
    /// Ends every watch with UNAVAILABLE: the server goes away, and the client is to ask again.
    void stop();

    /// Which rows a watcher means, asked once. Empty: there are none, and the stream ends with `none`.
    using Find = std::function<std::vector<std::int64_t>(storage::Transaction&)>;
    /// Returns at once; everything that needs the database happens in the poller. Too many watchers: the
    /// stream ends with RESOURCE_EXHAUSTED.
    void watch(core::PropertyId property, Find find, grpc::Status none, std::shared_ptr<Writer> writer);
    [[nodiscard]] std::size_t watchers() const;

private:
    struct Watch {
        core::PropertyId property;
        Find find;
        grpc::Status none;
        bool found = false;  ///< `find` was asked
        std::map<std::int64_t, std::string>
            pending;  ///< id → version that was sent last; erased when finished
        std::shared_ptr<Writer> writer;
    };
    /// What one round found; sent after the commit, because a transaction's body may run twice.
    struct Round {
        std::map<Watch*, std::vector<std::int64_t>> found;
        std::vector<storage::Mark> marks;
        std::map<std::int64_t, Message> changed;
    };

    std::chrono::milliseconds poll();
    [[nodiscard]] Round look(storage::Transaction& tx, core::PropertyId property,
                             const std::vector<std::shared_ptr<Watch>>& watches) const;
    static void send(Watch& watch, const Round& round);

    storage::Database& database_;
    const Source source_;
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Watch>> watches_;
    bool stopped_ = false;
    Worker worker_;
};

}  // namespace wutong::server
