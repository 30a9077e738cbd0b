#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/spreadsheet.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class ListReadingsResponse;
class ReadingSeries;
}  // namespace wutong::v1

namespace wutong::client {

struct ReadingsScreen {
    struct Point {
        std::int64_t at_s{0};
        std::optional<double> kilowatts;
    };
    std::string from, to;  ///< dates as typed: "2026-03-20"
    std::string from_error, to_error;
    std::string subtitle;  ///< "1,248 readings"
    bool has_power{true};  ///< not of water
    std::vector<Point> power;
    std::int64_t gap_s{3600};  ///< points further apart are a gap
    std::vector<std::vector<TableCell>> rows;
    bool loading{false}, more{false};
    std::string failure;
};

/// Readings of a meter over any period: power as a line, the readings themselves page by page, newest first.
class MeterReadings {
public:
    static constexpr int kPage = 200;
    static constexpr std::size_t kRowsMost = 100'000;
    static constexpr int kSteps = 300;
    static constexpr std::chrono::hours kPeriodMost{24 * 366};

    explicit MeterReadings(Context& context) : context_{context} {}

    std::function<void()> on_changed;

    void show(std::int64_t meter_id);
    /// The last so many days, today included.
    void choose_days(int days);
    /// Dates as typed; the end is the last day that is in it.
    void choose_period(const std::string& from, const std::string& to);
    void more();
    [[nodiscard]] const ReadingsScreen& screen() const { return screen_; }
    [[nodiscard]] static std::vector<std::string> columns();
    [[nodiscard]] Spreadsheet table() const;

private:
    void ask();
    void ask_page(const std::string& token);
    void take(const v1::ListReadingsResponse& page);
    void take(const v1::ReadingSeries& series);
    void failed(const Fault& fault);

    Context& context_;
    std::int64_t meter_id_{0};
    TimePoint from_, to_;
    std::string next_;
    ReadingsScreen screen_;
    Call series_call_, page_call_;
};

}  // namespace wutong::client
