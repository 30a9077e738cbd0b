#pragma once

#include <compare>
#include <cstdint>

namespace wutong::core {

/// A database key that can't be mistaken for another one. 0 means "none".
template <class Tag>
struct Id {
    std::int64_t value = 0;
    [[nodiscard]] explicit operator bool() const { return value != 0; }
    friend constexpr auto operator<=>(Id, Id) = default;
};

using PropertyId = Id<struct PropertyTag>;
using BuildingId = Id<struct BuildingTag>;
using FloorId = Id<struct FloorTag>;
using UnitId = Id<struct UnitTag>;
using GatewayId = Id<struct GatewayTag>;
using ChannelId = Id<struct ChannelTag>;
using MeterId = Id<struct MeterTag>;
using CustomerId = Id<struct CustomerTag>;
using AccountId = Id<struct AccountTag>;
using SaleId = Id<struct SaleTag>;
using DeliveryId = Id<struct DeliveryTag>;
using CommandId = Id<struct CommandTag>;
using EntryId = Id<struct EntryTag>;
using OperatorId = Id<struct OperatorTag>;
using AlarmId = Id<struct AlarmTag>;
using VendingPointId = Id<struct VendingPointTag>;
using ShiftId = Id<struct ShiftTag>;

}  // namespace wutong::core
