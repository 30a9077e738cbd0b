#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "collector/configuration/configuration.hpp"
#include "collector/configuration/meter_secrets.hpp"
#include "collector/polling/channel.hpp"
#include "collector/service/profile_library.hpp"

namespace wutong::collector {

/// Keeps leases, takes over changed channels and meters, and hands out work; on a thread of its own, because
/// all of that waits for the database. When the database is away the channels go on polling what they know.
class Keeper {
public:
    Keeper(const Configuration& configuration, FieldStore& store, const ProfileLibrary& profiles,
           boost::asio::io_context& context, ChannelEnvironment& environment);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// @param give_up called from our thread when the daemon has to end; the text says why
    void start(std::function<void(const std::string&)> give_up);
    /// Ends the thread, then all channels, and releases the leases; at the latest after `within`.
    void stop(std::chrono::milliseconds within);

    [[nodiscard]] std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::vector<std::shared_ptr<Channel>> channels() const;

private:
    struct Kept {
        std::shared_ptr<Channel> channel;
        storage::PolledChannel settings;
        std::vector<storage::PolledMeter> meters;
    };

    void run();
    void round();
    void keep_leases();
    void take_over(storage::PolledSite site);
    [[nodiscard]] std::vector<ChannelMeter> resolve(const std::vector<storage::PolledMeter>& meters);
    void begin_channel(storage::PolledChannel settings, std::vector<storage::PolledMeter> meters);
    // ---- shares (keeper_shares.cpp) ----
    void even_out();
    void finish_handovers();
    /// Nothing of it is under way, or waits for its line.
    [[nodiscard]] bool is_quiet(core::ChannelId channel) const;

    void put_back_forgotten();
    void keep_recordings();
    void pay_owed();
    void keep_rejected(Owed owed, const std::exception& error);
    void tell_alarm(const CommandWork& work, bool live, const std::string& text);
    void hand_out();
    void refuse_unreadable();
    void failed(const std::exception& error);

    const Configuration& configuration_;
    FieldStore& store_;
    const ProfileLibrary& profiles_;
    const MeterSecrets secrets_;
    boost::asio::io_context& context_;
    ChannelEnvironment& env_;
    std::function<void(const std::string&)> give_up_;

    mutable std::mutex mutex_;  ///< guards channels_ for the watchdog; only our thread changes it
    std::map<core::ChannelId, Kept> channels_;
    std::vector<std::shared_ptr<Channel>> ending_;
    struct Handing {
        Kept kept;
        std::string to;
    };
    std::map<core::ChannelId, Handing> handing_;  ///< ending here, to go on elsewhere
    std::vector<Work>
        postponed_;  ///< claimed, but the channel is not there yet or still has an older claim of it
    struct Rejected {
        Owed owed;
        SteadyTime due;
    };
    std::vector<std::shared_ptr<RequestedRecording>> recordings_;  ///< that somebody asked for
    SteadyTime recordings_due_{};
    std::vector<Rejected> rejected_;                   ///< results that the database would not have
    std::map<core::MeterId, std::string> no_profile_;  ///< meters that can't be polled, and their profile
    std::set<std::string> complaints_;                 ///< said once
    bool first_ = true;
    bool away_ = false;
    SteadyTime lease_due_{};
    SteadyTime site_due_{};
    SteadyTime beat_due_{};
    SteadyTime compare_due_{};
    SteadyTime forgotten_due_{};
    SteadyTime name_taken_since_{};
    std::atomic<std::uint64_t> beats_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace wutong::collector
