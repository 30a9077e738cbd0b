#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "core/command.hpp"

namespace wutong::collector {

/// A command or a delivery that waits for its channel.
struct Work {
    std::variant<CommandWork, DeliveryWork> content;

    [[nodiscard]] core::MeterId meter() const {
        return std::visit([](const auto& work) { return work.meter; }, content);
    }
    /// The meter's when it was claimed; 0: not told.
    [[nodiscard]] int bus_address() const {
        return std::visit([](const auto& work) { return work.bus_address; }, content);
    }
    [[nodiscard]] core::Lane lane() const {
        const auto* command = std::get_if<CommandWork>(&content);
        return command != nullptr ? core::lane_of(command->kind) : core::Lane::credit;
    }
};

/// The work of one channel: most urgent lane first, oldest first within a lane.
class WorkQueue {
public:
    void push(Work work) { waiting_.push_back(std::move(work)); }
    /// The next one that is more urgent than `than` (any, when not given) and not for a busy meter.
    [[nodiscard]] std::optional<Work> take(std::optional<core::Lane> than,
                                           const std::set<core::MeterId>& busy);
    /// Commands whose time is over; they are taken out.
    [[nodiscard]] std::vector<CommandWork> take_expired(core::Timestamp now);
    [[nodiscard]] std::optional<core::Timestamp> next_expiry() const;
    /// Everything, for a channel that ends.
    [[nodiscard]] std::deque<Work> take_all() { return std::move(waiting_); }
    [[nodiscard]] std::size_t size(core::Lane lane) const;
    [[nodiscard]] bool empty() const { return waiting_.empty(); }

private:
    std::deque<Work> waiting_;
};

}  // namespace wutong::collector
