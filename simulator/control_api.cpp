#include "simulator/control_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "simulator/control_json.hpp"

namespace wutong::simulator {
namespace {

using nlohmann::json;

constexpr std::int64_t kLoadMaxW = 10'000'000;
constexpr std::int64_t kClockOffsetMax = 366LL * 86'400;
constexpr std::int64_t kBalanceMaxE4 = 2'147'483'647LL * 100;
constexpr int kDelayMaxMs = 3'600'000;
constexpr int kCountMax = 1'000'000;

/// Told to the caller with its status.
struct ApiError : std::runtime_error {
    ApiError(int code, const std::string& message) : std::runtime_error{message}, status{code} {}
    int status;
};

ApiReply reply(const json& body, int status = 200) {
    return {status, body.dump()};
}

json parse_object(const std::string& body, const std::set<std::string>& known) {
    json parsed;
    try {
        parsed = json::parse(body);
    } catch (const json::parse_error& fault) {
        throw ApiError(400, fmt::format("body is not JSON: {}", fault.what()));
    }
    if (!parsed.is_object()) {
        throw ApiError(400, "body must be a JSON object");
    }
    for (const auto& [key, value] : parsed.items()) {
        if (!known.contains(key)) {
            throw ApiError(400, fmt::format("unknown key \"{}\"; known: {}", key, fmt::join(known, ", ")));
        }
    }
    return parsed;
}

std::int64_t integer(const json& value, const char* key, std::int64_t low, std::int64_t high) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
        throw ApiError(400, fmt::format("\"{}\" is {}, expected a whole number from {} to {}", key,
                                        value.dump(), low, high));
    }
    return value.get<std::int64_t>();
}

bool boolean(const json& value, const char* key) {
    if (!value.is_boolean()) {
        throw ApiError(400, fmt::format("\"{}\" is {}, expected true or false", key, value.dump()));
    }
    return value.get<bool>();
}

std::optional<std::int64_t> optional_integer(const json& object, const char* key, std::int64_t low,
                                             std::int64_t high) {
    std::optional<std::int64_t> value;
    if (object.contains(key)) {
        value = integer(object[key], key, low, high);
    }
    return value;
}

std::optional<bool> optional_boolean(const json& object, const char* key) {
    std::optional<bool> value;
    if (object.contains(key)) {
        value = boolean(object[key], key);
    }
    return value;
}

std::string text(const json& object, const char* key) {
    if (!object.contains(key) || !object[key].is_string()) {
        throw ApiError(400, fmt::format("\"{}\" is missing or no string", key));
    }
    return object[key].get<std::string>();
}

std::vector<std::string> split_path(const std::string& target) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at < target.size()) {
        const auto end = std::min(target.find('/', at), target.size());
        if (end > at) {
            parts.push_back(target.substr(at, end - at));
        }
        at = end + 1;
    }
    return parts;
}

/// One call: everything that its routes share.
class Call {
public:
    Call(Building& building, const ControlApi::Lines& lines, const SimClock& clock, std::string method,
         const std::string& body)
        : building_{building}, lines_{lines}, now_{clock.now()}, method_{std::move(method)}, body_{body} {}

    ApiReply route(const std::vector<std::string>& path) {
        if (path.size() < 2 || path[0] != "v1" || path.size() > 3) {
            throw ApiError(404,
                           "no such path; see /v1/meters, /v1/buses, /v1/gateways, /v1/faults, /v1/sums, "
                           "/v1/health");
        }
        const auto& noun = path[1];
        const auto name = path.size() == 3 ? std::optional{path[2]} : std::nullopt;
        if (noun == "meters") {
            return name ? meter(*name) : meters();
        }
        if (noun == "buses" && !name) {
            return buses();
        }
        if (noun == "gateways") {
            return name ? gateway(*name) : gateways();
        }
        if (noun == "faults") {
            return name ? fault(*name) : faults();
        }
        if (noun == "sums" && !name) {
            return sums();
        }
        if (noun == "health" && !name) {
            only("GET");
            return reply({{"status", "ok"}, {"meters", building_.meters().size()}, {"lines", lines_.size()}});
        }
        throw ApiError(404, fmt::format("no such path under /v1: {}", noun));
    }

private:
    void only(const char* allowed) const {
        if (method_ != allowed) {
            throw ApiError(405, fmt::format("{} is not possible here, only {}", method_, allowed));
        }
    }

