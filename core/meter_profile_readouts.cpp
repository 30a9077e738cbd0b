#include <algorithm>

#include "core/meter_profile_fields.hpp"
#include "core/names.hpp"

/// The part of the profile parser that reads what is taken from a read-out.
namespace wutong::core::detail {

namespace {

constexpr std::size_t kReadoutFieldsMax = 256;
constexpr int kReadoutBitMax = 63;
constexpr int kValueAtMax = 256;
constexpr std::size_t kCodeLongest = 32;

constexpr auto kReadoutTypes = std::to_array<Name<RegisterType>>({
    {RegisterType::number, "number"},
    {RegisterType::bit, "bit"},
    {RegisterType::date, "date"},
    {RegisterType::time, "time"},
});

bool good_code(const std::string& code) {
    return !code.empty() && code.size() <= kCodeLongest && std::all_of(code.begin(), code.end(), [](char c) {
        return c > ' ' && c < 127 && std::string_view{"()/!"}.find(c) == std::string_view::npos;
    });
}

bool read_code(const ProfileTable& table, std::string_view key, bool required, std::string& into) {
    return table.word(key, required, [&into](const std::string& text) {
        if (!good_code(text)) {
            throw std::invalid_argument("\"" + text.substr(0, 40) +
                                        "\" is no code of a read-out; write it as the meter does: \"1.8.0\"");
        }
        into = text;
    });
}

void read_readout_field(const toml::node& node, Block& block, ProfileLines::BlockLines& lines,
                        ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each field must be a table: { quantity = ..., code = ... }");
        return;
    }
    const ProfileTable table{*node.as_table(), "field", faults};
    table.refuse_unknown(
        {"quantity", "code", "value", "unit", "type", "scale", "bit", "invert", "confirmed", "note"});
    Field field;
    field.type = RegisterType::number;
    bool usable = read_quantity(table, field);
    usable = read_code(table, "code", true, field.code) && usable;
    if (table.find("type", false) != nullptr) {
        usable = table.word("type", true, [&field](const std::string& text) {
            field.type = value_of(kReadoutTypes, text, "type");
        }) && usable;
    }
    int value = 1;
    table.integer("value", false, 1, kValueAtMax, value);
    field.value_at = value - 1;
    table.text("unit", false, field.unit);
    read_scale(table, field, faults);
    table.boolean("invert", field.invert);
    table.boolean("confirmed", field.confirmed);
    table.text("note", !field.confirmed, field.note);
    const bool is_bit = field.type == RegisterType::bit;
    const bool is_number = field.type == RegisterType::number;
    const bool has_bit = table.integer("bit", usable && is_bit, 0, kReadoutBitMax, field.bit);
    if (!usable) {
        return;
    }
    if (!is_bit && (has_bit || field.invert)) {
        faults.add(table.line(), "bit and invert belong to type \"bit\" only");
    }
    if (!is_number && (field.scale_num != 1 || field.scale_den != 1 || !field.unit.empty())) {
        faults.add(table.line(), "only numbers have a scale and a unit");
    }
    const bool is_clock = field.type == RegisterType::date || field.type == RegisterType::time;
    if (is_clock != (field.quantity == Quantity::clock)) {
        faults.add(table.line(), "a clock is told by one field of type \"date\" and one of type \"time\"");
    }
    block.fields.push_back(std::move(field));
    lines.fields.push_back(table.line());
}

}  // namespace

void read_readout_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                        ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each block must be a table: write [[block]]");
        return;
    }
    const ProfileTable table{*node.as_table(), "block", faults};
    table.refuse_unknown({"name", "group", "fields"});
    Block block;
    ProfileLines::BlockLines block_lines;
    block_lines.line = table.line();
    table.text("name", true, block.name);
    const bool usable =
        table.word("group", true, [&block](const std::string& text) { block.group = read_group(text); });
    if (const toml::array* fields = table.array("fields", true, kReadoutFieldsMax)) {
        for (const toml::node& field : *fields) {
            read_readout_field(field, block, block_lines, faults);
        }
    }
    if (usable) {
        profile.blocks.push_back(std::move(block));
        lines.blocks.push_back(std::move(block_lines));
    }
}

void read_readout_link(const ProfileTable& table, ReadoutLink& link, ProfileFaults& faults) {
    table.refuse_unknown({"start_baud", "baud_max", "number", "firmware"});
    constexpr std::array kSpeeds{300, 600, 1'200, 2'400, 4'800, 9'600, 19'200};
    for (const auto& [key, into] :
         {std::pair{"start_baud", &link.start_baud}, {"baud_max", &link.baud_max}}) {
        if (table.integer(key, false, kSpeeds.front(), kSpeeds.back(), *into) &&
            std::find(kSpeeds.begin(), kSpeeds.end(), *into) == kSpeeds.end()) {
            faults.add(table.line(), std::string(key) + " must be 300, 600, 1200, 2400, 4800, 9600 or 19200");
        }
    }
    read_code(table, "number", false, link.number);
    read_code(table, "firmware", false, link.firmware);
}

}  // namespace wutong::core::detail
