#pragma once

#include <wx/window.h>

#include <cstdint>

#include "client-wx/presenters/context.hpp"
#include "client-wx/printing/seat_printer.hpp"

namespace wutong::client {

/// Shows one receipt as it prints, with Print, PDF and the choice of the printer. Ends with Esc.
void show_receipt_dialog(wxWindow* parent, Context& context, SeatPrinter& printer, std::int64_t sale_id,
                         bool copy);

}  // namespace wutong::client
