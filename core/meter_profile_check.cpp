#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>

#include "core/meter_items.hpp"
#include "core/meter_profile_faults.hpp"

namespace wutong::core::detail {

namespace {

constexpr std::size_t kFaultsMax = 100;

std::string hex(int address) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%04X", static_cast<unsigned>(address));
    return text.data();
}

std::string range_of(int address, int count) {
    return count == 1 ? hex(address) : hex(address) + ".." + hex(address + count - 1);
}

const char* name_of_group(Block::Group group) {
    switch (group) {
        case Block::Group::state:
            return "state";
        case Block::Group::reading:
            return "reading";
        case Block::Group::settings:
            break;
    }
    return "settings";
}

/// Two fields may share a register only as different bits of it.
bool clash(const Field& a, const Field& b) {
    if (a.address + register_count(a.type) <= b.address || b.address + register_count(b.type) <= a.address) {
        return false;
    }
    return a.type != RegisterType::bit || b.type != RegisterType::bit || a.bit == b.bit;
}

void check_fields(const Block& block, const ProfileLines::BlockLines& lines, ProfileFaults& faults) {
    for (std::size_t i = 0; i < block.fields.size(); ++i) {
        const Field& field = block.fields[i];
        const int count = register_count(field.type);
        if (field.address < block.address || field.address + count > block.address + block.count) {
            faults.add(lines.fields[i], std::string(to_string(field.quantity)) + " at " +
                                            range_of(field.address, count) + " lies outside its block " +
                                            range_of(block.address, block.count) +
                                            "; correct the address or the block");
        }
        for (std::size_t j = 0; j < i; ++j) {
            const Field& other = block.fields[j];
            if (clash(other, field)) {
                faults.add(lines.fields[i],
                           std::string(to_string(field.quantity)) + " at " + range_of(field.address, count) +
                               " overlaps " + to_string(other.quantity) + " at " +
                               range_of(other.address, register_count(other.type)) + " of line " +
                               std::to_string(lines.fields[j]) + "; a register has one meaning");
            }
        }
    }
}

void check_names(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    if (std::none_of(profile.blocks.begin(), profile.blocks.end(),
                     [](const Block& block) { return block.group != Block::Group::settings; })) {
        faults.add(1, "no block of group \"state\" or \"reading\": there is nothing to read from this meter");
    }
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (profile.blocks[j].name == profile.blocks[i].name) {
                faults.add(lines.blocks[i].line, "the name \"" + profile.blocks[i].name +
                                                     "\" is taken by the block of line " +
                                                     std::to_string(lines.blocks[j].line));
            }
        }
    }
}

void check_blocks(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        const Block& block = profile.blocks[i];
        const std::size_t line = lines.blocks[i].line;
        if (block.count > profile.registers_max) {
            faults.add(line, "block \"" + block.name + "\" has " + std::to_string(block.count) +
                                 " registers, more than one read may bring (" +
                                 std::to_string(profile.registers_max) + "); split it");
        }
        if (block.address + block.count > 0x10000) {
            faults.add(line, "block \"" + block.name + "\" ends beyond register 0xFFFF");
        }
        for (std::size_t j = 0; j < i; ++j) {
            const Block& other = profile.blocks[j];
            if (other.function == block.function && other.address < block.address + block.count &&
                block.address < other.address + other.count) {
                faults.add(line, "block \"" + block.name + "\" " + range_of(block.address, block.count) +
                                     " overlaps block \"" + other.name + "\" " +
                                     range_of(other.address, other.count) + " of line " +
                                     std::to_string(lines.blocks[j].line) + "; join them or move one");
            }
        }
        check_fields(block, lines.blocks[i], faults);
    }
}

/// "bytes 4..7" or, for a bit, "bit 4 of byte 0"
std::string place_of(const Field& field) {
    if (field.type == RegisterType::bit) {
        return "bit " + std::to_string(field.bit) + " of byte " + std::to_string(field.address);
    }
    return "bytes " + std::to_string(field.address) + ".." +
           std::to_string(field.address + byte_count(field) - 1);
}

bool clash_in_item(const Field& a, const Field& b) {
    if (a.address + byte_count(a) <= b.address || b.address + byte_count(b) <= a.address) {
        return false;
    }
    // A bit may say more of what a valve's two bits say.
    const auto bits = [](const Field& field) {
        return field.type == RegisterType::bit     ? 0x0001U << field.bit
               : field.type == RegisterType::valve ? 0x0300U << field.bit
                                                   : 0xFFFFU;
    };
    return (bits(a) & bits(b)) != 0;
}

