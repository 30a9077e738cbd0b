#pragma once

#include <string>

#include "core/meter_profile_faults.hpp"
#include "core/meter_profile_table.hpp"

/// What the parsers of registers and of data items have in common.
namespace wutong::core::detail {

/// These throw std::invalid_argument with the words that are known.
[[nodiscard]] MeterProtocol read_protocol(const std::string& text);
[[nodiscard]] CommandDialect read_dialect(const std::string& text);
[[nodiscard]] Block::Group read_group(const std::string& text);

/// @return false when it is missing or unknown; that has been noted
bool read_quantity(const ProfileTable& table, Field& field);
/// scale = 10, or scale = [1, 10] for a tenth.
void read_scale(const ProfileTable& table, Field& field, ProfileFaults& faults);

/// One [[block]] of a meter that is asked for data items.
void read_item_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                     ProfileFaults& faults);
/// One [[block]] of a meter of DLMS: the objects that are asked for together.
void read_object_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                       ProfileFaults& faults);
/// [dlms]
void read_dlms_link(const ProfileTable& table, DlmsLink& link, ProfileFaults& faults);
/// [cjt188]
void read_cjt188_link(const ProfileTable& table, Cjt188Link& link);

/// One [[block]] of an IEC 62056-21 meter: what is taken from its read-out.
void read_readout_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                        ProfileFaults& faults);
/// [iec62056]
void read_readout_link(const ProfileTable& table, ReadoutLink& link, ProfileFaults& faults);

/// One [[block]] of a meter that sends by itself.
void read_message_block(const toml::node& node, MeterProfile& profile, ProfileLines& lines,
                        ProfileFaults& faults);
/// [presence], [ask] and what [commands] says beside the dialect, of such a meter.
void read_presence(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults);
void read_ask(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults);
void read_relay_messages(const ProfileTable& table, MeterProfile& profile, ProfileFaults& faults);

}  // namespace wutong::core::detail
