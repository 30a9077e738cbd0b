#include "collector/polling/work_book.hpp"

namespace wutong::collector {

bool WorkBook::begin(const CommandWork& work) {
    const std::lock_guard lock{mutex_};
    return commands_.emplace(work.property.value, work.id.value).second;
}

bool WorkBook::begin(const DeliveryWork& work) {
    const std::lock_guard lock{mutex_};
    return deliveries_.emplace(work.property.value, work.id.value).second;
}

void WorkBook::end(const CommandWork& work) {
    const std::lock_guard lock{mutex_};
    commands_.erase({work.property.value, work.id.value});
}

void WorkBook::end(const DeliveryWork& work) {
    const std::lock_guard lock{mutex_};
    deliveries_.erase({work.property.value, work.id.value});
}

void WorkBook::owe(CommandWork work, CommandOutcome outcome) {
    const std::lock_guard lock{mutex_};
    owed_.emplace_back(std::move(work), std::move(outcome));
}

std::vector<std::pair<CommandWork, CommandOutcome>> WorkBook::take_owed() {
    const std::lock_guard lock{mutex_};
    return std::exchange(owed_, {});
}

}  // namespace wutong::collector
