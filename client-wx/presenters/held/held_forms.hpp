#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/held/guard_watch.hpp"

namespace wutong::client {

/// The server keeps the credit from the next account on. @param meter_id 0: it is asked which
[[nodiscard]] std::unique_ptr<Form> run_server_held_form(Context& context, std::int64_t meter_id,
                                                         const std::string& name);
/// The meter keeps its credit itself again.
[[nodiscard]] std::unique_ptr<Form> run_meter_held_form(Context& context, std::int64_t meter_id,
                                                        const std::string& name);
/// After readings could not be charged: charging begins anew with what the register shows now.
[[nodiscard]] std::unique_ptr<Form> go_on_charging_form(Context& context, std::int64_t meter_id,
                                                        const std::string& name, const std::string& stopped);
/// @param unit_code empty: it is asked which. @param now null: not guarded yet
[[nodiscard]] std::unique_ptr<Form> guard_form(Context& context, const std::string& unit_code,
                                               const UnitGuard* now);

}  // namespace wutong::client
