#pragma once

#include <cstdint>
#include <memory>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class CashierLimit;
class Shift;
class VendingPoint;
}  // namespace wutong::v1

namespace wutong::client {

/// Shifts, the newest first; of all cashiers for those who may see them.
class ShiftsPresenter : public ItemList<v1::Shift> {
public:
    enum class Period { today, week, month, all };
    explicit ShiftsPresenter(Context& context);
    ~ShiftsPresenter() override;

    void choose_period(Period period);
    void show_open_only(bool open_only);
    [[nodiscard]] bool all_cashiers() const { return context_.session.may("shift.manage"); }

protected:
    void fetch() override;
    void write(ListScreen& screen) override;

private:
    Period period_{Period::week};
    bool open_only_{false};
};

/// Counters with a drawer.
class PointsPresenter : public ItemList<v1::VendingPoint> {
public:
    explicit PointsPresenter(Context& context);
    ~PointsPresenter() override;
    [[nodiscard]] bool may_change() const { return context_.session.may("point.write"); }
    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t id);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

/// What single operators may sell.
class CashierLimitsPresenter : public ItemList<v1::CashierLimit> {
public:
    explicit CashierLimitsPresenter(Context& context);
    ~CashierLimitsPresenter() override;
    [[nodiscard]] bool may_change() const { return context_.session.may("point.write"); }
    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t id);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

}  // namespace wutong::client
