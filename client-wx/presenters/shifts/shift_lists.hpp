#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// Shifts, the newest first; of all cashiers for those who may see them.
class ShiftsPresenter : public ListPresenter {
public:
    enum class Period { today, week, month, all };
    explicit ShiftsPresenter(Context& context);

    void choose_period(Period period);
    void show_open_only(bool open_only);
    [[nodiscard]] bool all_cashiers() const { return context_.session.may("shift.manage"); }

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override { items_.clear(); }

private:
    struct Item {
        std::int64_t id{0};
        std::string point{}, who{}, note{};
        std::chrono::system_clock::time_point opened_at{};
        std::optional<std::chrono::system_clock::time_point> closed_at{};
        bool open{false};
        int receipts{0};
        std::int64_t difference_e4{0};
    };
    std::vector<Item> items_;
    Period period_{Period::week};
    bool open_only_{false};
};

/// Counters with a drawer.
class PointsPresenter : public ListPresenter {
public:
    explicit PointsPresenter(Context& context);
    ~PointsPresenter() override;
    [[nodiscard]] bool may_change() const { return context_.session.may("point.write"); }
    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t id);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
};

/// What single operators may sell.
class CashierLimitsPresenter : public ListPresenter {
public:
    explicit CashierLimitsPresenter(Context& context);
    ~CashierLimitsPresenter() override;
    [[nodiscard]] bool may_change() const { return context_.session.may("point.write"); }
    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t id);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
};

}  // namespace wutong::client
