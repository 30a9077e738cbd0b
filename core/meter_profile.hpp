#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/commodity.hpp"
#include "core/credit_delivery.hpp"

/// What a meter model can do and where its registers are. A profile is data (profiles/*.toml);
/// the format is described in docs/meter-profiles.md.
namespace wutong::core {

/// Everything a meter can tell us. The names are the ones used in TOML, SQL and on the wire.
enum class Quantity {
    energy_total,
    energy_sharp,
    energy_peak,
    energy_flat,
    energy_valley,
    energy_reverse,  // Wh
    volume_total,    // litres
    balance,
    overdraft,
    alarm_1,
    alarm_2,
    price,
    price_peak,
    price_flat,
    price_valley,     // ten-thousandths
    purchase_number,  // plain number
    voltage_a,
    voltage_b,
    voltage_c,  // mV
    current_a,
    current_b,
    current_c,  // mA
    power_a,
    power_b,
    power_c,
    power_total,           // W
    reactive_power_total,  // var
    power_factor,          // thousandths
    frequency,             // mHz
    overload_power,        // W
    clock,                 // seconds since 1970 (UTC)
    relay_closed,
    prepaid_enabled,
    forced_enabled,
    forced_open,
    overload_flag,
    arrears_flag,
    alarm_1_flag,
    alarm_2_flag,
    fault_flag,  // 0/1
    cover_open_flag,
    terminal_cover_flag,
    voltage_loss_flag,
    current_loss_flag,
    reverse_flag,
    relay_fault_flag,
    battery_flag,
    voltage_unbalance_flag,
    current_unbalance_flag,
    phase_order_flag,  // 0/1: meter_event.hpp
};

/// What a meter speaks. The registers of Modbus are read in blocks; DL/T 645 and CJ/T 188 meters are asked
/// for data items by identifier, DLMS meters for attributes of objects; IEC 62056-21 meters tell all they
/// know in one read-out; those that send by themselves over MQTT are understood by messages.
enum class MeterProtocol {
    modbus,
    dlt645_2007,
    dlt645_1997,
    dlms,
    cjt188,
    iec62056_21,
    mqtt_json,
    sparkplug_b
};

/// High word first unless the name says otherwise.
/// - clock_bytes: year of the century, month, day, weekday, hour, minute, second, one byte each, in four
/// registers; the
///   last byte is not the clock's. A meter knows no time zone: the value is its wall clock read as if it were
///   UTC.
/// In data items, low byte first:
/// - bcd, bcd_signed: decimal digits, two in a byte; the sign is the highest bit
/// - date: weekday, day, month, year of the century; time: second, minute, hour. A clock is told in these
/// two.
/// - valve: two bits, 00 open (tells "relay closed": water flows), 01 closed, any other not available
/// - date_time: second, minute, hour, day, month, year in four digits: a clock in one
/// Of DLMS objects:
/// - number: any whole or floating number, or a truth; object_time: the clock's date-time. `bit` is one of a
/// whole number or of a bit string's first 32
/// Of a read-out: number; date (yymmdd) and time (hhmmss) are a clock; `bit` is one of hexadecimal digits
enum class RegisterType {
    u16,
    s16,
    u32,
    s32,
    s32_low_word_first,
    f32,
    u64,
    s64,
    bit,
    clock_bytes,
    bcd,
    bcd_signed,
    date,
    time,
    date_time,
    valve,
    number,
    object_time,
};

/// An attribute of a DLMS object: where a value is.
struct ObjectAttribute {
    std::uint16_t class_id = 0;
    std::array<std::uint8_t, 6> obis{};  ///< 1.0.1.8.0.255
    std::uint8_t attribute = 2;
    friend auto operator<=>(const ObjectAttribute&, const ObjectAttribute&) = default;
};
/// "1.0.1.8.0.255", or without the last: 255. Nothing when it isn't that.
[[nodiscard]] std::optional<std::array<std::uint8_t, 6>> parse_obis(std::string_view text);
/// "1.0.1.8.0.255"
[[nodiscard]] std::string obis_text(const std::array<std::uint8_t, 6>& obis);

/// Registers that a value of this type takes. @pre it is a type of registers
[[nodiscard]] int register_count(RegisterType type);

/// One value in one block. The raw integer is multiplied by num/den to give the quantity's unit (never a
/// double for energy and money).
struct Field {
    Quantity quantity;
    std::uint16_t address = 0;  ///< zero-based wire address; in a data item: bytes before it
    RegisterType type = RegisterType::u16;
    std::int64_t scale_num = 1;
    std::int64_t scale_den = 1;
    int bit = 0;     ///< for `bit`: 0 = least significant bit of the word (of the byte, in a data item)
    int digits = 0;  ///< for bcd: an even number
    ObjectAttribute object;   ///< of DLMS
    bool own_scaler = false;  ///< DLMS: the meter tells scaler and unit itself, and is asked for them
    bool invert = false;
    bool confirmed = true;  ///< false: the source sheet marks it as unconfirmed
    std::string note;
    // ---- of a read-out ----
    std::string code{};  ///< "1.8.0", "1-0:1.8.0", "1.8.0*01"
    int value_at = 0;    ///< which of the code's values, 0 the first
    std::string unit{};  ///< what is meant where the meter tells none: "kWh"
    // ---- of a message ----
    std::string path{};  ///< where in the payload, see MessagePlace; Sparkplug: name of the metric
    std::string on{};    ///< a text that stands for 1, and
    std::string off{};   ///< one for 0; empty: true and false, or a number
};

/// How a message tells its time. Where no zone is told, it is the wall clock of the property.
enum class TimeFormat { epoch_s, epoch_ms, iso8601, digits };

/// Where the values of a block are when a meter sends by itself. Paths into JSON: "ENERGY.Total", or as a
/// JSON pointer "/params/em:0/a_voltage"; "" is the whole payload, which need not be JSON then. Topic and
/// `is` may hold {address}, the meter's station address, {1}, {2}, … its parts between slashes, and {code}.
struct MessagePlace {
    std::string topic;
    std::string each;             ///< a list (or an object) that holds a meter in each of its elements
    std::string meter;            ///< path in the element to which meter it is; empty: the element's own name
    std::string is{"{address}"};  ///< what must stand there
    std::string time;             ///< path; in the element if there is one, else in the message
    TimeFormat time_format = TimeFormat::epoch_s;
    std::string when;    ///< path; the message (the element) counts only
    std::string equals;  ///< if this stands there
};

/// What else is known of a meter that sends by itself. Texts as in MessagePlace.
struct MessageHabits {
    std::string online_topic, online_path, online, offline;  ///< its birth and its will
    std::string relay_topic, close, open;  ///< commands; relay_closed says what came of them
    std::string ask_topic, ask;            ///< makes it tell its values now
};

/// What is read together: registers, or one data item. `group` says when. Or what one message brings.
struct Block {
    std::string name;
    std::uint32_t id = 0;  ///< of a data item: DI3 DI2 DI1 DI0 as one number (1997, CJ/T 188: DI1 DI0)
    int bytes = 0;         ///< of CJ/T 188: the answer has exactly so many; 0: it may have any
    /// Of CJ/T 188: places and what has to stand there, else the answer is one of another kind (a unit).
    std::vector<std::pair<int, std::uint8_t>> expects;
    int function = 3;  ///< 3 or 4
    std::uint16_t address = 0;
    std::uint16_t count = 0;
    enum class Group { state, reading, settings } group = Group::reading;
    std::vector<Field> fields;
    MessagePlace message{};
};

/// How this model takes commands. `none` for meters that only measure.
/// - acrel_prepaid: relay by function 10h, money and settings by function 20h
/// - dlt645_relay: relay by control code 1Ch, clock by 08h
/// - dlms_disconnect: relay by the methods of 0.0.96.3.10.255 (class 70), clock by 0.0.1.0.0.255
/// - cjt188_valve: valve by A017h
/// - mqtt_relay: relay by a message
enum class CommandDialect { none, acrel_prepaid, dlt645_relay, dlms_disconnect, cjt188_valve, mqtt_relay };

/// How a DLMS meter is spoken to.
struct DlmsLink {
    enum class Envelope { hdlc, wrapper };
    enum class Proof { none, low, gmac };
    Envelope envelope = Envelope::hdlc;
    Proof proof = Proof::none;
    bool ciphered = false;   ///< every service, not only the proof
    int client = 16;         ///< 16 is the public one
    int logical_device = 1;  ///< HDLC: the meter's other address; in a wrapper it is the station address
    int address_bytes = 0;   ///< HDLC: 1, 2 or 4, 0 = as few as do
    bool lists = true;       ///< several attributes in one question, where the meter grants it
    /// Where anybody may read the counter that the meter heard last.
    std::array<std::uint8_t, 6> counter{0, 0, 43, 1, 0, 255};
    /// Of class 7, with the register and its time in it.
    std::optional<std::array<std::uint8_t, 6>> load_profile;
};

/// What makers of CJ/T 188 meters don't agree about.
struct Cjt188Link {
    int kind = 0x10;               ///< of meter, 10h is cold water
    bool read_high_first = false;  ///< order of the identifier's two bytes, in reads
    bool write_high_first = true;  ///< and in writes
};

/// How the read-out of an IEC 62056-21 meter is come by.
struct ReadoutLink {
    int start_baud = 300;    ///< where the line's speed is ours to set; else all goes at the line's own
    int baud_max = 9'600;    ///< the meter may offer more
    std::string number{};    ///< code under which the meter tells its address; empty: it doesn't
    std::string firmware{};  ///< and its version; empty: only its identification tells one
};

/// Where a meter tells its own serial number: decimal digits, two in a byte, four in a register, high first.
struct SerialNumberRegister {
    int function = 3;  ///< 3 or 4
    std::uint16_t address = 0;
    int digits = 12;        ///< a multiple of 4
    bool confirmed = true;  ///< false: not read, until somebody has seen it on a real meter
    std::string note;

