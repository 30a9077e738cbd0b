#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocols/modbus_rtu.hpp"
#include "simulator/acrel_meter.hpp"
#include "simulator/building_plan.hpp"
#include "simulator/faults.hpp"
#include "simulator/feeder_meter.hpp"
#include "simulator/frame_device.hpp"

namespace wutong::simulator {

/// One meter as it hangs in the building. Exactly one of `acrel`, `feeder` and `framed` is set.
struct InstalledMeter {
    MeterPlan plan;
    std::unique_ptr<AcrelMeter> acrel;
    std::unique_ptr<FeederMeter> feeder;
    std::unique_ptr<FrameDevice> framed;  ///< everything that isn't Modbus
    bool dead = false;                    ///< its communication is dead; it goes on measuring
    std::optional<std::int64_t> load_w;   ///< instead of the measured curve
    core::Timestamp silent_until{};

    [[nodiscard]] PrepaidMeter* prepaid() const {
        return acrel ? &acrel->meter() : framed ? &framed->meter() : nullptr;
    }
    /// Brings what it counts up to now.
    void advance(core::Timestamp now) const;
};

/// What becomes of a request on a bus.
struct Exchange {
    bool answered = false;
    std::uint8_t unit = 0;  ///< the unit that the answer carries
    protocols::Bytes pdu;
    std::optional<FaultKind> fault;  ///< only late, torn, garbled and repeated are left for the line to do
    int delay_ms = 0;
};

/// The same for a whole frame of any protocol.
struct FrameAnswer {
    bool answered = false;
    protocols::Bytes frame;
    std::optional<FaultKind> fault;
    int delay_ms = 0;
    int baud = 0;  ///< of the answer, where it is not the line's
};

struct Sums {
    std::int64_t balance_e10 = 0, cost_e10 = 0, energy_mwh = 0;
};

/// All meters and the faults that they meet. Not thread-safe: one thread runs the building.
class Building {
public:
    /// @param plan has passed check_plan
    /// @param curves must outlive the building
    Building(BuildingPlan plan, const LoadCurves& curves, core::Timestamp now);

    /// A request whose last byte has just arrived.
    Exchange exchange(const std::string& line, std::uint8_t unit, protocols::ByteView pdu,
                      core::Timestamp now);

    /// The same with envelope and check, in whatever the line's meters speak.
    FrameAnswer exchange_frame(const LinePlan& line, protocols::ByteView frame, core::Timestamp now);

    void advance(core::Timestamp now);
    [[nodiscard]] Sums sums() const;

    [[nodiscard]] const BuildingPlan& plan() const { return plan_; }
    [[nodiscard]] const std::vector<std::unique_ptr<InstalledMeter>>& meters() const { return meters_; }
    [[nodiscard]] InstalledMeter* find(const std::string& serial);
    [[nodiscard]] FaultBook& faults() { return faults_; }
    /// The load as set by hand; nothing = back to the measured curve. Advance first.
    void set_load(InstalledMeter& meter, std::optional<std::int64_t> watts);
    /// Changes with every write to a meter and every trip; see PrepaidMeter::revision.
    [[nodiscard]] std::uint64_t revision() const;

private:
    void install(const MeterPlan& plan, const LoadCurves& curves, core::Timestamp now);
    [[nodiscard]] std::unique_ptr<FrameDevice> make_framed(const MeterPlan& plan, std::uint64_t seed,
                                                           PrepaidMeter meter) const;
    /// One meter, alone.
    Exchange ask(InstalledMeter& meter, protocols::ByteView pdu, core::Timestamp now);
    FrameAnswer ask_framed(const std::string& line, protocols::ByteView frame, core::Timestamp now);
    /// What a fault leaves of an answer that was given.
    struct Met {
        bool answered = true;
        bool foreign = false;
        int delay_ms = 0;
        std::optional<FaultKind> fault;
    };
    static Met meet(InstalledMeter& meter, const Fault& fault, core::Timestamp now);
    void connect_boxes();
    void connect_feeders();
    PrepaidMeter::Demand demand(const InstalledMeter& meter, const LoadCurve& curve,
                                core::Timestamp at) const;

    BuildingPlan plan_;
    std::vector<std::unique_ptr<InstalledMeter>> meters_;
    std::map<std::string, InstalledMeter*> by_serial_;
    std::map<std::pair<std::string, int>, InstalledMeter*> by_address_;
    std::multimap<std::pair<std::string, int>, InstalledMeter*> twins_;  ///< second ones at an address
    std::map<std::string, std::vector<InstalledMeter*>> framed_by_line_;
    FaultBook faults_;
};

}  // namespace wutong::simulator
