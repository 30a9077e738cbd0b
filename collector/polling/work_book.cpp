#include "collector/polling/work_book.hpp"

#include <algorithm>

namespace wutong::collector {

bool WorkBook::begin(const CommandWork& work) {
    const std::lock_guard lock{mutex_};
    return commands_.emplace(Key{work.property.value, work.id.value}, work.channel).second;
}

bool WorkBook::begin(const DeliveryWork& work) {
    const std::lock_guard lock{mutex_};
    return deliveries_.emplace(Key{work.property.value, work.id.value}, work.channel).second;
}

void WorkBook::end(const CommandWork& work) {
    const std::lock_guard lock{mutex_};
    commands_.erase({work.property.value, work.id.value});
}

void WorkBook::end(const DeliveryWork& work) {
    const std::lock_guard lock{mutex_};
    deliveries_.erase({work.property.value, work.id.value});
}

WorkInHand WorkBook::in_hand() const {
    const std::lock_guard lock{mutex_};
    WorkInHand all;
    for (const auto& [key, channel] : commands_) {
        all.commands.push_back(core::CommandId{key.second});
    }
    for (const auto& [key, channel] : deliveries_) {
        all.deliveries.push_back(core::DeliveryId{key.second});
    }
    return all;
}

bool WorkBook::busy(core::ChannelId channel) const {
    const std::lock_guard lock{mutex_};
    const auto is_of_it = [&](const auto& each) { return each.second == channel; };
    return std::any_of(commands_.begin(), commands_.end(), is_of_it) ||
           std::any_of(deliveries_.begin(), deliveries_.end(), is_of_it);
}

void WorkBook::owe(Owed owed) {
    const std::lock_guard lock{mutex_};
    owed_.push_back(std::move(owed));
}

std::vector<Owed> WorkBook::take_owed() {
    const std::lock_guard lock{mutex_};
    return std::exchange(owed_, {});
}

}  // namespace wutong::collector
