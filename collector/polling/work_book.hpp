#pragma once

#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "collector/commands/field_work.hpp"

namespace wutong::collector {

/// Which claimed work is in our hands, so that a sweep does not hand it out twice, and which results the
/// database does not know yet. Safe from any thread.
class WorkBook {
public:
    /// @return false when it is in hand already
    bool begin(const CommandWork& work);
    bool begin(const DeliveryWork& work);
    void end(const CommandWork& work);
    void end(const DeliveryWork& work);

    /// A result that could not be written down. It stays in hand until it is.
    void owe(CommandWork work, CommandOutcome outcome);
    [[nodiscard]] std::vector<std::pair<CommandWork, CommandOutcome>> take_owed();

private:
    using Key = std::pair<std::int64_t, std::int64_t>;  ///< property, id
    std::mutex mutex_;
    std::set<Key> commands_;
    std::set<Key> deliveries_;
    std::vector<std::pair<CommandWork, CommandOutcome>> owed_;
};

}  // namespace wutong::collector
