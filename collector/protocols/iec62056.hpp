#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// IEC 62056-21 (before: IEC 61107, IEC 1107), modes A to C: text in seven bits with even parity.
///
///     -> / ? ADDRESS ! CR LF                      sign-on, at 300 baud
///     <- / X X X Z TEXT CR LF                     identification; Z is the speed that the meter offers
///     -> ACK 0 Z 0 CR LF                          acknowledgement: at that speed, the read-out, please
///     <- STX CODE(VALUE*UNIT) CR LF … ! CR LF ETX BCC
///
/// With 1 instead of the last 0 the meter goes into programming mode, where single registers are read:
///
///     <- SOH P0 STX (…) ETX BCC                   operand for a password
///     -> SOH R5 STX CODE() ETX BCC
///     <- STX CODE(VALUE*UNIT) ETX BCC
///     -> SOH B0 ETX BCC                           break: the end
///
/// BCC: exclusive or of all after the first SOH or STX, ETX included. Sources: docs/protocols/iec62056-21.md.
namespace wutong::protocols::iec62056 {

inline constexpr std::uint8_t kSoh = 0x01;
inline constexpr std::uint8_t kStx = 0x02;
inline constexpr std::uint8_t kEtx = 0x03;
inline constexpr std::uint8_t kAck = 0x06;
inline constexpr std::uint8_t kNak = 0x15;

inline constexpr std::size_t kAddressMax = 32;
inline constexpr std::size_t kTextMax = 32;  ///< of an identification; the standard allows 16
inline constexpr std::size_t kIdentificationMax = 1 + 3 + 1 + kTextMax + 2;
inline constexpr std::size_t kMessageMax = 16'384;  ///< STX to BCC
inline constexpr std::size_t kCodeMax = 32;
inline constexpr std::size_t kValueMax = 128;
inline constexpr std::size_t kUnitMax = 16;
inline constexpr std::size_t kDataSetsMax = 1'024;
inline constexpr std::size_t kValuesMax = 256;  ///< of one code

// ---- seven bits with even parity on a line that carries eight ------------------------------------------
/// @throws std::invalid_argument for a byte above 7Fh
[[nodiscard]] Bytes with_parity(ByteView text);
/// Also takes what a port set to seven bits has taken the parity off of: no byte has its highest bit then.
[[nodiscard]] std::variant<Bytes, DecodeFault> without_parity(ByteView received);

// ---- sign-on -----------------------------------------------------------------------------------------
/// Letters, digits and blanks, at most kAddressMax; empty means everybody. Leading zeros don't count.
[[nodiscard]] bool good_address(std::string_view address);
/// Are these the same meter's? The empty one is everybody's.
[[nodiscard]] bool same_address(std::string_view one, std::string_view other);
/// @throws std::invalid_argument unless good_address
[[nodiscard]] Bytes encode_sign_on(std::string_view address);

// ---- identification ------------------------------------------------------------------------------------
/// How the meter goes on after its identification.
enum class Mode {
    fixed,        ///< A: the read-out follows at the same speed
    announced,    ///< B: the read-out follows at the speed that Z tells
    acknowledged  ///< C: it waits to be told speed and mode
};
struct Identification {
    std::string manufacturer;  ///< three letters; the third is small where the meter answers within 20 ms
    char speed = '0';          ///< Z
    std::string text;          ///< type and often version; "\2" and the like in front are kept
    friend bool operator==(const Identification&, const Identification&) = default;

    [[nodiscard]] Mode mode() const;
    /// Of Z; nothing for one that is kept for later use.
    [[nodiscard]] std::optional<int> baud() const;
};
/// The character of mode C for a speed from 300 to 19200.
[[nodiscard]] std::optional<char> speed_character(int baud);

/// Skips noise, and what an optical head hands back of our own sign-on.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_identification(ByteView received);
/// @pre match_identification told FrameComplete for exactly these bytes
[[nodiscard]] std::variant<Identification, DecodeFault> decode_identification(ByteView complete);
/// @throws std::invalid_argument when it is none
[[nodiscard]] Bytes encode_identification(const Identification& identification);

// ---- acknowledgement -------------------------------------------------------------------------------------
enum class Option : char { readout = '0', programming = '1' };
struct Acknowledgement {
    char speed = '0';
    Option option = Option::readout;
    friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};
[[nodiscard]] Bytes encode_acknowledgement(const Acknowledgement& acknowledgement);

// ---- data ------------------------------------------------------------------------------------------------
struct Value {
    std::string text;  ///< as it stands there: "042951.721"
    std::string unit;  ///< "kWh"; often none
    friend bool operator==(const Value&, const Value&) = default;
};
struct DataSet {
    std::string code;  ///< "1.8.0", "1-0:1.8.0*255", with history "1.8.0*01"
    std::vector<Value> values;
    friend bool operator==(const DataSet&, const DataSet&) = default;
};
using DataSets = std::vector<DataSet>;

/// A message that begins with STX or SOH, whatever its BCC is. Skips noise and echoes before it.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_message(ByteView received);
/// Of a read-out, or of the answer to a single question.
/// @pre match_message told FrameComplete for exactly these bytes
[[nodiscard]] std::variant<DataSets, DecodeFault> decode_data(ByteView complete);
enum class DataEnd {
    readout,  ///< lines and "!"
    answer    ///< one data set
};
/// @throws std::invalid_argument when something is too long, or has characters that mean something else
[[nodiscard]] Bytes encode_data(const DataSets& data, DataEnd end);

/// By code: "1-0:1.8.0*255" and "1.8.0" are the same, "1.8.0*01" is not, "32.7" is not "32.7.0".
[[nodiscard]] const DataSet* find_data(const DataSets& data, std::string_view code);
/// "1.8.0" of "1-0:1.8.0*255": without medium and channel, and without 255, which means "now".
[[nodiscard]] std::string_view short_code(std::string_view code);

// ---- programming mode
// --------------------------------------------------------------------------------------
/// SOH NAME STX DATA ETX BCC: "P0", "P1", "R1", "R5", and "B0" without data. Nothing here writes.
struct Command {
    std::string name;
    std::optional<DataSet> data;
    friend bool operator==(const Command&, const Command&) = default;
};
/// @throws std::invalid_argument for another name, and as encode_data
[[nodiscard]] Bytes encode_command(const Command& command);
/// @pre match_message told FrameComplete for exactly these bytes
[[nodiscard]] std::variant<Command, DecodeFault> decode_command(ByteView complete);

// ---- the device's side
// ---------------------------------------------------------------------------------------
struct SignOn {
    std::string address;
    friend bool operator==(const SignOn&, const SignOn&) = default;
};
using Request = std::variant<SignOn, Acknowledgement, Command>;
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_request(ByteView received);
/// @pre match_request told FrameComplete for exactly these bytes
[[nodiscard]] std::variant<Request, DecodeFault> decode_request(ByteView complete);

}  // namespace wutong::protocols::iec62056
