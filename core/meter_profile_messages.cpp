#include <algorithm>
#include <cctype>

#include "core/meter_profile_fields.hpp"
#include "core/names.hpp"

namespace wutong::core::detail {

namespace {

constexpr std::size_t kMessageFieldsMax = 256;
constexpr std::size_t kTopicBytesMax = 512;

constexpr auto kTimeFormats = std::to_array<Name<TimeFormat>>({
    {TimeFormat::epoch_s, "epoch_s"},
    {TimeFormat::epoch_ms, "epoch_ms"},
    {TimeFormat::iso8601, "iso8601"},
    {TimeFormat::digits, "digits"},
});

/// Only what MessagePlace explains may stand in braces.
bool good_placeholders(const std::string& text) {
    for (std::size_t at = 0; (at = text.find_first_of("{}", at)) != std::string::npos;) {
        const auto end = text.find('}', at);
        if (text[at] == '}' || end == std::string::npos) {
            return false;
        }
        const auto name = text.substr(at + 1, end - at - 1);
        const bool part = name.size() == 1 && name[0] >= '1' && name[0] <= '9';
        if (!part && name != "address" && name != "code") {
            return false;
        }
        at = end + 1;
    }
    return true;
}

void check_topic(const ProfileTable& table, const std::string& topic, ProfileFaults& faults) {
    if (topic.size() > kTopicBytesMax || topic.find_first_of("+#") != std::string::npos) {
        faults.add(table.line(), "a topic has at most 512 bytes, and names one meter: no + and no #");
    } else if (!good_placeholders(topic)) {
        faults.add(table.line(), "in a topic only {address}, {1} to {9} and {code} may stand in braces");
    } else if (topic.find('{') == std::string::npos) {
        faults.add(table.line(),
                   "the topic \"" + topic.substr(0, 60) +
                       "\" is the same for all meters: put {address} or a part of it, {1}, into it");
    }
}

void read_switch(const ProfileTable& table, Field& field, ProfileFaults& faults) {
    table.text("on", false, field.on);
    table.text("off", field.on.size() > 0, field.off);
    if (field.on.empty() && !field.off.empty()) {
        faults.add(table.line(), "off needs on");
    }
    if (!field.on.empty() && (field.scale_num != 1 || field.scale_den != 1)) {
        faults.add(table.line(), "on and off have no scale");
    }
}

void read_message_field(const toml::node& node, const MeterProfile& profile, Block& block,
                        ProfileLines::BlockLines& lines, ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each field must be a table: { quantity = ..., path = ... }");
        return;
    }
    const ProfileTable table{*node.as_table(), "field", faults};
    table.refuse_unknown({"quantity", "path", "scale", "on", "off", "confirmed", "note"});
    Field field;
    if (!read_quantity(table, field)) {
        return;
    }
    table.text("path", profile.protocol == MeterProtocol::sparkplug_b, field.path);
    read_scale(table, field, faults);
    read_switch(table, field, faults);
    table.boolean("confirmed", field.confirmed);
    table.text("note", !field.confirmed, field.note);
    block.fields.push_back(std::move(field));
    lines.fields.push_back(table.line());
}

void read_place(const ProfileTable& table, Block& block, ProfileFaults& faults) {
    auto& place = block.message;
    table.text("topic", true, place.topic);
    table.text("each", false, place.each);
    table.text("meter", false, place.meter);
    table.text("is", false, place.is);
    table.text("time", false, place.time);
    table.text("when", false, place.when);
    table.text("equals", !place.when.empty(), place.equals);
    if (table.find("time_format", false) != nullptr) {
        table.word("time_format", false, [&place](const std::string& text) {
            place.time_format = value_of(kTimeFormats, text, "time format");
        });
    }
    if (!good_placeholders(place.is)) {
        faults.add(table.line(), "in `is` only {address}, {1} to {9} and {code} may stand in braces");
    }
    if (place.each.empty() && !place.meter.empty()) {
        faults.add(table.line(), "meter needs each: the list that has a meter in each element");
    }
    // A list of many meters comes by a topic of their gateway, which may be the same for all of them.
    if (place.each.empty()) {
        check_topic(table, place.topic, faults);
    } else if (place.topic.find_first_of("+#") != std::string::npos || !good_placeholders(place.topic)) {
        faults.add(table.line(),
                   "a topic has no + and no #, and only {address}, {1} to {9} and {code} in braces");
    }
}

}  // namespace

void read_message_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                        ProfileFaults& faults) {
    if (node.as_table() == nullptr) {
        faults.add(line_of(node), "each block must be a table: write [[block]]");
        return;
    }
    const ProfileTable table{*node.as_table(), "block", faults};
    Block block;
    block.group = Block::Group::state;
    ProfileLines::BlockLines block_lines;
    block_lines.line = table.line();
    table.text("name", true, block.name);
    if (profile.protocol == MeterProtocol::sparkplug_b) {
        // Topics, times and whose values these are, Sparkplug itself says.
        table.refuse_unknown({"name", "fields"});
        if (!profile.blocks.empty()) {
            faults.add(table.line(), "a Sparkplug meter has one block: its metrics");
        }
    } else {
        table.refuse_unknown(
            {"name", "topic", "each", "meter", "is", "time", "time_format", "when", "equals", "fields"});
        read_place(table, block, faults);
    }
    if (const toml::array* fields = table.array("fields", true, kMessageFieldsMax)) {
        for (const toml::node& field : *fields) {
            read_message_field(field, profile, block, block_lines, faults);
        }
    }
    const auto whole = std::count_if(block.fields.begin(), block.fields.end(),
                                     [](const Field& field) { return field.path.empty(); });
    if (whole > 0 &&
        (block.fields.size() > 1 || !block.message.each.empty() || !block.message.time.empty())) {
        faults.add(table.line(),
                   "a field without a path is the whole payload, so it is the only one, without "
                   "each and time");
    }
    profile.blocks.push_back(std::move(block));
    lines.blocks.push_back(std::move(block_lines));
}

void read_presence(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults) {
    table.refuse_unknown({"topic", "path", "online", "offline"});
    auto& habits = profile.habits;
    table.text("topic", true, habits.online_topic);
    table.text("path", false, habits.online_path);
    table.text("online", true, habits.online);
    table.text("offline", true, habits.offline);
    check_topic(table, habits.online_topic, faults);
}

void read_ask(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults) {
    table.refuse_unknown({"topic", "payload"});
    table.text("topic", true, profile.habits.ask_topic);
    table.text("payload", false, profile.habits.ask);
    check_topic(table, profile.habits.ask_topic, faults);
}

void read_relay_messages(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults) {
    auto& habits = profile.habits;
    const bool sparkplug = profile.protocol == MeterProtocol::sparkplug_b;
    table.text("topic", true, habits.relay_topic);
    table.text("close", true, habits.close);
    table.text("open", true, habits.open);
    // Of Sparkplug it is the metric that is written.
    if (!sparkplug) {
        check_topic(table, habits.relay_topic, faults);
    }
}

}  // namespace wutong::core::detail
