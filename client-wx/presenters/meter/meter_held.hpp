#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/meter/meter_facts.hpp"

namespace wutong::v1 {
class HeldMeter;
}

namespace wutong::client {

struct MeterHeldScreen {
    bool shown{false};         ///< the meter is prepaid, and one may see it
    std::vector<Fact> credit;  ///< who keeps it, since when, by whom, charged up to
    std::string change;        ///< the button that switches over
    bool can_change{false};
    std::string why_not_change;
    bool stopped{false};  ///< its readings are not charged
    bool can_go_on{false};
    std::string why_not_go_on;
    std::string fault;  ///< it could not be asked
    std::vector<Fact> guard;
    std::string guard_button;
    bool can_guard{false};
    std::string why_not_guard;
};

/// Who keeps the credit of one meter, and whether its unit is guarded.
class MeterHeld {
public:
    explicit MeterHeld(Context& context);
    ~MeterHeld();

    std::function<void()> on_changed;

    void show(std::int64_t meter_id);
    void refresh();
    [[nodiscard]] const MeterHeldScreen& screen() const { return screen_; }
    [[nodiscard]] std::unique_ptr<Form> change_form();
    [[nodiscard]] std::unique_ptr<Form> go_on_form();
    [[nodiscard]] std::unique_ptr<Form> guard_form();

private:
    void fetch(const std::string& page_token);
    void write();
    void write_guard(const LiveMeter& meter);

    Context& context_;
    std::int64_t meter_id_{0};
    bool known_{false};
    std::string fault_;
    std::unique_ptr<v1::HeldMeter> held_;  ///< null: the meter keeps its credit itself
    MeterHeldScreen screen_;
    Call call_;
    Subscription guards_, connection_, live_;
};

}  // namespace wutong::client
