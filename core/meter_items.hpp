#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/meter_profile.hpp"

/// Data items by identifier: what meters of DL/T 645 are asked for.
namespace wutong::core {

/// Bytes that one answer may bring.
inline constexpr int kItemBytesMax = 200;

/// The data items of the groups, each a block, in the order of the file. Groups stand in for each other as in
/// plan_reads. The pointers are into the profile.
[[nodiscard]] std::vector<const Block*> plan_items(const MeterProfile& profile,
                                                   const std::vector<Block::Group>& groups);

/// Bytes that a field of a data item takes.
[[nodiscard]] int byte_count(const Field& field);

/// Puts together what the items of one look say.
class ItemDecoder {
public:
    /// What the answer is too short for, or what is no digits (FFh: "not available"), is left out.
    /// @param data in the order of the wire, without the identifier
    void add(const Block& item, const std::vector<std::uint8_t>& data);

    /// A clock is told in two items. It is left out when one of them is missing, and in the first minute of a
    /// day, since the date may then still be that of the day before.
    [[nodiscard]] Values values() const;

private:
    Values values_;
    std::optional<std::int64_t> midnight_;
    std::optional<std::int64_t> since_midnight_;
};

/// The raw digits of one field, before its scale; for people. Nothing where values() would have nothing.
[[nodiscard]] std::optional<std::int64_t> raw_of(const Field& field, const std::vector<std::uint8_t>& data);

}  // namespace wutong::core
