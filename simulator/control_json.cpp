#include "simulator/control_json.hpp"

#include <fmt/format.h>

#include "simulator/cjt188_meter.hpp"

namespace wutong::simulator {

using nlohmann::json;

std::string iso_time(core::Timestamp at, std::chrono::minutes offset) {
    const auto local = std::chrono::floor<std::chrono::milliseconds>(at + offset);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    const auto minutes = offset.count() < 0 ? -offset.count() : offset.count();
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}",
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                       time.seconds().count(), time.subseconds().count(), offset.count() < 0 ? '-' : '+',
                       minutes / 60, minutes % 60);
}

json meter_summary(const InstalledMeter& meter) {
    return {{"serial", meter.plan.serial},
            {"code", meter.plan.code},
            {"profile", profile_of(meter.plan.model)},
            {"bus", meter.plan.line},
            {"address", meter.plan.address},
            {"line_address", line_address(meter.plan)},
            {"floor", meter.plan.floor},
            {"unit", meter.plan.unit.empty() ? json(nullptr) : json(meter.plan.unit)},
            {"dead", meter.dead}};
}

namespace {

json prepaid_truth(const PrepaidMeter& meter, std::chrono::minutes offset) {
    const auto& registers = meter.registers();
    json writes = json::array();
    for (const auto& write : meter.writes()) {
        writes.push_back({{"at", iso_time(write.at, std::chrono::minutes{0})},
                          {"kind", write.kind},
                          {"purchase_number", write.purchase_number},
                          {"balance_e4", write.balance_e4}});
    }
    return {{"balance_e10", registers.balance_e10},
            {"balance_e4", meter.balance_cents() * 100},
            {"purchase_number", registers.purchase_number},
            {"cost_e10", registers.cost_e10},
            {"price_e4", meter.price_e4()},
            {"prices_e4", registers.price_e4},
            {"alarm_1_e4", std::int64_t{registers.alarm_1_cents} * 100},
            {"alarm_2_e4", std::int64_t{registers.alarm_2_cents} * 100},
            {"overdraft_e4", std::int64_t{registers.overdraft_cents} * 100},
            {"overload_w", registers.overload_w},
            {"overload_control", registers.load_control},
            {"overload_trips", registers.overload_trips},
            {"prepaid_enabled", registers.prepaid},
            {"relay_closed", meter.relay_closed()},
            {"forced", registers.forced},
            {"forced_open", registers.forced && registers.forced_open},
            {"arrears", meter.arrears()},
            {"alarm_1", meter.alarm_1()},
            {"alarm_2", meter.alarm_2()},
            {"powered", meter.powered()},
            {"clock", iso_time(meter.clock(), offset)},
            {"writes", writes}};
}

}  // namespace

json meter_truth(const InstalledMeter& meter, core::Timestamp now, std::chrono::minutes local_offset) {
    auto truth = meter_summary(meter);
    truth["at"] = iso_time(now, std::chrono::minutes{0});
    std::int64_t energy_mwh = 0;
    if (const auto* prepaid = meter.prepaid()) {
        truth.update(prepaid_truth(*prepaid, local_offset));
        energy_mwh = prepaid->registers().energy_mwh;
        truth["energy_wh"] = energy_mwh / 10'000 * 10;
        truth["load_w"] = prepaid->load_w();
        truth["load_set_w"] = meter.load_w ? json(*meter.load_w) : json(nullptr);
        truth["premises"] = meter.plan.premises_id;
        if (meter.plan.model == Model::cjt188_valve_water) {
            truth["litres"] = energy_mwh / kMilliwattHoursPerLitre;
        }
    } else {
        energy_mwh = meter.feeder->energy_mwh();
        truth["energy_wh"] = energy_mwh / 1000;
        truth["load_w"] = meter.feeder->load_w();
        truth["feeds"] = meter.plan.feeds;
    }
    truth["energy_mwh"] = energy_mwh;
    return truth;
}

json line_summary(const LineEnd& line, std::size_t meters) {
    const auto stats = line.stats();
    const auto& plan = line.plan();
    return {{"name", plan.name},
            {"transport", to_string(plan.kind)},
            {"framing", to_string(plan.framing)},
            {"endpoint", line.endpoint()},
            {"baud", plan.baud},
            {"turnaround_ms", plan.turnaround_ms},
            {"byte_time_ns", byte_time(plan).count()},
            {"meters", meters},
            {"dead", line.dead()},
            {"requests", stats.requests},
            {"answers", stats.answers},
            {"bad_frames", stats.bad_frames},
            {"collision_bytes", stats.collisions},
            {"bytes_in", stats.bytes_in},
            {"bytes_out", stats.bytes_out},
            {"wire_busy_us", stats.wire_busy_us},
            {"connections", stats.connections}};
}

json fault_summary(const Fault& fault) {
    return {{"id", fault.id},
            {"target", fault.target},
            {"kind", to_string(fault.kind)},
            {"function", fault.function ? json(*fault.function) : json(nullptr)},
            {"count", fault.count},
            {"probability", fault.probability},
            {"delay_ms", fault.delay_ms},
            {"hits", fault.hits}};
}

}  // namespace wutong::simulator
