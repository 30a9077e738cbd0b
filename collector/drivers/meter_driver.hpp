#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "collector/drivers/field_meter.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "collector/drivers/meter_readout.hpp"
#include "collector/drivers/prepaid_settings.hpp"
#include "collector/protocols/meter_clock.hpp"
#include "core/credit_delivery.hpp"
#include "core/meter_event.hpp"
#include "core/meter_profile.hpp"

namespace wutong::collector {

/// What a relay is to do from now on.
enum class RelayOrder {
    open,           ///< and stay open, whatever the credit
    stay_closed,    ///< whatever the credit
    follow_credit,  ///< as the meter decides; one that keeps no credit closes
};

/// Which meter answers there.
struct MeterIdentity {
    core::SerialNumberSays says = core::SerialNumberSays::nothing;
    bool unread = false;  ///< it can tell, but did not answer: ask again before money moves
    std::string text;     ///< the number it told, for people
};

/// What a meter's status words and its own records say. Nothing of it is in read_groups().
struct EventsReadout {
    BusReply::Kind kind = BusReply::Kind::refused;
    std::string reason;
    core::EventsShown shown;
    std::vector<core::EventRecord> records;  ///< in our time: the meter's offset is taken off
    /// The meter keeps records of these, so what its status words and its values say of them is left alone.
    std::set<core::MeterEventKind> recorded;

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};

/// What the meter's clock shows, and when it was asked.
struct ClockReadout {
    BusReply::Kind kind = BusReply::Kind::refused;
    std::string reason;
    std::optional<std::int64_t> shown_s;  ///< its wall clock, counted as if it were UTC
    core::Timestamp asked_at;
    core::Timestamp answered_at;

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered && shown_s.has_value(); }
};

/// One row of a meter's own load profile, or of its frozen registers.
struct HistoryRow {
    core::Timestamp at;   ///< in our time: the meter's offset is taken off
    core::Values values;  ///< energy_total at least
};
struct HistoryReadout {
    BusReply::Kind kind = BusReply::Kind::refused;
    std::string reason;
    std::vector<HistoryRow> rows;  ///< oldest first

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};

/// Which firmware a meter runs, as it writes it.
struct FirmwareReadout {
    BusReply::Kind kind = BusReply::Kind::refused;
    std::string reason;
    std::string version;  ///< printable, at most 80 characters

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered && !version.empty(); }
};
/// What a meter sent as text: printable characters alone, blanks around them off, cut to 80.
[[nodiscard]] std::string version_text(protocols::ByteView sent);

/// What is asked for at once is read in one go, and the bus is wanted for other things.
inline constexpr std::chrono::hours kHistoryAskedMax{8};

/// What there is besides values and commands, so that nobody asks in vain.
struct DriverOffers {
    bool events = false;
    bool clock = false;    ///< it can be read
    bool history = false;  ///< there is something to fill gaps from
    bool firmware = false;
};

/// A change that is worked out and waits to be sent; each call sends it once. What came of it is to be read
/// back in any case: the answer alone proves nothing.
using PreparedWrite = std::function<BusReply(MeterBus&)>;
using Prepared = std::variant<PreparedWrite, DialectFault>;

/// One protocol, as polling and commands use it: from quantities to exchanges and back. A driver holds no
/// state of a meter: what has to last is in MeterBus::session(). It never repeats what changes something;
/// whether a reading is repeated is up to the bus. What a protocol or a profile can't do is `refused`, with a
/// sentence that says so.
class MeterDriver {
public:
    using Groups = std::vector<core::Block::Group>;

    MeterDriver() = default;
    MeterDriver(const MeterDriver&) = delete;
    MeterDriver& operator=(const MeterDriver&) = delete;
    virtual ~MeterDriver() = default;

    /// Reads all of the groups, in as few exchanges as the profile allows. All or nothing: values of half a
    /// meter would be taken for a whole look.
    [[nodiscard]] virtual MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                                   const Groups& groups) const = 0;
    /// The smallest question there is, to find out whether the meter is there at all. `refused` is an answer.
    [[nodiscard]] virtual BusReply probe(MeterBus& bus, const FieldMeter& meter) const = 0;
    /// A meter that is there has begun to answer after this, as far as the protocol says. Probes wait for it.
    [[nodiscard]] virtual std::chrono::milliseconds answers_within() const { return {}; }
    /// Compares what the meter says it is with what it should be, where the profile says how.
    [[nodiscard]] virtual MeterIdentity identify(MeterBus& bus, const FieldMeter& meter) const;

    /// What is switched has moved after this; a valve's motor needs its time. 0: at once.
    [[nodiscard]] virtual std::chrono::milliseconds relay_moves_within() const { return {}; }
    [[nodiscard]] virtual BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                                RelayOrder order) const;
    /// @param clock the meter's own wall clock
    [[nodiscard]] virtual BusReply set_clock(MeterBus& bus, const FieldMeter& meter,
                                             const protocols::MeterClock& clock) const;

    [[nodiscard]] virtual DriverOffers offers(const core::MeterProfile& profile) const;
    /// What stands now and what the meter wrote down, in few exchanges.
    [[nodiscard]] virtual EventsReadout read_events(MeterBus& bus, const FieldMeter& meter) const;
    /// The clock alone where that is cheaper than the group that has it.
    [[nodiscard]] virtual ClockReadout read_clock(MeterBus& bus, const FieldMeter& meter) const;
    /// All that the meter kept of [from, to], both ends included. @pre at most kHistoryAskedMax
    [[nodiscard]] virtual HistoryReadout read_history(MeterBus& bus, const FieldMeter& meter,
                                                      core::Timestamp from, core::Timestamp to) const;

    [[nodiscard]] virtual FirmwareReadout read_firmware(MeterBus& bus, const FieldMeter& meter) const;

    /// Money and what belongs to it. @param present what the meter holds now, where settings travel together
    /// @param credit balance, amount and purchase number, when money moves
    [[nodiscard]] virtual Prepared prepare_money(const FieldMeter& meter, const PrepaidSettings& settings,
                                                 const core::Values& present,
                                                 const std::optional<core::CreditWrite>& credit) const;
    [[nodiscard]] virtual Prepared prepare_overload(const FieldMeter& meter, std::int64_t overload_w) const;
};

/// The driver of the profile's protocol; one for all meters.
[[nodiscard]] const MeterDriver& driver_of(const core::MeterProfile& profile);

/// driver_of(*meter.profile).read_groups(…)
[[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                       const MeterDriver::Groups& groups);

}  // namespace wutong::collector
