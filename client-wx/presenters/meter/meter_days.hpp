#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::v1 {
class ListDailyEnergyResponse;
class ReadingSeries;
}  // namespace wutong::v1

namespace wutong::client {

/// Use per hour, day or month as bars. What was not read is a gap, not a zero.
struct UseScreen {
    struct Bar {
        std::optional<double> kwh;
        std::string label, figure, title, marker;
        bool so_far{false}, weekend{false};
    };
    std::string title, subtitle;
    std::vector<Bar> bars;
    std::optional<double> average;
    std::string average_text;
    bool loading{false};
    std::string failure;
};

class MeterDays {
public:
    enum class Span { day, month, year };
    static constexpr int kDays = 30;

    explicit MeterDays(Context& context) : context_{context} {}

    std::function<void()> on_changed;

    void show(std::int64_t meter_id);
    void choose(Span span);
    /// Recharges, to mark on their days.
    struct Recharge {
        TimePoint at;
        std::int64_t amount_e4;
    };
    void set_recharges(std::vector<Recharge> recharges);
    void set_price(std::optional<std::int64_t> price_e4);
    void refresh();

    [[nodiscard]] Span span() const { return span_; }
    [[nodiscard]] const UseScreen& screen() const { return screen_; }
    [[nodiscard]] std::optional<std::int64_t> today_wh() const { return today_wh_; }

private:
    void take_days(const v1::ListDailyEnergyResponse& days, TimePoint now);
    void take_hours(const v1::ReadingSeries& series, TimePoint now);
    void take_months(const v1::ListDailyEnergyResponse& days, TimePoint now);
    void finish_bars();
    void mark_recharges();
    [[nodiscard]] std::string figure_of(double kwh) const;
    [[nodiscard]] Commodity commodity() const;

    Context& context_;
    std::int64_t meter_id_{0};
    Span span_{Span::month};
    UseScreen screen_;
    std::vector<TimePoint> starts_;  // of the bars, and the end of the last one
    std::vector<Recharge> recharges_;
    std::optional<std::int64_t> price_e4_, today_wh_;
    Call call_;
};

}  // namespace wutong::client
