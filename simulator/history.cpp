#include "simulator/history.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>

#include "simulator/meter_device.hpp"

namespace wutong::simulator {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

std::tm utc_fields(core::Timestamp at) {
    return fmt::gmtime(std::chrono::duration_cast<seconds>(at.time_since_epoch()).count());
}

void append_days(std::string& csv, const std::string& serial, const std::vector<PastDay>& past) {
    for (std::size_t i = 0; i + 1 < past.size(); ++i) {  // the last one is still running
        const auto& day = past[i];
        csv += fmt::format("{},{},{},{},{:%Y-%m-%dT%H:%M:%SZ},{:%Y-%m-%dT%H:%M:%SZ}\n", serial, day.day,
                           day.first_mwh / 1000, day.last_mwh / 1000, utc_fields(day.first_at),
                           utc_fields(day.last_at));
    }
}

}  // namespace

std::vector<PastDay> past_days(const BuildingPlan& plan, const MeterPlan& meter, const LoadCurve& curve,
                               core::Timestamp now) {
    const auto today = std::chrono::floor<days>(now + plan.local_offset) - plan.local_offset;
    std::vector<PastDay> past;
    std::int64_t energy_mwh = 0;
    for (int back = plan.history_days; back >= 0; --back) {
        const core::Timestamp begin = today - days{back};
        const core::Timestamp end = std::min<core::Timestamp>(begin + days{1}, now);
        PastDay day{fmt::format("{:%Y-%m-%d}", utc_fields(begin + plan.local_offset)), energy_mwh, 0, begin,
                    end};
        for (core::Timestamp at = begin; at < end; at += hours{1}) {
            const auto span =
                std::chrono::duration_cast<seconds>(std::min<core::Timestamp>(at + hours{1}, end) - at);
            const auto watts =
                curve.watts_at(at, plan.local_offset, meter.shift_weeks) * plan.load_scale.thousandths / 1000;
            energy_mwh += watts * 1000 * span.count() / 3600;
        }
        day.last_mwh = energy_mwh;
        past.push_back(std::move(day));
    }
    return past;
}

std::string history_csv(const BuildingPlan& plan, const LoadCurves& curves, core::Timestamp now) {
    std::string csv = "serial,day,first_wh,last_wh,first_at,last_at\n";
    std::map<std::string, std::vector<PastDay>> by_code;
    for (const auto& meter : plan.meters) {
        if (const auto* curve = curves.find(meter.premises_id); curve != nullptr && is_prepaid(meter.model)) {
            append_days(csv, meter.serial, by_code[meter.code] = past_days(plan, meter, *curve, now));
        }
    }
    for (const auto& meter : plan.meters) {
        std::vector<PastDay> sum;
        for (const auto& code : meter.feeds) {
            const auto& below = by_code[code];
            if (sum.empty()) {
                sum = below;
                continue;
            }
            for (std::size_t i = 0; i < below.size(); ++i) {
                sum[i].first_mwh += below[i].first_mwh;
                sum[i].last_mwh += below[i].last_mwh;
            }
        }
        for (auto& day : sum) {
            day.first_mwh += day.first_mwh * plan.loss_permille / 1000;
            day.last_mwh += day.last_mwh * plan.loss_permille / 1000;
        }
        append_days(csv, meter.serial, sum);
    }
    return csv;
}

}  // namespace wutong::simulator
