#pragma once

#include <grpcpp/support/server_callback.h>
#include <wutong/v1/live_service.pb.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "core/identity.hpp"
#include "server/sessions/sessions.hpp"

namespace wutong::server {

class LiveHub;

/// One client's wall. It holds no thread and no values: only the ids of meters that the client has not been
/// told about yet. A slow client therefore costs one id per meter at most, and gets the newest value when it
/// can take the next message.
///
/// Life: made by make(), kept alive by itself until gRPC says that the call is done.
class LiveStream final : public grpc::ServerWriteReactor<v1::LiveUpdate> {
public:
    static constexpr std::size_t kMetersPerMessage = 500;

    [[nodiscard]] static std::shared_ptr<LiveStream> make(LiveHub& hub, core::PropertyId property,
                                                          std::shared_ptr<const Caller> caller);
    /// For calls that are refused before they start.
    [[nodiscard]] static LiveStream* refused(LiveHub& hub, const grpc::Status& status);

    /// The first message follows: everything. @param ids of all meters of the property
    void begin(const std::vector<std::int64_t>& ids);
    /// These have changed.
    void owe(const std::vector<std::int64_t>& ids);
    /// These are gone.
    void drop(const std::vector<std::int64_t>& ids);
    /// The counts have changed.
    void owe_summary();
    /// A message without meters when none was sent for so long.
    void heartbeat(std::chrono::steady_clock::duration silence_max);
    void finish(const grpc::Status& status);

    [[nodiscard]] core::PropertyId property() const { return property_; }
    [[nodiscard]] const std::shared_ptr<const Caller>& caller() const { return caller_; }
    /// Nobody listens any more.
    [[nodiscard]] bool over() const;

private:
    LiveStream(LiveHub& hub, core::PropertyId property, std::shared_ptr<const Caller> caller);

    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override;

    /// @pre mutex_ is held. gRPC never calls back from inside StartWrite and Finish.
    void write_next();
    [[nodiscard]] bool fill_snapshot();
    [[nodiscard]] bool fill_changes();
    [[nodiscard]] bool fill_summary();

    LiveHub& hub_;
    const core::PropertyId property_;
    const std::shared_ptr<const Caller> caller_;

    mutable std::mutex mutex_;
    std::deque<std::int64_t> snapshot_;
    bool begun_ = false;
    bool snapshot_done_ = false;
    /// The client knows what these are, as of which introduction.
    std::map<std::int64_t, int> introduced_;
    std::set<std::int64_t> owed_;
    std::set<std::int64_t> dropped_;  ///< the client knows them still
    bool summary_owed_ = true;
    bool heartbeat_due_ = false;
    std::chrono::steady_clock::time_point written_at_ = std::chrono::steady_clock::now();
    v1::LiveUpdate current_;
    std::optional<grpc::Status> last_word_;
    bool writing_ = false;
    // Read without the lock: the hub asks while it holds its own, which a stream takes behind this one's.
    std::atomic<bool> cancelled_{false};
    std::atomic<bool> over_{false};
    std::shared_ptr<LiveStream> self_;
};

}  // namespace wutong::server