void check_items(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        const Block& item = profile.blocks[i];
        for (std::size_t j = 0; j < i; ++j) {
            if (profile.blocks[j].id == item.id) {
                faults.add(lines.blocks[i].line, "block \"" + item.name +
                                                     "\" asks for the same data as block \"" +
                                                     profile.blocks[j].name + "\" of line " +
                                                     std::to_string(lines.blocks[j].line) + "; join them");
            }
        }
        for (std::size_t j = 0; j < item.fields.size(); ++j) {
            for (std::size_t k = 0; k < j; ++k) {
                if (clash_in_item(item.fields[k], item.fields[j])) {
                    faults.add(lines.blocks[i].fields[j],
                               std::string(to_string(item.fields[j].quantity)) + " at " +
                                   place_of(item.fields[j]) + " overlaps " +
                                   to_string(item.fields[k].quantity) + " at " + place_of(item.fields[k]) +
                                   " of line " + std::to_string(lines.blocks[i].fields[k]));
                }
            }
        }
    }
}

/// Two bits of one value are two fields, the same attribute twice is a slip.
void check_objects(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    std::map<std::tuple<Block::Group, ObjectAttribute, int>, std::size_t> first_line;
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        const Block& block = profile.blocks[i];
        for (std::size_t j = 0; j < block.fields.size(); ++j) {
            const Field& field = block.fields[j];
            const int bit = field.type == RegisterType::bit ? field.bit : -1;
            const auto [known, is_new] =
                first_line.try_emplace({block.group, field.object, bit}, lines.blocks[i].fields[j]);
            if (!is_new) {
                faults.add(lines.blocks[i].fields[j], "attribute " + std::to_string(field.object.attribute) +
                                                          " of " + obis_text(field.object.obis) +
                                                          " is read for two quantities, first in line " +
                                                          std::to_string(known->second));
            }
        }
    }
}

/// Two bits of one code are two fields, the same value twice is a slip.
void check_codes(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    std::map<std::tuple<Block::Group, std::string, int, int>, std::size_t> first_line;
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        const Block& block = profile.blocks[i];
        for (std::size_t j = 0; j < block.fields.size(); ++j) {
            const Field& field = block.fields[j];
            const int bit = field.type == RegisterType::bit ? field.bit : -1;
            const auto [known, is_new] = first_line.try_emplace(
                {block.group, field.code, field.value_at, bit}, lines.blocks[i].fields[j]);
            if (!is_new) {
                faults.add(lines.blocks[i].fields[j], "code " + field.code +
                                                          " is read for two quantities, first in line " +
                                                          std::to_string(known->second));
            }
        }
    }
}

/// A date alone is no clock.
void check_clock(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    std::map<Block::Group, std::pair<std::size_t, std::size_t>> lines_of;  // of the date and of the time
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        for (std::size_t j = 0; j < profile.blocks[i].fields.size(); ++j) {
            const std::size_t line = lines.blocks[i].fields[j];
            switch (profile.blocks[i].fields[j].type) {
                case RegisterType::date:
                    lines_of[profile.blocks[i].group].first = line;
                    break;
                case RegisterType::time:
                    lines_of[profile.blocks[i].group].second = line;
                    break;
                default:
                    break;
            }
        }
    }
    for (const auto& [group, found] : lines_of) {
        if ((found.first == 0) != (found.second == 0)) {
            faults.add(std::max(found.first, found.second),
                       std::string("a clock needs its date and its time in the same group; the ") +
                           (found.first == 0 ? "date" : "time") + " is missing");
        }
    }
}

/// A quantity that two blocks of a group bring would be the one or the other, depending on the order of
/// reading.
void check_single_source(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    // The two halves of a clock are two things.
    std::map<std::tuple<Block::Group, Quantity, bool>, std::size_t> first_line;
    for (std::size_t i = 0; i < profile.blocks.size(); ++i) {
        const Block& block = profile.blocks[i];
        for (std::size_t j = 0; j < block.fields.size(); ++j) {
            const std::size_t line = lines.blocks[i].fields[j];
            const auto [known, is_new] = first_line.try_emplace(
                {block.group, block.fields[j].quantity, block.fields[j].type == RegisterType::time}, line);
            if (!is_new) {
                faults.add(line, std::string(to_string(block.fields[j].quantity)) +
                                     " is given twice in group \"" + name_of_group(block.group) +
                                     "\", the first time in line " + std::to_string(known->second));
            }
        }
    }
}

/// Whose commands these are.
std::optional<MeterProtocol> protocol_of(CommandDialect dialect) {
    switch (dialect) {
        case CommandDialect::acrel_prepaid:
            return MeterProtocol::modbus;
        case CommandDialect::dlt645_relay:
            return MeterProtocol::dlt645_2007;
        case CommandDialect::dlms_disconnect:
            return MeterProtocol::dlms;
        case CommandDialect::cjt188_valve:
            return MeterProtocol::cjt188;
        case CommandDialect::mqtt_relay:
        case CommandDialect::none:
            break;
    }
    return std::nullopt;
}

