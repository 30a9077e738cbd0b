#pragma once

#include <string>
#include <utility>

#include "client-wx/presenters/lists/item_list.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::v1 {
class FeederLoss;
class MeterEnergy;
}  // namespace wutong::v1

/// Reports of energy over a period: of each meter, per rate, and what is lost behind feeders.
namespace wutong::client {

enum class EnergyPeriod { week, this_month, last_month, year };
/// First and last day, YYYY-MM-DD of the property's calendar. @param today YYYY-MM-DD
[[nodiscard]] std::pair<std::string, std::string> days_of(EnergyPeriod period, const std::string& today);

/// "" for a meter that was read over the whole period.
[[nodiscard]] std::string coverage_words(const std::string& coverage);

/// A list over a period, which both reports are.
class PeriodPresenter : public ListPresenter {
public:
    void show_period(EnergyPeriod period);
    void search(const std::string& text);
    void clear_filter() { search({}); }
    /// "2026-03-01 – 2026-03-31"
    [[nodiscard]] std::string period_words() const;

protected:
    explicit PeriodPresenter(Context& context);
    [[nodiscard]] std::pair<std::string, std::string> days() const;
    [[nodiscard]] bool matches(const std::string& words) const;
    std::string text_;

private:
    EnergyPeriod period_{EnergyPeriod::this_month};
};

class EnergyPresenter final : public ItemList<v1::MeterEnergy, PeriodPresenter> {
public:
    explicit EnergyPresenter(Context& context);
    ~EnergyPresenter() override;
    void show_commodity(Commodity commodity);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;

private:
    Commodity commodity_{Commodity::electricity};
};

class LossesPresenter final : public ItemList<v1::FeederLoss, PeriodPresenter> {
public:
    explicit LossesPresenter(Context& context);
    ~LossesPresenter() override;
    [[nodiscard]] std::string feeder_code(std::int64_t meter) const;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

}  // namespace wutong::client
