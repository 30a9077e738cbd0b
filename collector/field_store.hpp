#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "collector/commands/command_runner.hpp"
#include "collector/commands/delivery_runner.hpp"
#include "collector/commands/field_work.hpp"
#include "core/channel_share.hpp"
#include "storage/channels.hpp"
#include "storage/line_recordings.hpp"
#include "storage/meter_clocks.hpp"
#include "storage/meter_firmware.hpp"
#include "storage/meter_records.hpp"
#include "storage/meter_states.hpp"
#include "storage/polled_meters.hpp"
#include "storage/reading_gaps.hpp"
#include "storage/readings.hpp"

namespace wutong::collector {

/// Another process works under our name: two would take each other's leases and work. The daemon has to end.
class NameTaken : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Kinds of alarms that wait for a person, as the alarm table has them.
inline constexpr const char* kNotStored = "not_stored";    ///< the database will not have a result
inline constexpr const char* kWrongMeter = "wrong_meter";  ///< another meter answers at this one's address

/// What was claimed and is being worked on, or waits for its turn here.
struct WorkInHand {
    std::vector<core::CommandId> commands;
    std::vector<core::DeliveryId> deliveries;
};

/// All that the daemon wants of the database. Every call blocks and is made from threads that may wait, never
/// from a channel. What can't be done throws an exception derived from std::exception and has changed
/// nothing, or nobody knows.
class FieldStore {
public:
    FieldStore() = default;
    FieldStore(const FieldStore&) = delete;
    FieldStore& operator=(const FieldStore&) = delete;
    virtual ~FieldStore() = default;

    // ---- by the keeper's thread ----
    /// Waits until the server rings or the time is over. @return rung, or the bell was out of order meanwhile
    /// @throws NameTaken
    virtual bool wait_for_work(std::chrono::milliseconds timeout) = 0;
    /// Renews what has to be renewed and takes what is free, also of collectors that died. Called every
    /// second.
    /// @param restarted first call of this process: leases of our name are taken anew
    virtual std::vector<storage::ChannelLease> keep_leases(bool restarted) = 0;
    virtual void release_leases() = 0;
    /// What this collector should hand to another one, so that each has its share. Called every two seconds.
    virtual std::optional<core::Handover> wanted_handover() = 0;
    /// @return false: the channel is not ours, or should stay here after all
    virtual bool hand_over(const storage::ChannelLease& lease, const std::string& to) = 0;
    virtual storage::PolledSite load_site() = 0;
    virtual void beat() = 0;
    virtual std::vector<CommandWork> claim_commands() = 0;
    virtual std::vector<DeliveryWork> claim_deliveries() = 0;

    /// Gives up on commands whose time is over and that nobody works on.
    virtual void expire_commands() = 0;
    /// What is claimed under our leases and is not in hand goes back into the queue: nobody works on it. It
    /// was claimed by a commit that we never heard of, or by a channel that ended meanwhile.
    /// @return how many rows
    virtual int put_back_forgotten(const WorkInHand& in_hand) = 0;

    /// Recordings that somebody wants of our channels; they count as running from now on.
    virtual std::vector<storage::RecordingOrder> claim_recordings(int most) = 0;
    /// @param failed nothing could be recorded; the note says why
    virtual void finish_recording(const storage::RecordingOrder& order, const std::string& text,
                                  const std::string& note, bool failed) = 0;

    // ---- for channels, through the database worker; storage::LeaseLost when somebody else holds the channel
    // by now ----
    /// @return yes or settled
    virtual CommandGate::Answer may_send(const CommandWork& work) = 0;
    virtual bool finish_command(const CommandWork& work, const CommandOutcome& outcome) = 0;
    virtual bool put_back_command(const CommandWork& work) = 0;
    virtual bool store_delivery(const DeliveryWork& work) = 0;
    virtual bool finish_delivery(const DeliveryWork& work) = 0;
    virtual bool put_back_delivery(const DeliveryWork& work, core::Timestamp next_attempt_at) = 0;

    /// Something about a meter that a person has to look at, or `live` = false: no longer.
    /// @return something changed
    virtual bool tell_alarm(core::PropertyId property, core::MeterId meter, const std::string& kind,
                            bool live, const std::string& text) = 0;

    // ---- for channels, when they look after their meters ----
    virtual core::ClockDay clock_day(core::PropertyId property, core::MeterId meter, core::Timestamp at) = 0;
    /// See storage::note_clock.
    virtual bool note_clock(const storage::ClockNote& note, const core::ClockRules& rules) = 0;
    /// See storage::note_firmware.
    virtual bool note_firmware(const storage::FirmwareNote& note) = 0;
    virtual storage::MeterReadings known_readings(core::PropertyId property, core::MeterId meter,
                                                  core::Timestamp from, core::Timestamp to,
                                                  std::chrono::seconds interval_default) = 0;

    // ---- by the recorder's thread ----
    virtual void put_states(const std::vector<storage::MeterStateRow>& rows) = 0;
    virtual void put_health(const std::vector<storage::ChannelHealth>& rows) = 0;
    virtual void put_events(const std::vector<storage::MeterEventsRow>& rows) = 0;
    virtual storage::ReadingsStored put_readings(const std::vector<storage::ReadingRow>& rows) = 0;
};

}  // namespace wutong::collector
