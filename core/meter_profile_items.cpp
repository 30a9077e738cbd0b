#include "core/meter_items.hpp"
#include "core/meter_profile_fields.hpp"
#include "core/names.hpp"

/// The part of the profile parser that reads data items.
namespace wutong::core::detail {

namespace {

constexpr std::size_t kItemFieldsMax = 256;
constexpr int kDigitsMax = 16;

constexpr auto kItemTypes = std::to_array<Name<RegisterType>>({
    {RegisterType::bcd, "bcd"},
    {RegisterType::bcd_signed, "bcd_signed"},
    {RegisterType::bit, "bit"},
    {RegisterType::date, "date"},
    {RegisterType::time, "time"},
});

std::int64_t id_max(MeterProtocol protocol) {
    return protocol == MeterProtocol::dlt645_2007 ? 0xFFFF'FFFF : 0xFFFF;
}

bool is_number(RegisterType type) {
    return type == RegisterType::bcd || type == RegisterType::bcd_signed;
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
    const bool is_bit = field.type == RegisterType::bit;
    if (!is_bit && (has_bit || field.invert)) {
        faults.add(table.line(), "bit and invert belong to type \"bit\" only");
    }
    if (!is_number(field.type) && (field.scale_num != 1 || field.scale_den != 1)) {
        faults.add(table.line(), "only decimal digits have a scale");
    }
    const bool is_clock = field.type == RegisterType::date || field.type == RegisterType::time;
    if (is_clock != (field.quantity == Quantity::clock)) {
        faults.add(table.line(), "a clock is told by one field of type \"date\" and one of type \"time\"");
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
    const bool has_bit = table.integer("bit", typed && field.type == RegisterType::bit, 0, 7, field.bit);
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

}  // namespace

void read_item_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                     ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each block must be a table: write [[block]]");
        return;
    }
    const ProfileTable table{*node.as_table(), "block", faults};
    table.refuse_unknown({"name", "group", "id", "fields"});
    Block block;
    ProfileLines::BlockLines block_lines;
    block_lines.line = table.line();
    table.text("name", true, block.name);
    bool usable =
        table.word("group", true, [&block](const std::string& text) { block.group = read_group(text); });
    usable = table.integer("id", true, 0, id_max(profile.protocol), block.id) && usable;
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
