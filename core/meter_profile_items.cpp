#include "core/meter_items.hpp"
#include "core/meter_profile_fields.hpp"
#include "core/names.hpp"

/// The part of the profile parser that reads data items.
namespace wutong::core::detail {

namespace {

constexpr std::size_t kItemFieldsMax = 256;
constexpr int kDigitsMax = 16;
constexpr std::size_t kExpectedMax = 8;

constexpr auto kOrders = std::to_array<Name<bool>>({{false, "low_first"}, {true, "high_first"}});

constexpr auto kItemTypes = std::to_array<Name<RegisterType>>({
    {RegisterType::bcd, "bcd"},
    {RegisterType::bcd_signed, "bcd_signed"},
    {RegisterType::bit, "bit"},
    {RegisterType::date, "date"},
    {RegisterType::time, "time"},
    {RegisterType::date_time, "date_time"},
    {RegisterType::valve, "valve"},
});

std::int64_t id_max(MeterProtocol protocol) {
    return protocol == MeterProtocol::dlt645_2007 ? 0xFFFF'FFFF : 0xFFFF;
}

bool is_number(RegisterType type) {
    return type == RegisterType::bcd || type == RegisterType::bcd_signed;
}

bool has_bits(RegisterType type) {
    return type == RegisterType::bit || type == RegisterType::valve;
}

/// @return false when the field can't be used
bool read_digits(const ProfileTable& table, Field& field, ProfileFaults& faults) {
    if (!is_number(field.type)) {
        if (table.find("digits", false) != nullptr) {
            faults.add(table.line(), "digits belong to the types \"bcd\" and \"bcd_signed\" only");
            return false;
        }
        return true;
    }
    if (!table.integer("digits", true, 2, kDigitsMax, field.digits)) {
        return false;
    }
    if (field.digits % 2 != 0) {
        faults.add(table.line(), "digits must be an even number: a byte holds two");
        return false;
    }
    return true;
}

void check_kind(const ProfileTable& table, const Field& field, bool has_bit, ProfileFaults& faults) {
    const bool is_bit = has_bits(field.type);
    if (field.type == RegisterType::valve && (field.bit > 6 || field.invert)) {
        faults.add(table.line(), "a valve is two bits, so bit is 0 to 6, and can't be inverted");
    }
    if (!is_bit && (has_bit || field.invert)) {
        faults.add(table.line(), "bit and invert belong to type \"bit\" only");
    }
    if (!is_number(field.type) && (field.scale_num != 1 || field.scale_den != 1)) {
        faults.add(table.line(), "only decimal digits have a scale");
    }
    const bool is_clock = field.type == RegisterType::date || field.type == RegisterType::time ||
                          field.type == RegisterType::date_time;
    if (is_clock != (field.quantity == Quantity::clock)) {
        faults.add(
            table.line(),
            "a clock is told by one field of type \"date\" and one of type \"time\", or by one of type "
            "\"date_time\"");
    }
}

void read_item_field(const toml::node& node, Block& block, ProfileLines::BlockLines& lines,
                     ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each field must be a table: { quantity = ..., offset = ..., type = ... }");
        return;
    }
    const ProfileTable table{*node.as_table(), "field", faults};
    table.refuse_unknown(
        {"quantity", "offset", "type", "digits", "scale", "bit", "invert", "confirmed", "note"});
    Field field;
    bool usable = read_quantity(table, field);
    const bool typed = table.word(
        "type", true, [&field](const std::string& text) { field.type = value_of(kItemTypes, text, "type"); });
    usable = table.integer("offset", true, 0, kItemBytesMax - 1, field.address) && usable && typed;
    if (typed) {
        usable = read_digits(table, field, faults) && usable;
    }
    read_scale(table, field, faults);
    table.boolean("invert", field.invert);
    table.boolean("confirmed", field.confirmed);
    table.text("note", !field.confirmed, field.note);
    const bool has_bit = table.integer("bit", typed && has_bits(field.type), 0, 7, field.bit);
    if (!usable) {
        return;
    }
    check_kind(table, field, has_bit, faults);
    if (field.address + byte_count(field) > kItemBytesMax) {
        faults.add(table.line(), std::string(to_string(field.quantity)) + " ends beyond byte " +
                                     std::to_string(kItemBytesMax) + ", more than one answer brings");
    }
    block.fields.push_back(std::move(field));
    lines.fields.push_back(table.line());
}

/// [[4, 0x2C]]: in byte 4 stands 2Ch.
void read_expected(const ProfileTable& table, Block& block, ProfileFaults& faults) {
    if (table.find("expects", false) == nullptr) {
        return;
    }
    const toml::array* pairs = table.array("expects", true, kExpectedMax);
    for (std::size_t i = 0; pairs != nullptr && i < pairs->size(); ++i) {
        const toml::array* pair = pairs->get(i)->as_array();
        const bool two = pair != nullptr && pair->size() == 2;
        const auto place = two ? pair->get(0)->value_exact<std::int64_t>() : std::nullopt;
        const auto byte = two ? pair->get(1)->value_exact<std::int64_t>() : std::nullopt;
        if (!place || !byte || *place < 0 || *place >= kItemBytesMax || *byte < 0 || *byte > 0xFF) {
            faults.add(line_of(*pairs->get(i)), "expects must be pairs of a place and a byte: [[4, 0x2C]]");
            return;
        }
        block.expects.emplace_back(static_cast<int>(*place), static_cast<std::uint8_t>(*byte));
    }
}

}  // namespace

void read_cjt188_link(const ProfileTable& table, Cjt188Link& link) {
    table.refuse_unknown({"kind", "read_order", "write_order"});
    table.integer("kind", false, 0x10, 0x49, link.kind);
    const auto order = [&table](std::string_view key, bool& high_first) {
        if (table.find(key, false) != nullptr) {
            table.word(key, true, [&high_first](const std::string& text) {
                high_first = value_of(kOrders, text, "order");
            });
        }
    };
    order("read_order", link.read_high_first);
    order("write_order", link.write_high_first);
}

void read_item_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                     ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each block must be a table: write [[block]]");
        return;
    }
    const ProfileTable table{*node.as_table(), "block", faults};
    if (profile.protocol == MeterProtocol::cjt188) {
        table.refuse_unknown({"name", "group", "id", "bytes", "expects", "fields"});
    } else {
        table.refuse_unknown({"name", "group", "id", "fields"});
    }
    Block block;
    ProfileLines::BlockLines block_lines;
    block_lines.line = table.line();
    table.text("name", true, block.name);
    bool usable =
        table.word("group", true, [&block](const std::string& text) { block.group = read_group(text); });
    usable = table.integer("id", true, 0, id_max(profile.protocol), block.id) && usable;
    table.integer("bytes", false, 1, kItemBytesMax, block.bytes);
    read_expected(table, block, faults);
    if (const toml::array* fields = table.array("fields", true, kItemFieldsMax)) {
        for (const toml::node& field : *fields) {
            read_item_field(field, block, block_lines, faults);
        }
    }
    if (usable) {
        profile.blocks.push_back(std::move(block));
        lines.blocks.push_back(std::move(block_lines));
    }
}

}  // namespace wutong::core::detail
