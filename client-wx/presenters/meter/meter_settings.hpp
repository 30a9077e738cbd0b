#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"
#include "client-wx/presenters/control/settings_form.hpp"
#include "client-wx/presenters/meter/meter_facts.hpp"

namespace wutong::v1 {
class Meter;
}

namespace wutong::client {

struct MeterSettingsScreen {
    std::vector<Fact> device;  ///< model, serial number, channel, address
    std::vector<Fact> money;   ///< price, alarms, overdraft, power limit
    SettingsForm form;         ///< what the dialogs start with
    bool can_send{false};
    std::string why_not;
    std::string sentence;
    bool sentence_is_fault{false};
};

/// Price, limits and clock of one meter: as configured, and how to send others.
class MeterSettings {
public:
    explicit MeterSettings(Context& context);

    std::function<void()> on_changed;

    void show(std::int64_t meter_id, const std::string& name);
    void take(const v1::Meter& meter);
    void send(CommandWish wish);
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const MeterSettingsScreen& screen() const { return screen_; }

private:
    void update();

    Context& context_;
    BulkCommand batch_;
    std::int64_t meter_id_{0};
    std::string name_;
    CommandWish wish_;
    MeterSettingsScreen screen_;
};

}  // namespace wutong::client
