#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "collector/commands/command_runner.hpp"
#include "collector/commands/delivery_runner.hpp"
#include "collector/database/database_worker.hpp"
#include "collector/drivers/message_router.hpp"
#include "collector/drivers/message_session.hpp"
#include "collector/metrics/metrics.hpp"
#include "collector/polling/meter_schedule.hpp"
#include "collector/polling/path_board.hpp"
#include "collector/polling/upkeep_schedule.hpp"
#include "collector/polling/work_book.hpp"
#include "collector/polling/work_queue.hpp"
#include "collector/recording/line_recording.hpp"
#include "collector/recording/requested_recording.hpp"
#include "collector/transports/modbus_client.hpp"
#include "core/clock_keeping.hpp"
#include "core/meter_event.hpp"
#include "core/plausibility.hpp"
#include "core/time.hpp"
#include "storage/meter_records.hpp"

namespace wutong::collector {

/// Takes what channels find out. Never blocks; safe from any thread.
class FieldSink {
public:
    FieldSink() = default;
    FieldSink(const FieldSink&) = delete;
    FieldSink& operator=(const FieldSink&) = delete;
    virtual ~FieldSink() = default;
    virtual void state(storage::MeterStateRow row) = 0;
    virtual void reading(storage::ReadingRow row) = 0;
    virtual void health(storage::ChannelHealth row) = 0;
    virtual void events(storage::MeterEventsRow row) = 0;
};

/// @param plain no meter of the channel takes commands
using ClientFactory =
    std::function<std::unique_ptr<ModbusClient>(const boost::asio::any_io_executor& executor,
                                                const storage::PolledChannel& channel, bool plain, Tap tap)>;

/// @param changed to be called on the executor when something has come, or the line went up or down
using MessageLineFactory = std::function<std::unique_ptr<MessageLine>(
    const boost::asio::any_io_executor& executor, const storage::PolledChannel& channel,
    std::function<void()> changed)>;

struct ChannelRules {
    MeterSchedule::Rules schedule;
    UpkeepSchedule::Rules upkeep;
    UpkeepIntervals upkeep_intervals;
    core::ClockRules clock;
    std::chrono::hours history_of{7 * 24};  ///< gaps that are older stay
    std::chrono::seconds retry_first{
        2};  ///< wait before work that could not go on is tried again, doubled each time
    std::chrono::seconds retry_max{60};
    std::chrono::milliseconds probe_timeout{200};
    std::chrono::milliseconds reopen_first{1'000};
    std::chrono::milliseconds reopen_max{15'000};
    std::chrono::seconds lost_after{120};
    std::chrono::seconds state_target{180};
    std::size_t evidence_frames_max = 40;
};

/// What all channels share.
struct ChannelEnvironment {
    ChannelRules rules;
    DatabaseWorker& database;
    FieldSink& sink;
    WorkBook& book;
    Metrics& metrics;
    ClientFactory make_client;
    core::Clock clock;
    std::shared_ptr<PathBoard> paths = nullptr;  ///< none: no line has a second path
    RecordingRules recordings = {};
    MessageLineFactory make_messages = nullptr;  ///< for the transport mqtt
};

/// What a meter is asked: registers, or a frame of another protocol. Refers to what the caller holds.
using BusQuestion = std::variant<std::reference_wrapper<const protocols::Request>,
                                 std::reference_wrapper<const FrameExchange>>;

/// A meter with what polling has to know of it.
struct ChannelMeter {
    FieldMeter meter;
    MeterSchedule::Intervals intervals;
    std::chrono::seconds lost_after{120};
    core::UnbalanceLimits unbalance;
    std::optional<core::Timestamp>
        answered_at;  ///< as the database knows it; only used when the meter is new here
    bool lost = false;
    /// The register that was believed last; used when the meter is new here, and when somebody has decided.
    std::optional<core::RegisterSample> register_known;
    std::optional<core::Energy> jumped_to;  ///< a jump that nobody has accepted
    std::optional<core::Timestamp> register_decided_at;
};

/// One bus: a coroutine on a strand that does one exchange after the other. Work is taken by urgency, and
/// between any two exchanges more urgent work for other meters has its turn (it runs on top of what is under
/// way).
class Channel : public std::enable_shared_from_this<Channel> {
public:
    Channel(boost::asio::io_context& context, ChannelEnvironment& environment,
            storage::PolledChannel settings);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // ---- from any thread ----
    void start();
    /// New settings and meters; what is not named any more is no longer polled. Changed line settings open
    /// the line anew.
    void configure(storage::PolledChannel settings, std::vector<ChannelMeter> meters);
    void submit(Work work);
    /// What goes over the line is added until it is over.
    void record(std::shared_ptr<RequestedRecording> recording);
    /// Ends after the exchange under way, or the delivery when its frame has gone out. `done()` becomes ready
    /// then.
    void stop();
    /// The line is closed under whatever waits on it. For a stop that takes too long.
    void abort();
    [[nodiscard]] std::shared_future<void> done() const { return done_; }
    /// Grows while the coroutine lives; for the watchdog.
    [[nodiscard]] std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }
    [[nodiscard]] core::ChannelId id() const { return id_; }

private:
    friend class ChannelBus;
    friend class PollBus;
    using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

    struct MeterEntry {
        FieldMeter meter;
        MeterSchedule::Intervals intervals;
        std::chrono::seconds lost_after{120};
        core::UnbalanceLimits unbalance;
        core::Timestamp heard_at;  ///< last answer; for one that never answered: when we first knew of it
        bool ever_answered = false;
        bool lost = false;
        std::optional<bool> lost_reported;
        std::optional<std::vector<std::string>> alarms;  ///< as last reported
        core::RegisterHistory registers;
        core::Plausibility verdict = core::Plausibility::good;  ///< of the last look
        std::optional<core::Timestamp> register_decided_at;
        core::EventWatch events;
        std::vector<core::EventRecord> recorded;  ///< told last, of the meter's own records
        std::set<core::Timestamp> unfillable;     ///< intervals that the meter kept nothing of
        std::shared_ptr<SessionSlot> session = std::make_shared<SessionSlot>();
    };

    void run(Yield yield);
    void run_guarded(Yield yield);
    void apply(storage::PolledChannel settings, std::vector<ChannelMeter> meters);
    void renew_line();
    [[nodiscard]] SteadyTime next_wake() const;
    void wait_until(SteadyTime until, Yield yield);
    void wake() { timer_.cancel(); }

    // ---- the line (channel_line.cpp) ----
    [[nodiscard]] bool plain() const;
    void make_client();
    BusReply exchange_once(const FieldMeter& meter, const BusQuestion& question,
                           std::chrono::milliseconds timeout, std::vector<EvidenceFrame>* frames,
                           Yield yield);
    BusReply exchange(const FieldMeter& meter, const BusQuestion& question, Repeat repeat, core::Lane lane,
                      std::vector<EvidenceFrame>* frames, Yield yield);
    /// When the question goes out without waiting for an answer that is still owed.
    [[nodiscard]] Deadline clear_at(const FieldMeter& meter, const BusQuestion& question) const;
    void count(const BusReply& reply, std::chrono::nanoseconds took);
    void line_failed();
    void forget_sessions();
    void end_recording_that_is_over();
    void tapped(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at);
    /// Lets others have the bus until the time has come.
    void leave_bus(SteadyTime until, core::Lane lane, Yield yield);

    // ---- polls (channel_polls.cpp) ----
    void run_poll(const Poll& poll, Yield yield);
    /// @param not_before set to when the last question may be asked again
    MeterReadout read_poll(const Poll& poll, const FieldMeter& meter, SteadyTime& not_before, Yield yield);
    void poll_answered(MeterEntry& entry, MeterReadout& readout, PollKind kind,
                       std::chrono::milliseconds took);
    void poll_failed(MeterEntry& entry, const BusReply::Kind kind, std::chrono::milliseconds took,
                     SteadyTime not_before);
    /// Judges the register of the readout, if it is told this time, and reports the state.
    void heard(MeterEntry& entry, MeterReadout& readout, bool tells_register = true);
    void report_state(MeterEntry& entry, storage::MeterStateRow row);
    // ---- meters that send by themselves (channel_messages.cpp) ----
    [[nodiscard]] bool speaks_mqtt() const { return settings_.transport == "mqtt"; }
    /// When a meter that sends at such intervals is late.
    [[nodiscard]] static MeterSchedule::Intervals expected(const MeterSchedule::Intervals& told);
    void make_line();
    void follow_line();
    /// @return there may be more
    bool run_messages();
    void run_message(const Message& message);
    void take_news(MeterEntry& entry, const MeterNews& news, bool retained);
    void take_readout(MeterEntry& entry, MeterReadout& readout, bool reading, bool tells_register);
    void take_late(MeterEntry& entry, MessageSession& session, const core::Values& values,
                   core::Timestamp at);
    void take_presence(MeterEntry& entry, MessageSession& session, bool online);
    /// A meter that should have sent has not.
    void run_silence(const Poll& poll);
    void ask_for_news(MeterEntry& entry);
    BusReply publish(const Message& message);

    // ---- can a register show that? (channel_register.cpp) ----
    /// A register that can't be is read once more at once: torn ones make sense then.
    void look_twice(const Poll& poll, const FieldMeter& meter, MeterReadout& readout, SteadyTime& not_before,
                    Yield yield);
    void judge_register(MeterEntry& entry, MeterReadout& readout);
    void learn_register(MeterEntry& entry, const ChannelMeter& polled);
    /// @return the channel itself was lost or found just now
    bool check_losses();
    void report_health();

    // ---- what else is done for a meter (channel_upkeep.cpp) ----
    [[nodiscard]] UpkeepIntervals upkeep_of(const FieldMeter& meter) const;
    /// Looks after one meter, if one is due. @param idle nobody else wants the bus
    bool run_upkeep(bool idle, Yield yield);
    struct UpkeepEnd {
        UpkeepSchedule::Outcome outcome = UpkeepSchedule::Outcome::no_answer;
        std::optional<std::chrono::seconds> again_in;  ///< instead of what the schedule says
    };
    UpkeepEnd do_upkeep(UpkeepKind kind, const FieldMeter& meter, Yield yield);
    UpkeepEnd look_for_events(const FieldMeter& meter, MeterBus& bus);
    UpkeepEnd note_firmware(const FieldMeter& meter, MeterBus& bus, Yield yield);
    UpkeepEnd keep_clock(const FieldMeter& meter, MeterBus& bus, Yield yield);
    UpkeepEnd step_clock(const FieldMeter& meter, MeterBus& bus, const core::ClockLook& look,
                         const core::ClockDecision& decision, Yield yield);
    UpkeepEnd fill_gaps(const FieldMeter& meter, MeterBus& bus, Yield yield);
    /// What the values of a poll show.
    void watch_events(MeterEntry& entry, const MeterReadout& readout);
    void tell_events(MeterEntry& entry, const core::EventsSeen& seen, std::vector<core::EventRecord> records,
                     core::Timestamp at);

    // ---- commands and deliveries (channel_work.cpp) ----
    void run_urgent(core::Lane than, Yield yield);
    void run_work(Work work, Yield yield);
    void run_command_work(CommandWork work, Yield yield);
    void run_delivery_work(DeliveryWork work, Yield yield);
    void put_back(const Work& work, Yield yield);
    enum class Awaits { meter, database };
    void park(Work work, int failures, Awaits what);
    template <class Content>
    void park_rejected(Content work);
    void tell_alarm(const FieldMeter& meter, const char* kind, bool live, std::string text, Yield yield);
    void finish_command(const CommandWork& work, const CommandOutcome& outcome, Yield yield);
    void expire_waiting(Yield yield);
    /// The meter speaks: what waited for it goes on at once.
    void unpark(core::MeterId meter);
    void unpark_all(core::MeterId meter);
    void give_back_all();
    [[nodiscard]] MeterEntry* find(core::MeterId meter);
    /// Empty again with each new line. Outlives the meter's entry for whoever is at it.
    [[nodiscard]] std::shared_ptr<SessionSlot> session_of(core::MeterId meter);

    ChannelEnvironment& env_;
    Strand strand_;
    boost::asio::steady_timer timer_;
    const core::ChannelId id_;
    storage::PolledChannel settings_;
    std::unique_ptr<ModbusClient> client_;   ///< or
    std::unique_ptr<MessageLine> messages_;  ///< one of the two
    MessageRouter router_;
    bool renew_topics_ = false;
    bool client_plain_ = false;
    bool renew_client_ = false;
    std::unique_ptr<ChannelMetrics> metrics_;
    MeterSchedule schedule_;
    UpkeepSchedule upkeep_;
    std::map<core::MeterId, MeterEntry> meters_;
    WorkQueue queue_;
    struct Parked {
        Work work;
        SteadyTime until;
        Awaits what = Awaits::meter;
    };
    template <class Condition>
    void unpark_if(Condition condition);
    std::vector<Parked> parked_;    ///< the meter, or the database, is away
    std::set<core::MeterId> busy_;  ///< meters with work under way, outermost first
    int depth_ = 0;                 ///< work and polls on top of each other

    SteadyTime reopen_at_{};
    std::chrono::milliseconds reopen_wait_{0};
    bool down_ = false;         ///< the line can't be opened, or is given up for now
    int silent_exchanges_ = 0;  ///< in a row, over all meters
    std::optional<core::Timestamp> answered_at_;
    core::Timestamp known_since_;
    bool lost_ = false;
    bool stale_ = false;
    bool on_standby_ = false;  ///< as last reported
    SteadyTime check_due_{};
    SteadyTime health_due_{};
    std::vector<EvidenceFrame>* tap_frames_ = nullptr;
    bool tap_confidential_ = false;  ///< what is sent now is not written down
    std::unique_ptr<LineRecording> recording_;
    std::shared_ptr<RequestedRecording> requested_;

    std::atomic<std::uint64_t> beats_{0};
    std::atomic<bool> stopping_{false};
    std::promise<void> done_promise_;
    std::shared_future<void> done_;
};

}  // namespace wutong::collector
