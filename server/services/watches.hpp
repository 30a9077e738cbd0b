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

    /// @return false when too many watch already; the writer is then left alone
    [[nodiscard]] bool watch(core::PropertyId property, const std::vector<std::int64_t>& ids,
                             std::shared_ptr<Writer> writer);
    [[nodiscard]] std::size_t watchers() const;

private:
    struct Watch {
        core::PropertyId property;
        std::map<std::int64_t, std::string>
            pending;  ///< id → version that was sent last; erased when finished
        std::shared_ptr<Writer> writer;
    };

    std::chrono::milliseconds poll();
    static void send(Watch& watch, const std::vector<storage::Mark>& marks,
                     const std::map<std::int64_t, Message>& changed);

    storage::Database& database_;
    const Source source_;
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Watch>> watches_;
    bool stopped_ = false;
    Worker worker_;
};

}  // namespace wutong::server
