#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "collector/field_store.hpp"

namespace wutong::collector {

/// How a command ended, while the database does not know it yet.
struct Owed {
    CommandWork work;
    CommandOutcome outcome;
    int rejections = 0;  ///< times that the database was there and would not have it
};

/// Which claimed work is in our hands, so that a sweep does not hand it out twice, and which results the
/// database does not know yet. Safe from any thread.
class WorkBook {
public:
    /// @return false when it is in hand already
    bool begin(const CommandWork& work);
    bool begin(const DeliveryWork& work);
    void end(const CommandWork& work);
    void end(const DeliveryWork& work);

    [[nodiscard]] WorkInHand in_hand() const;
    /// Something of this channel is in hand.
    [[nodiscard]] bool busy(core::ChannelId channel) const;

    /// A result that could not be written down. It stays in hand until it is.
    void owe(Owed owed);
    [[nodiscard]] std::vector<Owed> take_owed();

private:
    using Key = std::pair<std::int64_t, std::int64_t>;  ///< property, id
    mutable std::mutex mutex_;
    std::map<Key, core::ChannelId> commands_;
    std::map<Key, core::ChannelId> deliveries_;
    std::vector<Owed> owed_;
};

}  // namespace wutong::collector
