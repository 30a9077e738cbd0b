#include "server/services/command_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/call.hpp"

namespace wutong::server {

namespace {

constexpr int kMetersMax = 10'000;
constexpr int kExpiryMax = 7 * 86'400;

struct Argument {
    const char* name;
    bool given;
    std::int64_t value;
    std::int64_t most;
    core::CommandKind of;
    core::Quantity quantity;
};

}  // namespace

CommandWish parse_command_request(const v1::SendCommandRequest& request) {
    std::vector<FieldViolation> faults;
    CommandWish wish;
    try {
        wish.kind = core::parse_command_kind(request.kind());
    } catch (const std::invalid_argument& error) {
        throw invalid("kind", error.what());
    }

    constexpr std::int64_t kMoneyMax = 10'000'000'000;
    const Argument arguments[] = {
        {"price_e4", request.has_price_e4(), request.price_e4(), 1'000'000'000, core::CommandKind::set_price,
         core::Quantity::price},
        {"alarm_1_e4", request.has_alarm_1_e4(), request.alarm_1_e4(), kMoneyMax,
         core::CommandKind::set_settings, core::Quantity::alarm_1},
        {"alarm_2_e4", request.has_alarm_2_e4(), request.alarm_2_e4(), kMoneyMax,
         core::CommandKind::set_settings, core::Quantity::alarm_2},
        {"overdraft_e4", request.has_overdraft_e4(), request.overdraft_e4(), kMoneyMax,
         core::CommandKind::set_settings, core::Quantity::overdraft},
        {"overload_w", request.has_overload_w(), request.overload_w(), 10'000'000,
         core::CommandKind::set_settings, core::Quantity::overload_power},
    };
    auto json = nlohmann::json::object();
    for (const auto& argument : arguments) {
        if (!argument.given) {
            continue;
        }
        if (argument.of != wish.kind) {
            faults.push_back({argument.name, fmt::format("belongs to {}, not to {}; leave it out",
                                                         core::to_string(argument.of), request.kind())});
        } else if (argument.value < 0 || argument.value > argument.most) {
            faults.push_back(
                {argument.name, fmt::format("{} is out of range: 0 to {}", argument.value, argument.most)});
        } else {
            json[argument.name] = argument.value;
            wish.settings.push_back({argument.name, argument.quantity, argument.value});
        }
    }
    if (json.empty() && faults.empty()) {
        if (wish.kind == core::CommandKind::set_price) {
            faults.push_back({"price_e4", "set_price needs the new price"});
        } else if (wish.kind == core::CommandKind::set_settings) {
            faults.push_back(
                {"kind",
                 "set_settings needs at least one of alarm_1_e4, alarm_2_e4, overdraft_e4 and overload_w"});
        }
    }
    wish.arguments_json = json.dump();

    if (request.meter_ids_size() < 1 || request.meter_ids_size() > kMetersMax) {
        faults.push_back(
            {"meter_ids", fmt::format("{} meters were named; 1 to {} can be commanded in one call",
                                      request.meter_ids_size(), kMetersMax)});
    }
    if (request.expires_after_s() < 0 || request.expires_after_s() > kExpiryMax) {
        faults.push_back({"expires_after_s",
                          fmt::format("{} is out of range: 1 to {} seconds, or 0 for the property's own",
                                      request.expires_after_s(), kExpiryMax)});
    }
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
    wish.expires_after_s = request.expires_after_s();
    for (const auto id : request.meter_ids()) {
        wish.meters.push_back(core::MeterId{id});
    }
    std::sort(wish.meters.begin(), wish.meters.end());
    wish.meters.erase(std::unique(wish.meters.begin(), wish.meters.end()), wish.meters.end());
    return wish;
}

}  // namespace wutong::server
