#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "collector/configuration/configuration.hpp"
#include "collector/field_store.hpp"
#include "storage/database.hpp"
#include "storage/fence.hpp"
#include "storage/name_lock.hpp"
#include "storage/readings.hpp"
#include "storage/work_signal.hpp"

namespace wutong::collector {

/// The field store over PostgreSQL. SQL is in storage/; here its repositories meet the collector's words.
class PostgresFieldStore final : public FieldStore {
public:
    PostgresFieldStore(const Configuration& configuration, std::string version, core::Clock clock);

    bool wait_for_work(std::chrono::milliseconds timeout) override;
    std::vector<storage::ChannelLease> keep_leases(bool restarted) override;
    void release_leases() override;
    std::optional<core::Handover> wanted_handover() override;
    bool hand_over(const storage::ChannelLease& lease, const std::string& to) override;
    storage::PolledSite load_site() override;
    void beat() override;
    std::vector<CommandWork> claim_commands() override;
    std::vector<DeliveryWork> claim_deliveries() override;
    void expire_commands() override;
    int put_back_forgotten(const WorkInHand& in_hand) override;
    std::vector<storage::RecordingOrder> claim_recordings(int most) override;
    void finish_recording(const storage::RecordingOrder& order, const std::string& text,
                          const std::string& note, bool failed) override;

    CommandGate::Answer may_send(const CommandWork& work) override;
    bool finish_command(const CommandWork& work, const CommandOutcome& outcome) override;
    bool put_back_command(const CommandWork& work) override;
    bool store_delivery(const DeliveryWork& work) override;
    bool finish_delivery(const DeliveryWork& work) override;
    bool put_back_delivery(const DeliveryWork& work, core::Timestamp next_attempt_at) override;
    bool tell_alarm(core::PropertyId property, core::MeterId meter, const std::string& kind, bool live,
                    const std::string& text) override;

    core::ClockDay clock_day(core::PropertyId property, core::MeterId meter, core::Timestamp at) override;
    bool note_clock(const storage::ClockNote& note, const core::ClockRules& rules) override;
    bool note_firmware(const storage::FirmwareNote& note) override;
    storage::MeterReadings known_readings(core::PropertyId property, core::MeterId meter,
                                          core::Timestamp from, core::Timestamp to,
                                          std::chrono::seconds interval_default) override;

    void put_states(const std::vector<storage::MeterStateRow>& rows) override;
    void put_health(const std::vector<storage::ChannelHealth>& rows) override;
    void put_events(const std::vector<storage::MeterEventsRow>& rows) override;
    storage::ReadingsStored put_readings(const std::vector<storage::ReadingRow>& rows) override;

private:
    template <class Work>
    [[nodiscard]] storage::Fence fence(const Work& work) const;
    [[nodiscard]] std::vector<storage::Fence> fences() const;
    [[nodiscard]] std::int64_t epoch_of(core::ChannelId channel) const;
    /// Of those that are not connected now: who has not been for a while, and did not just lose a connection.
    [[nodiscard]] std::vector<std::string> gone_since(const std::vector<std::string>& absent,
                                                      std::chrono::steady_clock::time_point now);

    const std::string name_;
    const std::string version_;
    const std::chrono::seconds lease_;
    const int channels_max_;
    const core::ShareRules share_;
    const int claim_max_;
    core::Clock clock_;
    const core::Timestamp started_at_;
    storage::Database database_;
    storage::ReadingWriter readings_{database_};  ///< the recorder's thread only
    storage::WorkSignal signal_;
    storage::NameLock name_lock_;
    // The keeper's thread only:
    std::vector<storage::ChannelLease> leases_;
    std::chrono::steady_clock::time_point renew_due_{};
    std::chrono::steady_clock::time_point looked_at_{};
    std::map<std::string, std::chrono::steady_clock::time_point> absent_since_;
    /// Of the others, by name and start: since when each is there without a gap.
    std::map<std::pair<std::string, core::Timestamp>, std::chrono::steady_clock::time_point> present_since_;
    core::Timestamp partitions_ensured_at_{};
};

/// How the configuration reaches the database. @throws ConfigurationError when the password file can't be
/// read
[[nodiscard]] storage::DatabaseOptions database_options(const Configuration& configuration);

/// Frames as the evidence column keeps them: [{"at", "sent", "hex"}].
[[nodiscard]] std::string evidence_json(const std::vector<EvidenceFrame>& frames);

}  // namespace wutong::collector
