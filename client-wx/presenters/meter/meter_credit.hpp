#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/meter/meter_days.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class Delivery;
class ListDeliveriesResponse;
}  // namespace wutong::v1

namespace wutong::client {

struct CreditScreen {
    std::vector<std::vector<TableCell>> rows;
    std::vector<std::int64_t> keys;
    bool loading{false}, more{false};
    std::string failure;
    int unfinished{0};
};

/// What one delivery can prove: what was read before and after, what was written, when.
struct DeliveryEvidence {
    std::string title;
    std::vector<std::pair<std::string, std::string>> facts;
    std::string raw;  ///< frames and notes as recorded, readable
};

[[nodiscard]] DeliveryEvidence evidence_of(const v1::Delivery& delivery);

/// Credit deliveries of a meter, newest first, each with its evidence.
class MeterCredit {
public:
    static constexpr int kPage = 50;
    static constexpr std::size_t kRowsMost = 5'000;

    explicit MeterCredit(Context& context) : context_{context} {}

    std::function<void()> on_changed;
    std::function<void(std::vector<MeterDays::Recharge>)> on_recharges;

    void show(std::int64_t meter_id);
    void refresh();
    void more();
    [[nodiscard]] const CreditScreen& screen() const { return screen_; }
    [[nodiscard]] static std::vector<std::string> columns();
    [[nodiscard]] DeliveryEvidence evidence(std::size_t row) const;

private:
    void ask(const std::string& token, bool from_start);
    void take(const v1::ListDeliveriesResponse& page);

    Context& context_;
    std::int64_t meter_id_{0};
    std::string next_;
    CreditScreen screen_;
    std::vector<DeliveryEvidence> evidence_;
    std::vector<MeterDays::Recharge> recharges_;
    Call call_;
};

}  // namespace wutong::client
