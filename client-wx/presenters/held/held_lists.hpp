#pragma once

#include <cstdint>
#include <memory>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/held/guard_watch.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class HeldMeter;
}

/// Meters whose credit the server keeps, and units that it never switches off.
namespace wutong::client {

class HeldMetersPresenter : public ItemList<v1::HeldMeter> {
public:
    static constexpr std::chrono::milliseconds kEvery{10'000};

    explicit HeldMetersPresenter(Context& context);
    ~HeldMetersPresenter() override;
    [[nodiscard]] std::unique_ptr<Form> new_form();
    /// @return null when the meter is charged as it should be
    [[nodiscard]] std::unique_ptr<Form> go_on_form(std::int64_t meter);
    /// The meter's own page, where its credit is kept by another one again.
    void open_meter(std::int64_t meter);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

class GuardedUnitsPresenter : public ItemList<UnitGuard> {
public:
    static constexpr std::chrono::milliseconds kEvery{30'000};

    explicit GuardedUnitsPresenter(Context& context);
    [[nodiscard]] std::unique_ptr<Form> new_form();
    /// @return null when the unit is not there
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t unit);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

}  // namespace wutong::client