void check_credit(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    const auto in_state = [&profile](Quantity quantity) {
        return std::any_of(profile.blocks.begin(), profile.blocks.end(), [quantity](const Block& block) {
            return block.group == Block::Group::state &&
                   std::any_of(block.fields.begin(), block.fields.end(),
                               [quantity](const Field& field) { return field.quantity == quantity; });
        });
    };
    const auto need = [&](Quantity quantity, std::size_t line, const std::string& who) {
        if (!in_state(quantity)) {
            faults.add(line, who + " needs " + to_string(quantity) + " in a block of group \"state\"");
        }
    };

    const bool counted =
        profile.credit == CreditKind::absolute_counted || profile.credit == CreditKind::added_counted;
    const std::string who = std::string("credit kind \"") + to_string(profile.credit) + "\"";
    if (counted || profile.credit == CreditKind::uncounted) {
        // The proof of a delivery is one look at all of them together.
        need(Quantity::balance, lines.credit, who);
        need(Quantity::energy_total, lines.credit, who);
        if (counted) {
            need(Quantity::purchase_number, lines.credit, who);
        }
        if (profile.balance_max <= Money{0}) {
            faults.add(lines.credit, who + " needs balance_max_e4, the largest balance the meter can hold");
        }
    }
    if (profile.credit == CreditKind::server_held && !profile.has(Quantity::energy_total) &&
        profile.commodity() != Commodity::water) {
        faults.add(lines.credit,
                   who + " needs energy_total, of water volume_total: it is what the server charges");
    }
    if (profile.has(Quantity::energy_total) && profile.has(Quantity::volume_total)) {
        faults.add(1, "energy_total and volume_total in one meter: one is sold, electricity or water");
    }
    if (profile.switchable()) {
        need(Quantity::relay_closed, lines.commands, "a meter that takes commands");
    }
    // Two protocols have this one.
    const bool fits = profile.dialect == CommandDialect::mqtt_relay
                          ? profile.sends_by_itself()
                          : protocol_of(profile.dialect) == profile.protocol;
    if (profile.switchable() && !fits) {
        faults.add(lines.commands, std::string("protocol \"") + to_string(profile.protocol) +
                                       "\" has no such command dialect; \"acrel_prepaid\" is for modbus, "
                                       "\"dlt645_relay\" for dlt645_2007, \"dlms_disconnect\" for dlms, "
                                       "\"cjt188_valve\" for cjt188, \"mqtt_relay\" for meters that send by "
                                       "themselves");
    }
    if (profile.sends_by_itself() && profile.credit != CreditKind::none &&
        profile.credit != CreditKind::server_held) {
        faults.add(
            lines.credit,
            "a meter that sends by itself holds no money: the credit kind is \"none\" or \"server_held\"");
    }
    const bool buys =
        profile.dialect == CommandDialect::dlt645_relay && profile.credit == CreditKind::added_counted;
    if (profile.switchable() && profile.dialect != CommandDialect::acrel_prepaid && !buys &&
        profile.credit != CreditKind::none && profile.credit != CreditKind::server_held) {
        faults.add(lines.commands, std::string("the dialect \"") + to_string(profile.dialect) +
                                       "\" writes no money: the credit kind is \"none\" or \"server_held\"" +
                                       (profile.dialect == CommandDialect::dlt645_relay
                                            ? ", or \"added_counted\" for meters without a security module"
                                            : ""));
    }
    if (profile.dialect == CommandDialect::acrel_prepaid && profile.credit != CreditKind::absolute_counted) {
        faults.add(lines.commands,
                   "the dialect \"acrel_prepaid\" writes balance and number together: its credit kind "
                   "is \"absolute_counted\"");
    }
}

}  // namespace

void ProfileFaults::add(std::size_t line, const std::string& what) {
    if (faults_.size() < kFaultsMax) {
        faults_.push_back(file_ + ":" + std::to_string(line) + ": " + what);
    }
}

void ProfileFaults::raise() const {
    throw ProfileError(faults_);
}

void check_profile(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults) {
    check_names(profile, lines, faults);
    if (profile.sends_by_itself()) {
        // One quantity may come by several messages: whichever came last counts.
        check_credit(profile, lines, faults);
        return;
    }
    if (profile.protocol == MeterProtocol::modbus) {
        check_blocks(profile, lines, faults);
    } else if (profile.protocol == MeterProtocol::dlms) {
        check_objects(profile, lines, faults);
    } else if (profile.protocol == MeterProtocol::iec62056_21) {
        check_codes(profile, lines, faults);
        check_clock(profile, lines, faults);
    } else {
        check_items(profile, lines, faults);
        check_clock(profile, lines, faults);
    }
    check_single_source(profile, lines, faults);
    check_credit(profile, lines, faults);
}

}  // namespace wutong::core::detail
