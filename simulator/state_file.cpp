#include "simulator/state_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace wutong::simulator {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

std::int64_t ticks(core::Timestamp at) {
    return at.time_since_epoch().count();
}
core::Timestamp timestamp(std::int64_t ticks) {
    return core::Timestamp{std::chrono::microseconds{ticks}};
}

json to_json(const PrepaidRegisters& r) {
    return {{"energy_mwh", r.energy_mwh},
            {"energy_rest", r.energy_rest},
            {"balance_e10", r.balance_e10},
            {"cost_e10", r.cost_e10},
            {"cost_rest", r.cost_rest},
            {"purchase_number", r.purchase_number},
            {"total_purchased", r.total_purchased},
            {"base_energy", r.base_energy},
            {"price_e4", r.price_e4},
            {"alarm_1_cents", r.alarm_1_cents},
            {"alarm_2_cents", r.alarm_2_cents},
            {"overdraft_cents", r.overdraft_cents},
            {"extra_byte", r.extra_byte},
            {"number_bcd", r.number_bcd},
            {"prepaid", r.prepaid},
            {"credit_relay_closed", r.credit_relay_closed},
            {"forced", r.forced},
            {"forced_open", r.forced_open},
            {"load_control", r.load_control},
            {"overload_w", r.overload_w},
            {"power_step_w", r.power_step_w},
            {"power_factor_limit", r.power_factor_limit},
            {"recover_minutes", r.recover_minutes},
            {"overload_trips_allowed", r.overload_trips_allowed},
            {"overload_trips", r.overload_trips},
            {"overload_open", r.overload_open},
            {"recover_at", r.recover_at ? json(ticks(*r.recover_at)) : json(nullptr)},
            {"clock_offset_us", r.clock_offset_us},
            {"clock_set_at", ticks(r.clock_set_at)}};
}

PrepaidRegisters from_json(const json& j) {
    PrepaidRegisters r;
    j.at("energy_mwh").get_to(r.energy_mwh);
    j.at("energy_rest").get_to(r.energy_rest);
    j.at("balance_e10").get_to(r.balance_e10);
    j.at("cost_e10").get_to(r.cost_e10);
    j.at("cost_rest").get_to(r.cost_rest);
    j.at("purchase_number").get_to(r.purchase_number);
    j.at("total_purchased").get_to(r.total_purchased);
    j.at("base_energy").get_to(r.base_energy);
    j.at("price_e4").get_to(r.price_e4);
    j.at("alarm_1_cents").get_to(r.alarm_1_cents);
    j.at("alarm_2_cents").get_to(r.alarm_2_cents);
    j.at("overdraft_cents").get_to(r.overdraft_cents);
    j.at("extra_byte").get_to(r.extra_byte);
    j.at("number_bcd").get_to(r.number_bcd);
    j.at("prepaid").get_to(r.prepaid);
    j.at("credit_relay_closed").get_to(r.credit_relay_closed);
    j.at("forced").get_to(r.forced);
    j.at("forced_open").get_to(r.forced_open);
    j.at("load_control").get_to(r.load_control);
    j.at("overload_w").get_to(r.overload_w);
    j.at("power_step_w").get_to(r.power_step_w);
    j.at("power_factor_limit").get_to(r.power_factor_limit);
    j.at("recover_minutes").get_to(r.recover_minutes);
    j.at("overload_trips_allowed").get_to(r.overload_trips_allowed);
    j.at("overload_trips").get_to(r.overload_trips);
    j.at("overload_open").get_to(r.overload_open);
    if (!j.at("recover_at").is_null()) {
        r.recover_at = timestamp(j.at("recover_at").get<std::int64_t>());
    }
    j.at("clock_offset_us").get_to(r.clock_offset_us);
    r.clock_set_at = timestamp(j.at("clock_set_at").get<std::int64_t>());
    return r;
}

}  // namespace

std::string snapshot(const Building& building) {
    json meters = json::object();
    for (const auto& meter : building.meters()) {
        if (const auto* prepaid = meter->prepaid()) {
            auto state = to_json(prepaid->registers());
            state["powered"] = prepaid->powered_switch();
            state["load_w"] = meter->load_w ? json(*meter->load_w) : json(nullptr);
            meters[meter->plan.serial] = std::move(state);
        }
    }
    return json{{"format", kFormat}, {"meters", std::move(meters)}}.dump() + "\n";
}

std::size_t restore(Building& building, const std::string& text) {
    struct Restored {
        InstalledMeter* meter;
        PrepaidRegisters registers;
        bool powered;
        std::optional<std::int64_t> load_w;
    };
    std::vector<Restored> restored;
    try {
        const auto state = json::parse(text);
        if (state.at("format").get<int>() != kFormat) {
            throw std::runtime_error(fmt::format("format {} is unknown", state.at("format").dump()));
        }
        for (const auto& [serial, registers] : state.at("meters").items()) {
            auto* meter = building.find(serial);
            if (meter == nullptr || meter->prepaid() == nullptr) {
                continue;
            }
            const auto& load = registers.at("load_w");
            restored.push_back({meter, from_json(registers), registers.at("powered").get<bool>(),
                                load.is_null() ? std::nullopt : std::optional{load.get<std::int64_t>()}});
        }
    } catch (const json::exception& fault) {
        throw std::runtime_error(fmt::format("not a state file of wutong-sim: {}", fault.what()));
    }
    for (const auto& one : restored) {
        one.meter->load_w = one.load_w;
        one.meter->prepaid()->set_powered(one.powered);
        one.meter->prepaid()->restore(one.registers);
    }
    return restored.size();
}

void write_file_atomically(const std::filesystem::path& path, const std::string& text) {
    auto fresh = path;
    fresh += ".new";
    const auto fail = [&](const char* what) {
        throw std::runtime_error(fmt::format("{}: {}: {}", fresh.string(), what, std::strerror(errno)));
    };
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(fresh.string().c_str(), "wb"),
                                                         std::fclose};
    if (!file) {
        fail("can't be opened");
    }
    if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
        fail("can't be written");
    }
#ifndef _WIN32
    if (::fsync(::fileno(file.get())) != 0) {
        fail("can't be brought to disk");
    }
#endif
    if (std::fclose(file.release()) != 0) {
        fail("can't be closed");
    }
    std::filesystem::rename(fresh, path);
}

}  // namespace wutong::simulator
