#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>

#include "core/meter_profile_faults.hpp"
#include "core/meter_profile_fields.hpp"
#include "core/meter_profile_table.hpp"
#include "core/names.hpp"

namespace wutong::core {

namespace {

using detail::ProfileFaults;
using detail::ProfileLines;
using Table = detail::ProfileTable;
using detail::line_of;

constexpr std::size_t kFileBytesMax = 256 * 1024;
constexpr std::size_t kBlocksMax = 64;
constexpr std::size_t kFieldsMax = 256;
constexpr std::size_t kSourcesMax = 32;

constexpr auto kTypes = std::to_array<detail::Name<RegisterType>>({
    {RegisterType::u16, "u16"},
    {RegisterType::s16, "s16"},
    {RegisterType::u32, "u32"},
    {RegisterType::s32, "s32"},
    {RegisterType::s32_low_word_first, "s32_low_word_first"},
    {RegisterType::f32, "f32"},
    {RegisterType::u64, "u64"},
    {RegisterType::s64, "s64"},
    {RegisterType::bit, "bit"},
    {RegisterType::clock_bytes, "clock_bytes"},
});

class Parser {
public:
    Parser(MeterProfile& profile, ProfileLines& lines, ProfileFaults& faults)
        : profile_{profile}, lines_{lines}, faults_{faults} {}

