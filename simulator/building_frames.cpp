#include "collector/protocols/modbus_crc.hpp"
#include "simulator/building.hpp"
#include "simulator/cjt188_meter.hpp"
#include "simulator/dlms_meter.hpp"
#include "simulator/dlt645_meter.hpp"
#include "simulator/iec62056_meter.hpp"

/// Whole frames: who hears them, who answers, and what becomes of the answer.
namespace wutong::simulator {

void InstalledMeter::advance(core::Timestamp now) const {
    if (framed) {
        framed->advance(now);
    } else if (acrel) {
        acrel->meter().advance(now);
    }
}

std::unique_ptr<FrameDevice> Building::make_framed(const MeterPlan& plan, std::uint64_t seed,
                                                   PrepaidMeter meter) const {
    switch (plan.model) {
        case Model::dlt645_single_phase:
        case Model::dlt645_three_phase:
            return std::make_unique<Dlt645Meter>(
                Dlt645Meter::Identity{plan.serial, plan.model == Model::dlt645_three_phase ? 3 : 1, seed,
                                      plan_.local_offset},
                std::move(meter));
        case Model::cjt188_valve_water:
            return std::make_unique<Cjt188Meter>(line_address(plan), plan_.local_offset, std::move(meter));
        case Model::iec62056_single_phase:
        case Model::iec62056_three_phase:
            return std::make_unique<Iec62056Meter>(
                Iec62056Meter::Identity{plan.serial, plan.model == Model::iec62056_three_phase ? 3 : 1, seed,
                                        plan_.local_offset},
                std::move(meter));
        default: {
            DlmsMeter::Identity identity;
            identity.serial = plan.serial;
            identity.address = static_cast<std::uint16_t>(plan.address);
            identity.phases = plan.model == Model::dlms_three_phase ? 3 : 1;
            identity.seed = seed;
            identity.local_offset = plan_.local_offset;
            for (const auto& line : plan_.lines) {
                identity.wrapper =
                    identity.wrapper || (line.name == plan.line && line.framing == LineFraming::dlms_wrapper);
            }
            return std::make_unique<DlmsMeter>(identity, std::move(meter));
        }
    }
}

Building::Met Building::meet(InstalledMeter& meter, const Fault& fault, core::Timestamp now) {
    Met met;
    switch (fault.kind) {
        case FaultKind::power_cut_after_write: {
            const auto dark_until = now + std::chrono::milliseconds{fault.delay_ms};
            meter.silent_until = dark_until;
            if (auto* prepaid = meter.prepaid()) {
                prepaid->cut_power_until(dark_until);
            }
            met.answered = false;
            break;
        }
        case FaultKind::lost_request:
        case FaultKind::lost_answer:
            met.answered = false;
            break;
        case FaultKind::foreign_answer:
            met.foreign = true;
            break;
        case FaultKind::late_answer:
            met.delay_ms = fault.delay_ms;
            met.fault = fault.kind;
            break;
        case FaultKind::torn_answer:
        case FaultKind::garbled_answer:
        case FaultKind::repeated_answer:
            met.fault = fault.kind;
            break;
    }
    return met;
}

FrameAnswer Building::exchange_frame(const LinePlan& line, protocols::ByteView frame, core::Timestamp now) {
    if (line.framing != LineFraming::modbus) {
        return ask_framed(line.name, frame, now);
    }
    // Unit, PDU, two bytes of CRC that the deframer has checked.
    auto told = exchange(line.name, frame[0], frame.subspan(1, frame.size() - 3), now);
    FrameAnswer answer;
    answer.answered = told.answered;
    answer.fault = told.fault;
    answer.delay_ms = told.delay_ms;
    if (told.answered) {
        answer.frame = protocols::encode_rtu(told.unit, told.pdu);
    }
    return answer;
}

FrameAnswer Building::ask_framed(const std::string& line, protocols::ByteView frame, core::Timestamp now) {
    FrameAnswer all;
    const auto meters = framed_by_line_.find(line);
    if (meters == framed_by_line_.end()) {
        return all;
    }
    for (auto* meter : meters->second) {
        auto& device = *meter->framed;
        if (!device.hears(frame)) {
            device.overhears(frame);
            continue;
        }
        device.advance(now);
        if (meter->dead || meter->silent_until > now || !device.meter().powered()) {
            continue;
        }
        const auto kind = device.kind_of(frame);
        const auto fault = faults_.strike(meter->plan.serial, line, kind.function, kind.writes);
        if (fault && fault->kind == FaultKind::lost_request) {
            continue;
        }
        auto bytes = device.answer(frame, now);
        const auto met = fault ? meet(*meter, *fault, now) : Met{};
        if (bytes.empty() || !met.answered) {
            continue;
        }
        if (all.answered) {
            // Two meters talk at once: nobody can read it.
            all.fault = FaultKind::garbled_answer;
            continue;
        }
        all.answered = true;
        all.frame = met.foreign ? device.as_foreign(bytes) : std::move(bytes);
        all.fault = met.fault;
        all.delay_ms = met.delay_ms;
        all.baud = device.answer_baud();
    }
    return all;
}

}  // namespace wutong::simulator
