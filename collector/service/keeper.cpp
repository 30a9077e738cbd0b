#include "collector/service/keeper.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/database/failures.hpp"
#include "storage/errors.hpp"

namespace wutong::collector {

namespace {
constexpr std::chrono::seconds kBeatEvery{5};
/// The lock of a killed process takes a moment to go; after a broken connection our own lingers.
constexpr std::chrono::seconds kNameTakenAtStart{3};
constexpr std::chrono::seconds kNameTakenLater{60};
constexpr std::chrono::milliseconds kRetryAfter{500};
constexpr std::chrono::seconds kLookEvery{1};  ///< for collectors that died

SteadyTime steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

Keeper::Keeper(const Configuration& configuration, FieldStore& store, const ProfileLibrary& profiles,
               boost::asio::io_context& context, ChannelEnvironment& environment)
    : configuration_{configuration},
      store_{store},
      profiles_{profiles},
      secrets_{load_meter_secrets(configuration.meters.secrets)},
      context_{context},
      env_{environment} {}

Keeper::~Keeper() {
    stop(std::chrono::milliseconds{0});
}

void Keeper::start(std::function<void(const std::string&)> give_up) {
    give_up_ = std::move(give_up);
    thread_ = std::thread{[this] { run(); }};
}

void Keeper::run() {
    while (!stopping_) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        try {
            round();
            if (std::exchange(away_, false)) {
                spdlog::info("event=database_back");
            }
        } catch (const NameTaken& taken) {
            const auto now = steady_now();
            if (name_taken_since_ == SteadyTime{}) {
                name_taken_since_ = now;
            }
            if (now - name_taken_since_ > (first_ ? kNameTakenAtStart : kNameTakenLater)) {
                give_up_(taken.what());
                return;
            }
            std::this_thread::sleep_for(kRetryAfter);
        } catch (const storage::CommitUnknown& unknown) {
            // Leases or work may be ours without our knowing: new epochs bring everything back to light.
            first_ = true;
            failed(unknown);
        } catch (const std::exception& error) {
            failed(error);
        }
    }
}

void Keeper::failed(const std::exception& error) {
    env_.metrics.database(false);
    if (!std::exchange(away_, true)) {
        spdlog::warn("event=database_away while=\"looking for work\" reason=\"{}\"", error.what());
    } else {
        spdlog::debug("event=database_away reason=\"{}\"", error.what());
    }
    for (int i = 0; i < 5 && !stopping_; ++i) {
        std::this_thread::sleep_for(kRetryAfter / 5);
    }
}

void Keeper::round() {
    if (steady_now() >= lease_due_) {
        keep_leases();
    }
    if (steady_now() >= site_due_) {
        take_over(store_.load_site());
        site_due_ = steady_now() + configuration_.polling.reload;
    }
    if (steady_now() >= beat_due_) {
        store_.beat();
        store_.expire_commands();
        env_.metrics.database_waiting(env_.database.waiting());
        beat_due_ = steady_now() + kBeatEvery;
    }
    if (steady_now() >= forgotten_due_) {
        put_back_forgotten();
    }
    keep_recordings();
    pay_owed();
    hand_out();
    even_out();
    env_.metrics.database(true);
    if (!stopping_) {
        store_.wait_for_work(configuration_.work.sweep);
    }
}

void Keeper::put_back_forgotten() {
    WorkInHand in_hand = env_.book.in_hand();
    for (const auto& work : postponed_) {
        if (const auto* command = std::get_if<CommandWork>(&work.content)) {
            in_hand.commands.push_back(command->id);
        } else {
            in_hand.deliveries.push_back(std::get<DeliveryWork>(work.content).id);
        }
    }
    const int rows = store_.put_back_forgotten(in_hand);
    forgotten_due_ = steady_now() + kBeatEvery;
    if (rows > 0) {
        spdlog::info("event=put_back_forgotten rows={}", rows);
    }
}

void Keeper::keep_leases() {
    const auto leases = store_.keep_leases(first_);
    name_taken_since_ = SteadyTime{};
    first_ = false;
    lease_due_ = steady_now() + std::min(configuration_.lease.duration / 3, kLookEvery);
    env_.metrics.leases(leases.size());
    const bool changed =
        leases.size() != channels_.size() ||
        std::any_of(leases.begin(), leases.end(), [this](const storage::ChannelLease& lease) {
            const auto found = channels_.find(lease.channel);
            return found == channels_.end() || found->second.settings.epoch != lease.epoch;
        });
    if (changed) {
        site_due_ = SteadyTime{};
    }
}

void Keeper::pay_owed() {
    auto owed = env_.book.take_owed();
    const auto now = steady_now();
    std::erase_if(rejected_, [&](Rejected& each) {
        if (each.due > now) {
            return false;
        }
        owed.push_back(std::move(each.owed));
        return true;
    });
    for (auto it = owed.begin(); it != owed.end(); ++it) {
        try {
            store_.finish_command(it->work, it->outcome);
            env_.book.end(it->work);
            if (it->rejections > 0) {
                tell_alarm(it->work, false, {});
            }
        } catch (const storage::LeaseLost&) {
            env_.book.end(it->work);
        } catch (const std::exception& error) {
            if (passes_by_itself(error)) {
                std::for_each(it, owed.end(), [this](auto& entry) { env_.book.owe(std::move(entry)); });
                throw;
            }
            keep_rejected(std::move(*it), error);
        }
    }
}

void Keeper::keep_rejected(Owed owed, const std::exception& error) {
    spdlog::critical("command={} event=rejected reason=\"{}\"", owed.work.id.value, error.what());
    const int doublings = std::min(owed.rejections++, 16);
    const auto wait = std::min<std::chrono::seconds>(configuration_.work.retry_max,
                                                     configuration_.work.retry_first * (1LL << doublings));
    const auto& work = rejected_.emplace_back(Rejected{std::move(owed), steady_now() + wait}).owed.work;
    tell_alarm(work, true,
               fmt::format("command {} ({}): the database will not have its result: {}", work.id.value,
                           core::to_string(work.kind), error.what()));
}

void Keeper::tell_alarm(const CommandWork& work, bool live, const std::string& text) {
    try {
        store_.tell_alarm(work.property, work.meter, kNotStored, live, text);
    } catch (const std::exception& error) {
        spdlog::error("command={} event=alarm_not_told kind={} reason=\"{}\"", work.id.value, kNotStored,
                      error.what());
    }
}

/// A command for a meter that this collector has no profile for would come back with every sweep.
void Keeper::refuse_unreadable() {
    std::erase_if(postponed_, [this](const Work& each) {
        const auto* command = std::get_if<CommandWork>(&each.content);
        const auto found = command == nullptr ? no_profile_.end() : no_profile_.find(command->meter);
        if (found == no_profile_.end() || !env_.book.begin(*command)) {
            return false;
        }
        CommandOutcome outcome;
        outcome.reason =
            fmt::format("the collector {} has no usable profile {}, so it can't talk to this meter",
                        configuration_.name, found->second);
        env_.metrics.command(core::to_string(command->kind), core::to_string(outcome.state));
        env_.book.owe({*command, std::move(outcome)});
        return true;
    });
}

void Keeper::hand_out() {
    // Kept at once: what is claimed is not handed out to us again, so an exception in the next call must not
    // lose it.
    for (auto& command : store_.claim_commands()) {
        postponed_.push_back({std::move(command)});
    }
    for (auto& delivery : store_.claim_deliveries()) {
        postponed_.push_back({std::move(delivery)});
    }
    refuse_unreadable();
    std::vector<Work> work = std::exchange(postponed_, {});
    for (auto& each : work) {
        const auto channel = std::visit([](const auto& content) { return content.channel; }, each.content);
        const auto found = channels_.find(channel);
        // A row can come back under a newer epoch while the older claim is still in hand, about to be fenced.
        const bool free =
            found != channels_.end() &&
            std::visit([this](const auto& content) { return env_.book.begin(content); }, each.content);
        if (free) {
            found->second.channel->submit(std::move(each));
        } else {
            postponed_.push_back(std::move(each));
        }
    }
    // What belongs to a channel that is not ours any more is handed out by its next holder.
    std::erase_if(postponed_, [this](const Work& each) {
        const auto [channel, epoch] = std::visit(
            [](const auto& content) {
                return std::pair{content.channel, content.epoch};
            },
            each.content);
        const auto found = channels_.find(channel);
        return found != channels_.end() && found->second.settings.epoch > epoch;
    });
}

void Keeper::stop(std::chrono::milliseconds within) {
    if (stopping_.exchange(true)) {
        return;
    }
    const auto deadline = steady_now() + within;
    for (const auto& channel : channels()) {
        channel->stop();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    auto all = channels();
    all.insert(all.end(), ending_.begin(), ending_.end());
    for (const auto& [id, handing] : handing_) {
        all.push_back(handing.kept.channel);
    }
    for (const auto& channel : all) {
        channel->stop();
    }
    for (const auto& channel : all) {
        if (channel->done().wait_until(deadline) != std::future_status::ready) {
            channel->abort();
        }
    }
    for (const auto& channel : all) {
        if (channel->done().wait_for(std::chrono::milliseconds{500}) != std::future_status::ready) {
            spdlog::warn("event=channel_does_not_end channel={}", channel->id().value);
        }
    }
    if (away_) {
        return;  // the leases run out by themselves
    }
    try {
        store_.release_leases();
    } catch (const std::exception& error) {
        spdlog::warn("event=leases_not_released reason=\"{}\"", error.what());
    }
}

std::vector<std::shared_ptr<Channel>> Keeper::channels() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<Channel>> all;
    for (const auto& [id, kept] : channels_) {
        all.push_back(kept.channel);
    }
    return all;
}

}  // namespace wutong::collector