    [[nodiscard]] std::uint16_t count() const { return static_cast<std::uint16_t>(digits / 4); }
};

struct MeterProfile {
    std::string id;  ///< "acrel-ddsy1352"; the file's stem
    std::string vendor;
    std::string model;
    std::string description;
    int phases = 1;
    MeterProtocol protocol = MeterProtocol::modbus;
    CreditKind credit = CreditKind::none;
    Money credit_quantum{100};
    Money balance_max;
    std::uint32_t number_max = 65'535;
    Energy energy_quantum{10};
    CommandDialect dialect = CommandDialect::none;
    bool all_circuits_register = false;  ///< ADF: FC20h register low byte FFh addresses all circuits
    bool closes_by_button =
        false;  ///< DL/T 645: closing is only allowed (1Bh), the customer presses the button
    bool guarantees_power = false;  ///< DL/T 645: knows 3Ah and 3Bh
    int registers_max = 125;        ///< most registers in one read
    int gap_max = 0;                ///< unused registers that may be read over when merging
    int read_timeout_ms = 1000;
    int baud = 9600;
    /// No more can flow through it; 0: as usual for its phases. A meter that shows more itself is believed.
    std::int64_t power_max_w = 0;
    std::optional<SerialNumberRegister> serial_number;
    DlmsLink dlms;
    Cjt188Link cjt188;
    ReadoutLink readout{};
    std::vector<Block> blocks;
    MessageHabits habits;
    std::vector<std::string> sources;

