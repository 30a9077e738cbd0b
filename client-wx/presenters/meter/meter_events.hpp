#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class ListMeterEventsResponse;
class MeterEvent;
}  // namespace wutong::v1

namespace wutong::client {

struct EventsScreen {
    std::vector<std::vector<TableCell>> rows;
    bool loading{false}, more{false};
    std::string failure;
};

/// Everything that happened to a meter, newest first: alarms, commands, credit, account, relay.
class MeterEvents {
public:
    static constexpr int kPage = 100;
    static constexpr std::size_t kRowsMost = 5'000;

    explicit MeterEvents(Context& context) : context_{context} {}

    std::function<void()> on_changed;

    void show(std::int64_t meter_id);
    void refresh();
    void more();
    [[nodiscard]] const EventsScreen& screen() const { return screen_; }
    [[nodiscard]] static std::vector<std::string> columns();

private:
    void ask(const std::string& token);
    void take(const v1::ListMeterEventsResponse& page);

    Context& context_;
    std::int64_t meter_id_{0};
    std::string next_;
    EventsScreen screen_;
    Call call_;
};

/// One event in words, as a cell with its icon.
[[nodiscard]] TableCell event_words(const v1::MeterEvent& event);

}  // namespace wutong::client
