#include "collector/drivers/acrel_dialect.hpp"

#include <fmt/format.h>

#include <limits>

namespace wutong::collector {

namespace {

using core::Quantity;
constexpr std::int64_t kU32Max = std::numeric_limits<std::uint32_t>::max();

const core::Field* find_field(const core::MeterProfile& profile, Quantity quantity) {
    for (const auto& block : profile.blocks) {
        for (const auto& field : block.fields) {
            if (field.quantity == quantity) {
                return &field;
            }
        }
    }
    return nullptr;
}

/// Collects the first fault, so that building a frame reads from top to bottom.
class Raw {
public:
    explicit Raw(const core::MeterProfile& profile) : profile_{profile} {}
    std::int64_t of(Quantity quantity, std::int64_t value, std::int64_t raw_max) {
        auto raw = raw_value(profile_, quantity, value, raw_max);
        if (const auto* wrong = std::get_if<DialectFault>(&raw)) {
            if (!fault) {
                fault = *wrong;
            }
            return 0;
        }
        return std::get<std::int64_t>(raw);
    }
    std::uint32_t u32(Quantity quantity, std::int64_t value) {
        return static_cast<std::uint32_t>(of(quantity, value, kU32Max));
    }
    std::optional<DialectFault> fault;

private:
    const core::MeterProfile& profile_;
};

}  // namespace

std::variant<std::int64_t, DialectFault> raw_value(const core::MeterProfile& profile, Quantity quantity,
                                                   std::int64_t value, std::int64_t raw_max) {
    const core::Field* field = find_field(profile, quantity);
    if (field == nullptr) {
        return DialectFault{fmt::format("profile {} does not say where a meter keeps {}", profile.id,
                                        core::to_string(quantity))};
    }
    std::int64_t scaled = 0;
    if (__builtin_mul_overflow(value, field->scale_den, &scaled) || scaled % field->scale_num != 0) {
        return DialectFault{fmt::format("{} = {} is finer than the steps of {}", core::to_string(quantity),
                                        value, profile.id)};
    }
    const std::int64_t raw = scaled / field->scale_num;
    const bool may_be_negative = quantity == Quantity::balance;
    if (raw > raw_max || (raw < 0 && !may_be_negative) || raw < -raw_max) {
        return DialectFault{
            fmt::format("{} = {} is more than {} can hold", core::to_string(quantity), value, profile.id)};
    }
    return raw;
}

std::variant<protocols::Request, DialectFault> money_request(const core::MeterProfile& profile,
                                                             const PrepaidSettings& settings,
                                                             const core::Values& present,
                                                             const std::optional<core::CreditWrite>& credit) {
    Raw raw{profile};
    protocols::MoneyCommand command;
    command.prepaid_enabled = settings.prepaid_enabled;
    if (credit) {
        if (credit->purchase_number >
            std::min<std::uint32_t>(profile.number_max, std::numeric_limits<std::uint16_t>::max())) {
            return DialectFault{fmt::format("purchase number {} is more than {} can count",
                                            credit->purchase_number, profile.id)};
        }
        command.balance = static_cast<std::int32_t>(raw.of(
            Quantity::balance, credit->balance.ten_thousandths(), std::numeric_limits<std::int32_t>::max()));
        command.purchase_number = static_cast<std::uint16_t>(credit->purchase_number);
    }
    if (settings.alarm_1 || settings.alarm_2) {
        const auto wanted = [&](const std::optional<core::Money>& given,
                                Quantity quantity) -> std::optional<std::int64_t> {
            if (given) {
                return given->ten_thousandths();
            }
            const auto held = present.find(quantity);
            return held == present.end() ? std::nullopt : std::optional{held->second};
        };
        const auto alarm_1 = wanted(settings.alarm_1, Quantity::alarm_1);
        const auto alarm_2 = wanted(settings.alarm_2, Quantity::alarm_2);
        if (!alarm_1 || !alarm_2) {
            return DialectFault{
                "both alarm amounts travel together and the other one could not be read; give both"};
        }
        command.alarms = {raw.u32(Quantity::alarm_1, *alarm_1), raw.u32(Quantity::alarm_2, *alarm_2)};
    }
    if (settings.price) {
        const auto price = raw.u32(Quantity::price, settings.price->ten_thousandths_per_kwh());
        command.prices = {price, price, price, price};
    }
    if (settings.overdraft) {
        command.overdraft = raw.u32(Quantity::overdraft, settings.overdraft->ten_thousandths());
    }
    if (raw.fault) {
        return *raw.fault;
    }
    return protocols::Request{protocols::encode_money(command)};
}

std::variant<protocols::Request, DialectFault> overload_request(std::int64_t overload_w) {
    if (overload_w < 0 || overload_w > std::numeric_limits<std::uint16_t>::max()) {
        return DialectFault{
            fmt::format("an overload threshold of {} W does not fit; at most 65535 W", overload_w)};
    }
    protocols::LoadCommand command;
    const auto watts = static_cast<std::uint16_t>(overload_w);
    // A step up to the threshold itself and a power factor of 0 keep the malignant-load criteria out of the
    // way.
    command.limits = {watts, watts, 0};
    command.control = {overload_w > 0, true};
    return protocols::Request{protocols::encode_load(command)};
}

}  // namespace wutong::collector