    void read(const toml::table& root) {
        const Table table{root, "", faults_};
        table.refuse_unknown({"vendor", "model", "description", "phases", "protocol", "sources", "link",
                              "credit", "commands", "serial_number", "block", "power_max_w", "dlms", "cjt188",
                              "iec62056", "presence", "ask"});
        table.text("vendor", true, profile_.vendor);
        table.text("model", true, profile_.model);
        table.text("description", true, profile_.description);
        table.integer("phases", true, 1, 3, profile_.phases);
        table.integer("power_max_w", false, 1, 10'000'000'000, profile_.power_max_w);
        if (profile_.phases == 2) {
            faults_.add(line_of(*root.get("phases")), "phases must be 1 or 3");
        }
        if (root.contains("protocol")) {
            table.word("protocol", false,
                       [this](const std::string& text) { profile_.protocol = detail::read_protocol(text); });
        }
        read_sources(table);
        if (const auto link = table.table("link")) {
            read_link(*link);
        }
        read_protocol_link(table);
        if (const auto credit = table.table("credit")) {
            read_credit(*credit);
        }
        if (const auto commands = table.table("commands")) {
            read_commands(*commands);
        }
        if (const auto serial_number = table.table("serial_number")) {
            read_serial_number(*serial_number);
        }
        read_habits(table);
        if (const toml::array* blocks = table.array("block", true, kBlocksMax)) {
            for (const toml::node& node : *blocks) {
                if (profile_.protocol == MeterProtocol::modbus) {
                    read_block(node);
                } else if (profile_.protocol == MeterProtocol::dlms) {
                    detail::read_object_block(node, profile_, lines_, faults_);
                } else if (profile_.protocol == MeterProtocol::iec62056_21) {
                    detail::read_readout_block(node, profile_, lines_, faults_);
                } else if (profile_.sends_by_itself()) {
                    detail::read_message_block(node, profile_, lines_, faults_);
                } else {
                    detail::read_item_block(node, profile_, lines_, faults_);
                }
            }
        }
    }

private:
    void read_sources(const Table& table) {
        if (const toml::array* sources = table.array("sources", true, kSourcesMax)) {
            for (const toml::node& node : *sources) {
                const auto source = node.value_exact<std::string>();
                if (!source || source->empty() || source->size() > detail::kProfileTextMax) {
                    faults_.add(line_of(node), "each of sources must be a text");
                } else {
                    profile_.sources.push_back(*source);
                }
            }
        }
    }

    void read_link(const Table& table) {
        if (profile_.protocol == MeterProtocol::modbus) {
            table.refuse_unknown({"baud", "read_timeout_ms", "registers_max", "gap_max"});
        } else {
            table.refuse_unknown({"baud", "read_timeout_ms"});
        }
        table.integer("baud", false, 300, 4'000'000, profile_.baud);
        table.integer("read_timeout_ms", false, 20, 60'000, profile_.read_timeout_ms);
        table.integer("registers_max", false, 1, 125, profile_.registers_max);
        table.integer("gap_max", false, 0, 124, profile_.gap_max);
    }

    /// What one protocol alone has to know.
    void read_protocol_link(const Table& table) {
        const auto dlms = table.table("dlms");
        const auto cjt188 = table.table("cjt188");
        if (profile_.protocol == MeterProtocol::dlms) {
            if (dlms) {
                detail::read_dlms_link(*dlms, profile_.dlms, faults_);
            } else {
                faults_.add(1, "a meter of DLMS needs [dlms]: envelope, client and proof");
            }
        } else if (dlms) {
            faults_.add(dlms->line(), "[dlms] is for the protocol \"dlms\"");
        }
        if (cjt188 && profile_.protocol == MeterProtocol::cjt188) {
            detail::read_cjt188_link(*cjt188, profile_.cjt188);
        } else if (cjt188) {
            faults_.add(cjt188->line(), "[cjt188] is for the protocol \"cjt188\"");
        }
        const auto readout = table.table("iec62056");
        if (readout && profile_.protocol == MeterProtocol::iec62056_21) {
            detail::read_readout_link(*readout, profile_.readout, faults_);
        } else if (readout) {
            faults_.add(readout->line(), "[iec62056] is for the protocol \"iec62056_21\"");
        }
    }

    void read_habits(const Table& table) {
        for (const auto& [key, read] :
             {std::pair{"presence", &detail::read_presence}, std::pair{"ask", &detail::read_ask}}) {
            if (const auto habits = table.table(key)) {
                if (profile_.sends_by_itself()) {
                    read(*habits, profile_, faults_);
                } else {
                    faults_.add(habits->line(),
                                std::string("[") + key + "] is for meters that send by themselves");
                }
            }
        }
    }

    void read_credit(const Table& table) {
        lines_.credit = table.line();
        table.refuse_unknown({"kind", "quantum_e4", "balance_max_e4", "number_max", "energy_quantum_wh"});
        table.word("kind", true,
                   [this](const std::string& text) { profile_.credit = parse_credit_kind(text); });
        constexpr std::int64_t kMoneyMax = 1'000'000'000'000'000;
        std::int64_t money = 0;
        if (table.integer("quantum_e4", false, 1, 100'000'000, money)) {
            profile_.credit_quantum = Money{money};
        }
        if (table.integer("balance_max_e4", false, 1, kMoneyMax, money)) {
            profile_.balance_max = Money{money};
        }
        table.integer("number_max", false, 1, std::numeric_limits<std::uint32_t>::max(), profile_.number_max);
        std::int64_t energy = 0;
        if (table.integer("energy_quantum_wh", false, 1, 1'000'000, energy)) {
            profile_.energy_quantum = Energy{energy};
        }
    }

    void read_commands(const Table& table) {
        lines_.commands = table.line();
        if (profile_.protocol == MeterProtocol::modbus) {
            table.refuse_unknown({"dialect", "all_circuits_register"});
        } else if (profile_.sends_by_itself()) {
            table.refuse_unknown({"dialect", "topic", "close", "open"});
            detail::read_relay_messages(table, profile_, faults_);
        } else if (profile_.protocol == MeterProtocol::dlt645_2007 ||
                   profile_.protocol == MeterProtocol::dlt645_1997) {
            table.refuse_unknown({"dialect", "closes_by_button", "guarantees_power"});
        } else {
            table.refuse_unknown({"dialect"});
        }
        table.word("dialect", true,
                   [this](const std::string& text) { profile_.dialect = detail::read_dialect(text); });
        table.boolean("all_circuits_register", profile_.all_circuits_register);
        table.boolean("closes_by_button", profile_.closes_by_button);
        table.boolean("guarantees_power", profile_.guarantees_power);
    }

    void read_serial_number(const Table& table) {
        if (profile_.protocol != MeterProtocol::modbus) {
            faults_.add(table.line(),
                        "serial_number is for Modbus: a meter of this protocol answers with its own address");
            return;
        }
        table.refuse_unknown({"function", "address", "digits", "confirmed", "note"});
        SerialNumberRegister where;
        table.integer("function", true, 3, 4, where.function);
        table.integer("address", true, 0, 0xFFF0, where.address);
        table.integer("digits", true, 4, 32, where.digits);
        if (where.digits % 4 != 0) {
            faults_.add(table.line(),
                        "digits of serial_number must be a multiple of 4: a register holds four");
        }
        table.boolean("confirmed", where.confirmed);
        table.text("note", !where.confirmed, where.note);
        profile_.serial_number = std::move(where);
    }

    void read_block(const toml::node& node) {
        if (node.as_table() == nullptr) {
            faults_.add(line_of(node), "each block must be a table: write [[block]]");
            return;
        }
        const Table table{*node.as_table(), "block", faults_};
        table.refuse_unknown({"name", "group", "function", "address", "count", "fields"});
        Block block;
        ProfileLines::BlockLines lines;
        lines.line = table.line();
        table.text("name", true, block.name);
        bool usable = table.word(
            "group", true, [&block](const std::string& text) { block.group = detail::read_group(text); });
        usable = table.integer("function", true, 3, 4, block.function) && usable;
        usable = table.integer("address", true, 0, 0xFFFF, block.address) && usable;
        usable = table.integer("count", true, 1, 0xFFFF, block.count) && usable;
        if (const toml::array* fields = table.array("fields", true, kFieldsMax)) {
            for (const toml::node& field : *fields) {
                read_field(field, block, lines);
            }
        }
        // A block without a place would only draw misleading faults after this one.
        if (usable) {
            profile_.blocks.push_back(std::move(block));
            lines_.blocks.push_back(std::move(lines));
        }
    }

    void read_field(const toml::node& node, Block& block, ProfileLines::BlockLines& lines) {
        if (node.as_table() == nullptr) {
            faults_.add(line_of(node),
                        "each field must be a table: { quantity = ..., address = ..., type = ... }");
            return;
        }
        const Table table{*node.as_table(), "field", faults_};
        table.refuse_unknown({"quantity", "address", "type", "scale", "bit", "invert", "confirmed", "note"});
        Field field;
        bool usable = detail::read_quantity(table, field);
        usable = table.word("type", true, [&field](const std::string& text) {
            field.type = detail::value_of(kTypes, text, "register type");
        }) && usable;
        usable = table.integer("address", true, 0, 0xFFFF, field.address) && usable;
        detail::read_scale(table, field, faults_);
        table.boolean("invert", field.invert);
        table.boolean("confirmed", field.confirmed);
        table.text("note", !field.confirmed, field.note);

        const bool is_bit = field.type == RegisterType::bit;
        const bool has_bit = table.integer("bit", usable && is_bit, 0, 15, field.bit);
        if (usable && !is_bit && (has_bit || field.invert)) {
            faults_.add(table.line(), "bit and invert belong to type \"bit\" only");
        }
        const bool scaled = field.scale_num != 1 || field.scale_den != 1;
        if (usable && scaled && (is_bit || field.type == RegisterType::clock_bytes)) {
            faults_.add(table.line(), "a bit or a clock has no scale");
        }
        if (usable) {
            block.fields.push_back(std::move(field));
            lines.fields.push_back(table.line());
        }
    }

    MeterProfile& profile_;
    ProfileLines& lines_;
    ProfileFaults& faults_;
};

/// "acrel-ddsy1352", "acrel-ddsy1352.toml" and "/usr/share/.../acrel-ddsy1352.toml" are the same profile.
std::string id_of(const std::string& name) {
    const std::size_t slash = name.find_last_of("/\\");
    std::string id = slash == std::string::npos ? name : name.substr(slash + 1);
    if (id.ends_with(".toml")) {
        id.resize(id.size() - 5);
    }
    return id;
}

bool good_id(const std::string& id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

}  // namespace

MeterProfile parse_meter_profile(std::string_view text, const std::string& name) {
    MeterProfile profile;
    profile.id = id_of(name);
    ProfileLines lines;
    ProfileFaults faults{name.ends_with(".toml") ? name : name + ".toml"};
    if (!good_id(profile.id)) {
        faults.add(1, "a profile's file name is made of a-z, 0-9, - and _, at most 64 of them");
    }
    if (text.size() > kFileBytesMax) {
        faults.add(1, "the file is larger than " + std::to_string(kFileBytesMax) +
                          " bytes; this is no meter profile");
        faults.raise();
    }
    try {
        Parser{profile, lines, faults}.read(toml::parse(text));
    } catch (const toml::parse_error& error) {
        faults.add(error.source().begin.line, "not TOML: " + std::string(error.description()));
        faults.raise();
    }
    detail::check_profile(profile, lines, faults);
    if (faults.any()) {
        faults.raise();
    }
    return profile;
}

}  // namespace wutong::core
