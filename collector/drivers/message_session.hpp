#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "collector/drivers/meter_bus.hpp"
#include "core/meter_profile.hpp"
#include "core/plausibility.hpp"
#include "core/time.hpp"

namespace wutong::collector {

/// What has been heard of a meter that sends by itself: its values come in several messages, and are one look
/// only together.
class MessageSession final : public MeterSession {
public:
    struct Known {
        std::int64_t value = 0;
        core::Timestamp at;
    };
    std::map<core::Quantity, Known> known;
    std::uint64_t heard = 0;        ///< messages with values, not kept by the broker
    std::uint64_t relay_heard = 0;  ///< those of them that told the relay's state
    std::optional<std::uint64_t> relay_heard_before_order;
    std::optional<core::Timestamp> told_at;  ///< of the newest message that told its time
    core::Values told;                       ///< and what it said
    std::optional<std::int64_t> reading_slot, late_slot;
    std::optional<bool> online;
    // The register, as it was judged last.
    bool register_unusable = false;
    std::optional<core::DoubtedRegister> doubt;

    void learn(const core::Values& values, core::Timestamp at);
    /// What is still true at that moment; the relay moves by orders, and stays. Registers only if they are of
    /// that very moment, or hardly older.
    [[nodiscard]] core::Values values(core::Timestamp at, std::chrono::seconds registers_for) const;
};

/// @param kept MeterBus::session()
[[nodiscard]] MessageSession& message_session(std::shared_ptr<MeterSession>& kept);
[[nodiscard]] bool is_register(core::Quantity quantity);

}  // namespace wutong::collector
