#pragma once

#include <memory>

class wxWindow;

namespace wutong::client {

class Form;
class Navigator;

/// Shows a form until it is saved or given up; says what was saved as a toast.
/// @param form null: nothing happens @return whether it was saved
bool run_form(wxWindow* parent, std::unique_ptr<Form> form, Navigator& navigator);

}  // namespace wutong::client
