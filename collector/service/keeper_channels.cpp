#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/service/keeper.hpp"

/// Channels as the database has them: begun, changed and ended.
namespace wutong::collector {

namespace {

/// What a change of which means nothing to polling.
std::vector<storage::PolledMeter> without_state(std::vector<storage::PolledMeter> meters) {
    for (auto& meter : meters) {
        meter.answered_at.reset();
        meter.lost = false;
        meter.register_known.reset();
        meter.jumped_to.reset();
    }
    return meters;
}

}  // namespace

void Keeper::take_over(storage::PolledSite site) {
    std::map<core::ChannelId, std::vector<storage::PolledMeter>> meters;
    for (auto& meter : site.meters) {
        meters[meter.channel].push_back(std::move(meter));
    }
    std::set<core::ChannelId> named;
    const auto ended = std::erase_if(ending_, [](const auto& channel) {
        return channel->done().wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    });
    if (ended > 0) {
        // What they had waiting is claimed by us and in nobody's hands.
        forgotten_due_ = SteadyTime{};
    }
    no_profile_.clear();
    for (auto& settings : site.channels) {
        named.insert(settings.id);
        auto& polled = meters[settings.id];
        for (const auto& meter : polled) {
            if (!profiles_.profiles.contains(meter.profile)) {
                no_profile_[meter.id] = meter.profile;
            }
        }
        const auto found = channels_.find(settings.id);
        if (handing_.contains(settings.id)) {
            continue;
        }
        if (found == channels_.end()) {
            const bool still_ending = std::any_of(ending_.begin(), ending_.end(), [&](const auto& channel) {
                return channel->id() == settings.id;
            });
            if (still_ending) {
                site_due_ = SteadyTime{};
                continue;
            }
            begin_channel(settings, polled);
            continue;
        }
        Kept& kept = found->second;
        auto plain = without_state(polled);
        if (kept.settings != settings || kept.meters != plain) {
            spdlog::info("channel={} event=configured meters={}", settings.code, polled.size());
            kept.channel->configure(settings, resolve(polled));
            kept.settings = settings;
            kept.meters = std::move(plain);
        }
    }
    const std::lock_guard lock{mutex_};
    std::erase_if(channels_, [&](const auto& entry) {
        if (named.contains(entry.first)) {
            return false;
        }
        entry.second.channel->stop();
        ending_.push_back(entry.second.channel);
        return true;
    });
}

void Keeper::begin_channel(storage::PolledChannel settings, std::vector<storage::PolledMeter> meters) {
    Kept kept;
    kept.channel = std::make_shared<Channel>(context_, env_, settings);
    kept.channel->configure(settings, resolve(meters));
    kept.channel->start();
    kept.settings = std::move(settings);
    kept.meters = without_state(std::move(meters));
    const std::lock_guard lock{mutex_};
    channels_.emplace(kept.settings.id, std::move(kept));
}

std::vector<ChannelMeter> Keeper::resolve(const std::vector<storage::PolledMeter>& meters) {
    std::vector<ChannelMeter> resolved;
    for (const auto& polled : meters) {
        const auto profile = profiles_.profiles.find(polled.profile);
        if (profile == profiles_.profiles.end()) {
            if (complaints_.insert(polled.code + '\n' + polled.profile).second) {
                spdlog::error("meter={} event=not_polled reason=\"profile {} is not in {}\"", polled.code,
                              polled.profile, configuration_.profiles.directory.string());
            }
            continue;
        }
        ChannelMeter meter;
        meter.meter.property = polled.property;
        meter.meter.channel = polled.channel;
        meter.meter.id = polled.id;
        meter.meter.code = polled.code;
        meter.meter.serial_number = polled.serial_number;
        meter.meter.bus_address = static_cast<std::uint8_t>(polled.bus_address);
        meter.meter.station_address = polled.station_address;
        meter.meter.prepaid = polled.prepaid;
        meter.meter.profile = profile->second;
        secrets_.give_to(meter.meter);
        meter.meter.price = polled.price.value_or(core::Price{});
        meter.meter.utc_offset = polled.utc_offset;
        meter.intervals.state = polled.state_interval.value_or(configuration_.polling.state_interval);
        meter.intervals.reading = polled.reading_interval.value_or(configuration_.polling.reading_interval);
        meter.lost_after = polled.lost_after.value_or(configuration_.polling.lost_after);
        meter.unbalance = polled.unbalance;
        meter.answered_at = polled.answered_at;
        meter.lost = polled.lost;
        meter.register_known = polled.register_known;
        meter.jumped_to = polled.jumped_to;
        meter.register_decided_at = polled.register_decided_at;
        resolved.push_back(std::move(meter));
    }
    return resolved;
}

}  // namespace wutong::collector
