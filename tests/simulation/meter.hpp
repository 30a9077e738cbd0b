#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/protocols/acrel_frames.hpp"
#include "core/credit_delivery.hpp"

namespace wutong::simulation {

/// How a frame that changed a meter came to it.
enum class Arrival {
    in_time,  ///< from the collector that held the channel, while it waited for the answer
    late,     ///< held up on the way
    stale,    ///< from a collector that was frozen and had lost the channel before it sent
    foreign,  ///< somebody else's
};
[[nodiscard]] const char* to_string(Arrival arrival);

struct FrameTag {
    std::int64_t delivery = 0;  ///< 0: foreign
    core::DeliveryKind kind = core::DeliveryKind::top_up;
    Arrival arrival = Arrival::in_time;
};

/// What a write did to the money on a meter. Ten-millionths of the currency unit.
struct AppliedWrite {
    FrameTag tag;
    std::int64_t before_e7 = 0;
    std::int64_t after_e7 = 0;
    std::int64_t wiped_e7 = 0;  ///< an opening: what was on the meter and was not the tenant's
    std::int64_t energy_wh = 0;
    std::uint32_t number_before = 0;
    std::uint32_t number = 0;

    /// What it added to the tenant's money.
    [[nodiscard]] std::int64_t jump_e7() const { return after_e7 - before_e7 + wiped_e7; }
};

inline constexpr std::int64_t kCentE7 = 100'000;

/// A prepaid meter: exact inside, registers that show less. It keeps the truth that the invariants are
/// checked against, and shares no decision with the code under test. A watt-hour at a price in
/// ten-thousandths per kilowatt-hour costs exactly `price` ten-millionths, so nothing is ever rounded away.
class SimMeter {
public:
    SimMeter(core::CreditKind kind, std::uint8_t address, std::string serial, std::int64_t energy_wh);

    /// Uses energy as far as the credit goes (the relay opens at zero).
    void use(std::int64_t watt_hours);
    /// The Acrel registers and commands; an exception for what this model does not know.
    protocols::Bytes answer(protocols::ByteView pdu, const FrameTag& tag);
    /// The other kinds take what core::Write says, without a wire. @return false: it refuses the number
    bool take(const core::CreditWrite& write, const FrameTag& tag);
    [[nodiscard]] core::CreditLook look(core::Timestamp at) const;
    /// Somebody with the set-up tool.
    void overwrite(std::int64_t cents, std::uint32_t number);

    [[nodiscard]] bool counts() const { return kind_ != core::CreditKind::uncounted; }
    [[nodiscard]] core::CreditKind kind() const { return kind_; }
    [[nodiscard]] std::uint8_t address() const { return address_; }
    [[nodiscard]] const std::string& serial() const { return serial_; }
    [[nodiscard]] std::int64_t balance_e7() const { return balance_e7_; }
    [[nodiscard]] std::int64_t cost_e7() const { return cost_e7_; }
    [[nodiscard]] std::int64_t energy_wh() const { return energy_wh_; }
    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] std::int64_t cents() const;
    [[nodiscard]] bool prepaid() const { return prepaid_; }
    [[nodiscard]] const std::vector<AppliedWrite>& writes() const { return writes_; }
    /// A frame that nobody waited for has reached it: figures may be off until a person has looked.
    [[nodiscard]] bool touched() const { return touched_; }
    /// Nothing answers before then (supply failed).
    core::Timestamp dark_until{};

private:
    [[nodiscard]] std::uint16_t word(std::uint16_t address) const;
    void apply(const protocols::MoneyCommand& command, const FrameTag& tag);
    void note(const FrameTag& tag, std::int64_t before_e7, std::uint32_t number_before);

    core::CreditKind kind_;
    std::uint8_t address_;
    std::string serial_;
    std::int64_t energy_wh_;
    std::int64_t balance_e7_ = 0;
    std::int64_t cost_e7_ = 0;
    std::uint32_t number_ = 0;
    std::uint32_t price_e4_ = 0;
    std::uint32_t alarm_1_ = 0, alarm_2_ = 0, overdraft_ = 0;
    std::uint16_t overload_w_ = 0;
    bool prepaid_ = false, forced_ = false, forced_open_ = false;
    bool touched_ = false;
    std::vector<AppliedWrite> writes_;
};

}  // namespace wutong::simulation
