#include <algorithm>
#include <charconv>

#include "core/meter_profile_fields.hpp"
#include "core/names.hpp"

/// The part of the profile parser that reads objects of DLMS.
namespace wutong::core {

std::optional<std::array<std::uint8_t, 6>> parse_obis(std::string_view text) {
    constexpr std::size_t kWithoutLast = 5;
    std::array<std::uint8_t, 6> obis{0, 0, 0, 0, 0, 255};
    const char* at = text.data();
    const char* const end = at + text.size();
    std::size_t count = 0;
    while (count < obis.size()) {
        const auto [next, error] = std::from_chars(at, end, obis[count]);
        if (error != std::errc{}) {
            return std::nullopt;
        }
        ++count;
        at = next;
        if (at == end) {
            return count >= kWithoutLast ? std::optional{obis} : std::nullopt;
        }
        if (*at != '.') {
            return std::nullopt;
        }
        ++at;
    }
    return std::nullopt;
}

std::string obis_text(const std::array<std::uint8_t, 6>& obis) {
    std::string text;
    for (const auto part : obis) {
        text += (text.empty() ? "" : ".") + std::to_string(part);
    }
    return text;
}

namespace detail {

namespace {

constexpr std::size_t kObjectsMax = 256;
constexpr int kBitMax = 31;
/// Register, extended register, demand register: attribute 3 (demand: 4) has scaler and unit.
constexpr std::uint16_t kClassRegister = 3;
constexpr std::uint16_t kClassExtendedRegister = 4;
constexpr std::uint8_t kValue = 2;

constexpr auto kObjectTypes = std::to_array<Name<RegisterType>>({
    {RegisterType::number, "number"},
    {RegisterType::bit, "bit"},
    {RegisterType::object_time, "object_time"},
});

constexpr auto kEnvelopes = std::to_array<Name<DlmsLink::Envelope>>({
    {DlmsLink::Envelope::hdlc, "hdlc"},
    {DlmsLink::Envelope::wrapper, "wrapper"},
});

constexpr auto kProofs = std::to_array<Name<DlmsLink::Proof>>({
    {DlmsLink::Proof::none, "none"},
    {DlmsLink::Proof::low, "low"},
    {DlmsLink::Proof::gmac, "gmac"},
});

bool read_obis(const ProfileTable& table, std::string_view key, bool required,
               std::array<std::uint8_t, 6>& into) {
    return table.word(key, required, [&into](const std::string& text) {
        const auto obis = parse_obis(text);
        if (!obis) {
            throw std::invalid_argument(
                "\"" + text.substr(0, 40) +
                "\" is no object; write six numbers from 0 to 255: \"1.0.1.8.0.255\"");
        }
        into = *obis;
    });
}

void read_object(const toml::node& node, Block& block, ProfileLines::BlockLines& lines,
                 ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each field must be a table: { quantity = ..., obis = ..., class = ... }");
        return;
    }
    const ProfileTable table{*node.as_table(), "field", faults};
    table.refuse_unknown(
        {"quantity", "obis", "class", "attribute", "type", "scale", "bit", "invert", "confirmed", "note"});
    Field field;
    field.type = RegisterType::number;
    field.object.class_id = kClassRegister;
    bool usable = read_quantity(table, field);
    usable = read_obis(table, "obis", true, field.object.obis) && usable;
    table.integer("class", false, 1, 0xFFFF, field.object.class_id);
    table.integer("attribute", false, 1, 127, field.object.attribute);
    if (table.find("type", false) != nullptr) {
        usable = table.word("type", true, [&field](const std::string& text) {
            field.type = value_of(kObjectTypes, text, "type");
        }) && usable;
    }
    read_scale(table, field, faults);
    table.boolean("invert", field.invert);
    table.boolean("confirmed", field.confirmed);
    table.text("note", !field.confirmed, field.note);
    const bool is_bit = field.type == RegisterType::bit;
    const bool has_bit = table.integer("bit", usable && is_bit, 0, kBitMax, field.bit);
    if (!usable) {
        return;
    }
    const bool scaled = table.find("scale", false) != nullptr;
    const bool is_register =
        field.object.class_id == kClassRegister || field.object.class_id == kClassExtendedRegister;
    field.own_scaler =
        is_register && field.object.attribute == kValue && field.type == RegisterType::number && !scaled;
    if (!is_bit && has_bit) {
        faults.add(table.line(), "bit belongs to type \"bit\" only");
    }
    if (field.invert && field.type == RegisterType::object_time) {
        faults.add(table.line(), "a clock can't be inverted");
    }
    if (scaled && field.type != RegisterType::number) {
        faults.add(table.line(), "only numbers have a scale");
    }
    if ((field.type == RegisterType::object_time) != (field.quantity == Quantity::clock)) {
        faults.add(table.line(), "a clock is told by a field of type \"object_time\", and nothing else is");
    }
    block.fields.push_back(std::move(field));
    lines.fields.push_back(table.line());
}

}  // namespace

void read_object_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
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
    if (const toml::array* fields = table.array("fields", true, kObjectsMax)) {
        for (const toml::node& field : *fields) {
            read_object(field, block, block_lines, faults);
        }
    }
    if (usable) {
        profile.blocks.push_back(std::move(block));
        lines.blocks.push_back(std::move(block_lines));
    }
}

void read_dlms_link(const ProfileTable& table, DlmsLink& link, ProfileFaults& faults) {
    table.refuse_unknown({"envelope", "proof", "ciphered", "client", "logical_device", "address_bytes",
                          "lists", "counter", "load_profile"});
    table.word("envelope", true,
               [&link](const std::string& text) { link.envelope = value_of(kEnvelopes, text, "envelope"); });
    table.word("proof", true,
               [&link](const std::string& text) { link.proof = value_of(kProofs, text, "proof"); });
    table.boolean("ciphered", link.ciphered);
    table.integer("client", true, 1, 127, link.client);
    const bool has_device = table.integer("logical_device", false, 1, 16'383, link.logical_device);
    const bool has_width = table.integer("address_bytes", false, 1, 4, link.address_bytes);
    if (link.address_bytes == 3) {
        faults.add(table.line(), "address_bytes must be 1, 2 or 4; left out: as few as do");
    }
    table.boolean("lists", link.lists);
    if (table.find("counter", false) != nullptr) {
        read_obis(table, "counter", false, link.counter);
    }
    if (table.find("load_profile", false) != nullptr) {
        read_obis(table, "load_profile", false, link.load_profile.emplace());
    }
    if (link.envelope == DlmsLink::Envelope::wrapper && (has_device || has_width)) {
        faults.add(table.line(),
                   "logical_device and address_bytes are for HDLC; in a wrapper the station address is all");
    }
    if (link.ciphered && link.proof == DlmsLink::Proof::none) {
        faults.add(table.line(), "a ciphered association needs a proof: \"low\" or \"gmac\"");
    }
}

}  // namespace detail

}  // namespace wutong::core
