#include "collector/database/postgres_field_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "storage/alarms.hpp"
#include "storage/channel_shares.hpp"
#include "storage/collectors.hpp"
#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"

namespace wutong::collector {

namespace {

using storage::Scope;
using storage::Transaction;
constexpr int kMonthsAhead = 2;
constexpr std::size_t kAlarmTextMax = 2'000;
constexpr std::chrono::hours kPartitionsEvery{6};
/// Another collector that has not been connected for so long, while we were, is dead.
constexpr std::chrono::milliseconds kGoneAfter{2'000};
constexpr std::chrono::milliseconds kLookGapMax{4'000};

std::string read_password(const std::filesystem::path& file) {
    if (file.empty()) {
        return {};
    }
    std::ifstream in{file};
    std::string line;
    if (!in || !std::getline(in, line) || line.empty()) {
        throw ConfigurationError{
            {fmt::format("{}: the password can't be read; database.password_file must name a file whose "
                         "first line is the password",
                         file.string())}};
    }
    return line;
}

std::string time_text(core::Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::milliseconds>(at - day)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

}  // namespace

storage::DatabaseOptions database_options(const Configuration& configuration) {
    storage::DatabaseOptions options;
    options.url = configuration.database.url;
    options.password = read_password(configuration.database.password_file);
    options.application_name = "wutong-collector " + configuration.name;
    // One for each worker, the keeper and the recorder.
    options.connections_max = configuration.database.workers + 2;
    options.connect_timeout = configuration.database.connect_timeout;
    options.statement_timeout = configuration.database.statement_timeout;
    options.lock_timeout = configuration.database.statement_timeout / 2;
    options.warn = [](const std::string& what) { spdlog::warn("event=database_retry reason=\"{}\"", what); };
    return options;
}

std::string evidence_json(const std::vector<EvidenceFrame>& frames) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& frame : frames) {
        list.push_back({{"at", time_text(frame.at)}, {"sent", frame.sent}, {"hex", frame.hex}});
    }
    return list.dump();
}

PostgresFieldStore::PostgresFieldStore(const Configuration& configuration, std::string version,
                                       core::Clock clock)
    : name_{configuration.name},
      version_{std::move(version)},
      lease_{configuration.lease.duration},
      channels_max_{configuration.lease.channels_max},
      share_{configuration.lease.spread_after, configuration.lease.spread_at_once},
      claim_max_{configuration.work.claim_max},
      clock_{std::move(clock)},
      started_at_{clock_()},
      database_{database_options(configuration)},
      signal_{database_options(configuration)},
      name_lock_{database_options(configuration), configuration.name} {}

bool PostgresFieldStore::wait_for_work(std::chrono::milliseconds timeout) {
    const auto wake = signal_.wait(timeout);
    return wake == storage::WorkSignal::Wake::work || wake == storage::WorkSignal::Wake::reconnected;
}

std::vector<storage::ChannelLease> PostgresFieldStore::keep_leases(bool restarted) {
    if (!name_lock_.hold()) {
        throw NameTaken{
            fmt::format("another wutong-collector works under the name \"{}\" on this database; stop it, or "
                        "give this one "
                        "another name in its configuration",
                        name_)};
    }
    const auto now = std::chrono::steady_clock::now();
    // Every look costs little, every renewal a write to each channel.
    const bool renew = restarted || now >= renew_due_;
    leases_ = database_.transact(Scope::none(), "keep the leases", [&](Transaction& tx) {
        auto held = restarted ? std::vector<storage::ChannelLease>{}
                    : renew   ? storage::renew_leases(tx, name_, lease_)
                              : storage::held_leases(tx, name_);
        const int more = channels_max_ - static_cast<int>(held.size());
        if (more > 0) {
            const auto gone = gone_since(storage::absent_holders(tx, name_), now);
            const auto acquired = storage::acquire_leases(tx, name_, lease_, more, restarted, gone);
            held.insert(held.end(), acquired.begin(), acquired.end());
        }
        return held;
    });
    if (renew) {
        renew_due_ = now + lease_ / 3;
    }
    return leases_;
}

std::vector<std::string> PostgresFieldStore::gone_since(const std::vector<std::string>& absent,
                                                        std::chrono::steady_clock::time_point now) {
    // Looked at after a while only, as when the database was away: then the others come back as we do.
    if (now - looked_at_ > kLookGapMax) {
        absent_since_.clear();
    }
    looked_at_ = now;
    std::map<std::string, std::chrono::steady_clock::time_point> since;
    std::vector<std::string> gone;
    for (const auto& holder : absent) {
        const auto known = absent_since_.find(holder);
        const auto first = since.emplace(holder, known == absent_since_.end() ? now : known->second).first;
        if (now - first->second >= kGoneAfter) {
            gone.push_back(holder);
        }
    }
    absent_since_ = std::move(since);
    return gone;
}

void PostgresFieldStore::release_leases() {
    database_.transact(Scope::none(), "release the leases",
                       [&](Transaction& tx) { storage::release_leases(tx, name_); });
}

std::optional<core::Handover> PostgresFieldStore::wanted_handover() {
    if (share_.at_once == 0) {
        return std::nullopt;
    }
    const auto present = database_.transact(Scope::none(), "compare the collectors' shares",
                                            [](Transaction& tx) { return storage::present_collectors(tx); });
    const auto now = std::chrono::steady_clock::now();
    decltype(present_since_) since;
    std::vector<core::CollectorLoad> loads;
    for (const auto& one : present) {
        const std::pair key{one.load.name, one.started_at};
        const auto known = present_since_.find(key);
        const auto first = since.emplace(key, known == present_since_.end() ? now : known->second).first;
        loads.push_back(one.load);
        loads.back().present_for = std::chrono::duration_cast<std::chrono::seconds>(now - first->second);
    }
    present_since_ = std::move(since);
    return core::next_handover(name_, loads, share_);
}

bool PostgresFieldStore::hand_over(const storage::ChannelLease& lease, const std::string& to) {
    const bool given = database_.transact(Scope::none(), "hand a channel over", [&](Transaction& tx) {
        return storage::hand_over_channel(tx, lease, name_, to, lease_);
    });
    if (given) {
        std::erase_if(leases_, [&](const auto& held) { return held.channel == lease.channel; });
    }
    return given;
}

storage::PolledSite PostgresFieldStore::load_site() {
    return database_.transact(Scope::none(), "load the site",
                              [&](Transaction& tx) { return storage::polled_site(tx, name_); });
}

void PostgresFieldStore::beat() {
    const bool partitions = clock_() - partitions_ensured_at_ > kPartitionsEvery;
    database_.transact(Scope::none(), "give a sign of life", [&](Transaction& tx) {
        storage::beat(tx, name_, version_, started_at_, channels_max_);
        if (partitions) {
            storage::ensure_reading_partitions(tx, kMonthsAhead);
        }
    });
    if (partitions) {
        partitions_ensured_at_ = clock_();
    }
}

std::vector<storage::Fence> PostgresFieldStore::fences() const {
    std::vector<storage::Fence> fences;
    fences.reserve(leases_.size());
    for (const auto& lease : leases_) {
        fences.push_back({lease.property, lease.channel, name_, lease.epoch});
    }
    return fences;
}

std::int64_t PostgresFieldStore::epoch_of(core::ChannelId channel) const {
    const auto found = std::find_if(leases_.begin(), leases_.end(),
                                    [&](const auto& lease) { return lease.channel == channel; });
    return found == leases_.end() ? 0 : found->epoch;
}

template <class Work>
storage::Fence PostgresFieldStore::fence(const Work& work) const {
    return {work.property, work.channel, name_, work.epoch};
}

std::vector<CommandWork> PostgresFieldStore::claim_commands() {
    const auto proof = fences();
    if (proof.empty()) {
        return {};
    }
    std::vector<CommandWork> claimed;
    for (auto& command : database_.transact(Scope::none(), "claim commands", [&](Transaction& tx) {
             return storage::claim_commands(tx, proof, clock_(), claim_max_);
         })) {
        CommandWork work;
        work.property = command.property;
        work.id = command.id;
        work.meter = command.meter;
        work.channel = command.channel;
        work.bus_address = command.bus_address;
        work.kind = command.kind;
        work.arguments = std::move(command.arguments);
        work.expires_at = command.expires_at;
        work.sent = command.sent_at.has_value();
        work.epoch = epoch_of(command.channel);
        claimed.push_back(std::move(work));
    }
    return claimed;
}

std::vector<DeliveryWork> PostgresFieldStore::claim_deliveries() {
    const auto proof = fences();
    if (proof.empty()) {
        return {};
    }
    std::vector<DeliveryWork> claimed;
    for (auto& delivery : database_.transact(Scope::none(), "claim deliveries", [&](Transaction& tx) {
             return storage::claim_deliveries(tx, proof, clock_(), claim_max_);
         })) {
        DeliveryWork work;
        work.property = delivery.property;
        work.id = delivery.id;
        work.meter = delivery.meter;
        work.channel = delivery.channel;
        work.bus_address = delivery.bus_address;
        work.delivery = std::move(delivery.delivery);
        work.settings = std::move(delivery.settings);
        work.epoch = epoch_of(delivery.channel);
        claimed.push_back(std::move(work));
    }
    return claimed;
}

void PostgresFieldStore::expire_commands() {
    database_.transact(Scope::none(), "expire commands",
                       [&](Transaction& tx) { storage::expire_commands(tx, clock_(), claim_max_); });
}

int PostgresFieldStore::put_back_forgotten(const WorkInHand& in_hand) {
    const auto proof = fences();
    if (proof.empty()) {
        return 0;
    }
    return database_.transact(Scope::none(), "put back what was forgotten", [&](Transaction& tx) {
        return storage::put_back_forgotten_commands(tx, proof, in_hand.commands) +
               storage::put_back_forgotten_deliveries(tx, proof, in_hand.deliveries);
    });
}

std::vector<storage::RecordingOrder> PostgresFieldStore::claim_recordings(int most) {
    return database_.transact(Scope::none(), "claim recordings",
                              [&](Transaction& tx) { return storage::claim_recordings(tx, name_, most); });
}

void PostgresFieldStore::finish_recording(const storage::RecordingOrder& order, const std::string& text,
                                          const std::string& note, bool failed) {
    const bool ours = database_.transact(Scope::none(), "finish a recording", [&](Transaction& tx) {
        return storage::finish_recording(tx, name_, order, text, note, failed);
    });
    if (!ours) {
        spdlog::warn("event=recording_not_wanted recording={}", order.id);
    }
}

CommandGate::Answer PostgresFieldStore::may_send(const CommandWork& work) {
    const auto wanted = database_.transact(
        Scope::none(), "ask whether a command is still wanted",
        [&](Transaction& tx) { return storage::is_still_wanted(tx, fence(work), work.id, clock_()); });
    switch (wanted) {
        case storage::StillWanted::yes:
            return CommandGate::Answer::yes;
        case storage::StillWanted::too_late:
            return CommandGate::Answer::too_late;
        default:
            return CommandGate::Answer::settled;
    }
}

bool PostgresFieldStore::finish_command(const CommandWork& work, const CommandOutcome& outcome) {
    database_.transact(Scope::none(), "finish a command", [&](Transaction& tx) {
        storage::finish_command(tx, fence(work), work.id, outcome.state, outcome.reason, outcome.result,
                                clock_(), {outcome.energy, outcome.price, outcome.doubt});
    });
    return true;
}

bool PostgresFieldStore::put_back_command(const CommandWork& work) {
    database_.transact(Scope::none(), "put a command back",
                       [&](Transaction& tx) { storage::put_back_command(tx, fence(work), work.id); });
    return true;
}

bool PostgresFieldStore::store_delivery(const DeliveryWork& work) {
    const std::string evidence = evidence_json(work.frames);
    database_.transact(Scope::none(), "store a step of a delivery", [&](Transaction& tx) {
        storage::store_step(tx, fence(work), work.id, work.delivery, clock_(), evidence);
    });
    return true;
}

bool PostgresFieldStore::finish_delivery(const DeliveryWork& work) {
    const std::string evidence = evidence_json(work.frames);
    database_.transact(Scope::none(), "finish a delivery", [&](Transaction& tx) {
        storage::finish_delivery(tx, fence(work), work.id, work.delivery, clock_(), evidence);
    });
    return true;
}

bool PostgresFieldStore::put_back_delivery(const DeliveryWork& work, core::Timestamp next_attempt_at) {
    database_.transact(Scope::none(), "put a delivery back", [&](Transaction& tx) {
        storage::put_back_delivery(tx, fence(work), work.id, next_attempt_at);
    });
    return true;
}

bool PostgresFieldStore::tell_alarm(core::PropertyId property, core::MeterId meter, const std::string& kind,
                                    bool live, const std::string& text) {
    return database_.transact(Scope::none(), "tell an alarm", [&](Transaction& tx) {
        const storage::AlarmSubject subject{property, meter, {}, {}};
        return live ? storage::raise_alarm(tx, subject, kind, text.substr(0, kAlarmTextMax), clock_())
                    : storage::clear_alarm(tx, subject, kind, clock_());
    });
}

storage::MeterReadings PostgresFieldStore::known_readings(core::PropertyId property, core::MeterId meter,
                                                          core::Timestamp from, core::Timestamp to,
                                                          std::chrono::seconds interval_default) {
    return database_.transact(Scope::none(), "look for missing readings", [&](Transaction& tx) {
        return storage::known_readings(tx, property, meter, from, to, interval_default);
    });
}

void PostgresFieldStore::put_states(const std::vector<storage::MeterStateRow>& rows) {
    database_.transact(Scope::none(), "store states",
                       [&](Transaction& tx) { storage::put_meter_states(tx, rows); });
}

void PostgresFieldStore::put_health(const std::vector<storage::ChannelHealth>& rows) {
    database_.transact(Scope::none(), "store channels' health", [&](Transaction& tx) {
        for (const auto& row : rows) {
            storage::put_channel_health(tx, row);
        }
    });
}

void PostgresFieldStore::put_events(const std::vector<storage::MeterEventsRow>& rows) {
    database_.transact(Scope::none(), "store meter events",
                       [&](Transaction& tx) { storage::put_meter_events(tx, rows); });
}

storage::ReadingsStored PostgresFieldStore::put_readings(const std::vector<storage::ReadingRow>& rows) {
    return readings_.put(rows);
}

}  // namespace wutong::collector
