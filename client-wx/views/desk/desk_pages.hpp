#pragma once

class wxWindow;

/// The pages of the desk. Each is made by its function; what is inside is nobody else's business.
namespace wutong::client {

class PageView;
struct Context;

[[nodiscard]] PageView* make_alarms_page(wxWindow* parent, Context& context);
[[nodiscard]] PageView* make_commands_page(wxWindow* parent, Context& context);
[[nodiscard]] PageView* make_devices_page(wxWindow* parent, Context& context);
[[nodiscard]] PageView* make_operators_page(wxWindow* parent, Context& context);
[[nodiscard]] PageView* make_log_page(wxWindow* parent, Context& context);
[[nodiscard]] PageView* make_parameters_page(wxWindow* parent, Context& context);

/// The dialog behind the operator chip. @return whether the password was changed
bool change_own_password(wxWindow* parent, Context& context);

}  // namespace wutong::client
