#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/service/keeper.hpp"

/// Channels that go to another collector, so that each has its share: first the channel ends here, then the
/// other one gets the lease.
namespace wutong::collector {

namespace {

constexpr std::chrono::seconds kCompareEvery{2};

/// A serial port is this machine's, and a gateway that dials in has dialled this collector.
bool can_move(const storage::PolledChannel& channel) {
    return channel.transport != "serial" && channel.transport != "dial_in";
}

}  // namespace

bool Keeper::is_quiet(core::ChannelId channel) const {
    const auto waits_for = [&](const Work& work) {
        return std::visit([&](const auto& content) { return content.channel == channel; }, work.content);
    };
    return !env_.book.busy(channel) && std::none_of(postponed_.begin(), postponed_.end(), waits_for);
}

void Keeper::even_out() {
    finish_handovers();
    if (!handing_.empty() || channels_.empty() || std::chrono::steady_clock::now() < compare_due_) {
        return;
    }
    compare_due_ = std::chrono::steady_clock::now() + kCompareEvery;
    const auto wanted = store_.wanted_handover();
    if (!wanted) {
        return;
    }
    // The newest first: who has been here longest stays.
    const std::lock_guard lock{mutex_};
    for (auto it = channels_.rbegin();
         it != channels_.rend() && handing_.size() < static_cast<std::size_t>(wanted->channels);) {
        if (!can_move(it->second.settings) || !is_quiet(it->first)) {
            ++it;
            continue;
        }
        it->second.channel->stop();
        handing_.emplace(it->first, Handing{std::move(it->second), wanted->to});
        it = std::make_reverse_iterator(channels_.erase(std::next(it).base()));
    }
}

void Keeper::finish_handovers() {
    for (auto it = handing_.begin(); it != handing_.end();) {
        const auto& ending = it->second.kept.channel;
        // Nobody holds it any more: another channel of the same name would share its metrics, and lose them.
        if (ending->done().wait_for(std::chrono::seconds{0}) != std::future_status::ready ||
            ending.use_count() > 1) {
            ++it;
            continue;
        }
        Handing handing = std::move(it->second);
        it = handing_.erase(it);
        handing.kept.channel.reset();
        bool given = false;
        try {
            const auto& settings = handing.kept.settings;
            given = store_.hand_over({settings.property, settings.id, settings.epoch}, handing.to);
        } catch (...) {
            // It may be ours still: somebody has to read its meters.
            begin_channel(std::move(handing.kept.settings), std::move(handing.kept.meters));
            throw;
        }
        if (!given) {
            site_due_ = SteadyTime{};  // begins again, if it is ours
            continue;
        }
        env_.metrics.handed_over();
        spdlog::info("channel={} event=handed_over to={}", handing.kept.settings.code, handing.to);
        // Claimed while the channel ended: its next holder finds it in the database.
        std::erase_if(postponed_, [&](const Work& work) {
            return std::visit(
                [&](const auto& content) { return content.channel == handing.kept.settings.id; },
                work.content);
        });
    }
}

}  // namespace wutong::collector