    ApiReply meters() {
        only("GET");
        json list = json::array();
        for (const auto& meter : building_.meters()) {
            list.push_back(meter_summary(*meter));
        }
        return reply({{"meters", list}});
    }

    ApiReply meter(const std::string& serial) {
        auto* found = building_.find(serial);
        if (found == nullptr) {
            throw ApiError(404, fmt::format("there is no meter with the serial number {}", serial));
        }
        if (method_ == "PATCH") {
            building_.advance(now_);
            patch_meter(*found);
        } else {
            only("GET");
            building_.advance(now_);
        }
        return reply(meter_truth(*found, now_, building_.plan().local_offset));
    }

    void patch_meter(InstalledMeter& meter) {
        const auto patch = parse_object(
            body_, {"load_w", "dead", "powered", "balance_e4", "purchase_number", "clock_offset_s",
                    "cover_open", "fault", "voltage_lost", "phases_swapped", "voltage_unbalanced"});
        auto* prepaid = meter.prepaid();
        if (prepaid == nullptr && (patch.size() != 1 || !patch.contains("dead"))) {
            throw ApiError(400, "a feeder meter only measures; of it only \"dead\" can be set");
        }
        // All is checked before anything is changed.
        const bool sets_load = patch.contains("load_w");
        std::optional<std::int64_t> load;
        if (sets_load && !patch["load_w"].is_null()) {
            load = integer(patch["load_w"], "load_w", 0, kLoadMaxW);
        }
        const auto dead = optional_boolean(patch, "dead");
        const auto powered = optional_boolean(patch, "powered");
        const auto balance = optional_integer(patch, "balance_e4", -kBalanceMaxE4, kBalanceMaxE4);
        const auto number = optional_integer(patch, "purchase_number", 0, 65'535);
        const auto clock_offset =
            optional_integer(patch, "clock_offset_s", -kClockOffsetMax, kClockOffsetMax);
        const auto cover_open = optional_boolean(patch, "cover_open");
        const auto faulty = optional_boolean(patch, "fault");
        const auto voltage_lost = optional_boolean(patch, "voltage_lost");
        const auto phases_swapped = optional_boolean(patch, "phases_swapped");
        const auto unbalanced = optional_boolean(patch, "voltage_unbalanced");
        if (dead) {
            meter.dead = *dead;
        }
        if (prepaid == nullptr) {
            return;
        }
        if (clock_offset) {
            prepaid->set_clock(now_ + std::chrono::seconds{*clock_offset});
        }
        if (cover_open) {
            prepaid->set_cover_open(*cover_open);
        }
        if (phases_swapped) {
            prepaid->set_phases_swapped(*phases_swapped);
        }
        prepaid->disturbances().voltage_unbalanced =
            unbalanced.value_or(prepaid->disturbances().voltage_unbalanced);
        prepaid->disturbances().fault = faulty.value_or(prepaid->disturbances().fault);
        prepaid->disturbances().voltage_lost = voltage_lost.value_or(prepaid->disturbances().voltage_lost);
        if (sets_load) {
            building_.set_load(meter, load);
        }
        if (powered) {
            prepaid->set_powered(*powered);
        }
        if (number) {
            prepaid->edit().purchase_number = static_cast<std::uint16_t>(*number);
        }
        if (balance) {
            prepaid->set_balance_e10(*balance * kE10PerE4);
        }
        if (balance || number) {
            prepaid->note_write("somebody_else");
        }
    }

    std::size_t meters_on(const std::string& line) const {
        return static_cast<std::size_t>(
            std::count_if(building_.meters().begin(), building_.meters().end(),
                          [&](const auto& meter) { return meter->plan.line == line; }));
    }

    json lines(bool buses) const {
        json list = json::array();
        for (const auto& line : lines_) {
            if ((line->plan().kind == LineKind::pty) == buses) {
                list.push_back(line_summary(*line, meters_on(line->plan().name)));
            }
        }
        return list;
    }

    ApiReply buses() {
        only("GET");
        return reply({{"buses", lines(true)}});
    }

    ApiReply gateways() {
        only("GET");
        return reply({{"gateways", lines(false)}});
    }

    ApiReply gateway(const std::string& name) {
        only("PATCH");
        for (const auto& line : lines_) {
            if (line->plan().name != name || line->plan().kind == LineKind::pty) {
                continue;
            }
            const auto patch = parse_object(body_, {"dead"});
            if (!patch.contains("dead")) {
                throw ApiError(400, "\"dead\" is missing");
            }
            try {
                line->set_dead(boolean(patch["dead"], "dead"));
            } catch (const ApiError&) {
                throw;
            } catch (const std::runtime_error& fault) {
                throw ApiError(409, fault.what());
            }
            return reply(line_summary(*line, meters_on(name)));
        }
        throw ApiError(404, fmt::format("there is no gateway {}", name));
    }

    void check_target(const std::string& target) {
        const auto colon = target.find(':');
        const auto kind = target.substr(0, colon);
        const auto name = colon == std::string::npos ? std::string{} : target.substr(colon + 1);
        const bool line_known = std::any_of(lines_.begin(), lines_.end(),
                                            [&](const auto& line) { return line->plan().name == name; });
        if (kind == "meter" ? building_.find(name) == nullptr
                            : (kind != "bus" && kind != "gateway") || !line_known) {
            throw ApiError(
                400, fmt::format("\"target\" is \"{}\"; expected meter:SERIAL, bus:NAME or gateway:NAME "
                                 "of something that exists",
                                 target));
        }
    }

    ApiReply faults() {
        if (method_ == "DELETE") {
            building_.faults().clear();
            return reply(json::object());
        }
        if (method_ == "GET") {
            json list = json::array();
            for (const auto& [id, fault] : building_.faults().all()) {
                list.push_back(fault_summary(fault));
            }
            return reply({{"faults", list}});
        }
        only("POST");
        const auto wish =
            parse_object(body_, {"target", "kind", "function", "count", "probability", "delay_ms"});
        Fault fault;
        fault.target = text(wish, "target");
        check_target(fault.target);
        const auto kind = parse_fault_kind(text(wish, "kind"));
        if (!kind) {
            throw ApiError(400,
                           fmt::format("\"kind\" is \"{}\"; expected lost_request, lost_answer, late_answer, "
                                       "torn_answer, garbled_answer, repeated_answer, foreign_answer or "
                                       "power_cut_after_write",
                                       text(wish, "kind")));
        }
        fault.kind = *kind;
        if (wish.contains("function") && !wish["function"].is_null()) {
            fault.function = static_cast<int>(integer(wish["function"], "function", 1, 127));
        }
        if (wish.contains("count")) {
            fault.count = static_cast<int>(integer(wish["count"], "count", 1, kCountMax));
        }
        if (wish.contains("delay_ms")) {
            fault.delay_ms = static_cast<int>(integer(wish["delay_ms"], "delay_ms", 0, kDelayMaxMs));
        }
        if (wish.contains("probability")) {
            const auto& value = wish["probability"];
            if (!value.is_number() || value.get<double>() <= 0.0 || value.get<double>() > 1.0) {
                throw ApiError(400, fmt::format("\"probability\" is {}, expected more than 0 and at most 1",
                                                value.dump()));
            }
            fault.probability = value.get<double>();
        }
        try {
            return reply({{"id", building_.faults().add(std::move(fault))}}, 201);
        } catch (const std::runtime_error& full) {
            throw ApiError(409, full.what());
        }
    }

    ApiReply fault(const std::string& id) {
        only("DELETE");
        const bool digits =
            id.size() <= 18 && std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || !building_.faults().remove(std::stoll(id))) {
            throw ApiError(404, fmt::format("there is no fault {}", id));
        }
        return reply(json::object());
    }

    ApiReply sums() {
        only("GET");
        building_.advance(now_);
        const auto sums = building_.sums();
        return reply({{"balance_e10", sums.balance_e10},
                      {"cost_e10", sums.cost_e10},
                      {"energy_mwh", sums.energy_mwh}});
    }

    Building& building_;
    const ControlApi::Lines& lines_;
    core::Timestamp now_;
    std::string method_;
    const std::string& body_;
};

}  // namespace

ControlApi::ControlApi(Building& building, const Lines& lines, const SimClock& clock)
    : building_{building}, lines_{lines}, clock_{clock} {}

ApiReply ControlApi::handle(const std::string& method, const std::string& target, const std::string& body) {
    try {
        return Call{building_, lines_, clock_, method, body}.route(split_path(target));
    } catch (const ApiError& fault) {
        return reply({{"error", fault.what()}}, fault.status);
    }
}

}  // namespace wutong::simulator