    [[nodiscard]] bool has(Quantity quantity) const;
    [[nodiscard]] Commodity commodity() const {
        return has(Quantity::volume_total) ? Commodity::water : Commodity::electricity;
    }
    /// What is charged by. A profile has one of the two.
    [[nodiscard]] Quantity register_quantity() const {
        return has(Quantity::volume_total) ? Quantity::volume_total : Quantity::energy_total;
    }
    [[nodiscard]] bool switchable() const { return dialect != CommandDialect::none; }
    /// Named on the bus by a station address of its own instead of a Modbus unit.
    [[nodiscard]] bool needs_station_address() const { return protocol != MeterProtocol::modbus; }
    /// Sends by itself, over MQTT; nobody polls it.
    [[nodiscard]] bool sends_by_itself() const {
        return protocol == MeterProtocol::mqtt_json || protocol == MeterProtocol::sparkplug_b;
    }
};

/// One or more faults in a profile, each "file:line: what is wrong and what to do".
class ProfileError : public std::runtime_error {
public:
    explicit ProfileError(std::vector<std::string> faults);
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

private:
    std::vector<std::string> faults_;
};

/// @param name used in error messages and as the id, e.g. "acrel-ddsy1352"
/// @throws ProfileError listing every fault: unknown keys, unknown quantities, overlapping fields,
///         fields outside their block, blocks too long, scales of zero, a credit kind without balance or
///         number.
[[nodiscard]] MeterProfile parse_meter_profile(std::string_view text, const std::string& name);

// ---- reading ----------------------------------------------------------------------------------
struct RegisterSpan {
    int function = 3;
    std::uint16_t address = 0;
    std::uint16_t count = 0;
    friend bool operator==(const RegisterSpan&, const RegisterSpan&) = default;
};

/// The fewest reads that bring all blocks of the groups, within registers_max and gap_max, ordered by
/// function and address. A block is never split. Where a profile has no block for `reading`, the state blocks
/// stand in for it, and the other way round: many meters tell everything in one block. `settings` has no
/// stand-in and may be empty.
/// @pre the profile's protocol is modbus
[[nodiscard]] std::vector<RegisterSpan> plan_reads(const MeterProfile& profile,
                                                   const std::vector<Block::Group>& groups);

/// Values in the unit of their quantity. What the meter says is "not available" is left out, since unknown is
/// not zero: NaN; all FFh for unsigned numbers and for status words; 7FFFh... for signed ones (there all FFh
/// is -1, a good balance); dates that don't exist; what doesn't fit 64 bits.
using Values = std::map<Quantity, std::int64_t>;

/// Decodes every field of the profile that lies wholly in `span`.
/// @throws std::invalid_argument unless words.size() == span.count
void decode(const MeterProfile& profile, const RegisterSpan& span, const std::vector<std::uint16_t>& words,
            Values& into);

// ---- which meter is it ---------------------------------------------------------------------------
enum class SerialNumberSays {
    this_meter,
    another_meter,
    nothing,  ///< the register was never set (all zeros), or what is expected is no number of that many
              ///< digits
};
/// Leading zeros don't count. @param words of the register, in host order
/// @throws std::invalid_argument unless words.size() == where.count()
[[nodiscard]] SerialNumberSays compare_serial_number(const SerialNumberRegister& where,
                                                     const std::vector<std::uint16_t>& words,
                                                     const std::string& expected);
/// For people: "202600000001", or the registers where they are no digits.
[[nodiscard]] std::string serial_number_text(const std::vector<std::uint16_t>& words);

// ---- what can be set ------------------------------------------------------------------------------
/// What a register can hold of a quantity that is set, in the quantity's unit: the multiples of `step` from 0
/// to `most`. The largest raw value is left out, because it reads as "not available".
struct SettableRange {
    std::int64_t step = 1;
    std::int64_t most = 0;
    [[nodiscard]] bool holds(std::int64_t value) const {
        return value >= 0 && value <= most && value % step == 0;
    }
    friend bool operator==(const SettableRange&, const SettableRange&) = default;
};
/// Nothing when the profile does not say where a meter keeps it, or it is no plain whole number.
[[nodiscard]] std::optional<SettableRange> settable(const MeterProfile& profile, Quantity quantity);

[[nodiscard]] const char* to_string(MeterProtocol protocol);
[[nodiscard]] const char* to_string(CommandDialect dialect);
[[nodiscard]] const char* to_string(Quantity quantity);
[[nodiscard]] std::optional<Quantity> parse_quantity(std::string_view text);

}  // namespace wutong::core
