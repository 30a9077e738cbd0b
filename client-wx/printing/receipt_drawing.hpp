#pragma once

#include <wx/graphics.h>

#include "client-wx/presenters/receipt/receipt_content.hpp"

namespace wutong::client {

/// What it is drawn on. Lengths in tenths of a millimetre.
struct ReceiptPaper {
    double width;
    double height;  ///< 0: as long as the receipt
    double margin;
    double letters;  ///< height of the body's letters

    [[nodiscard]] static ReceiptPaper roll_80() { return {800, 0, 40, 34}; }
    [[nodiscard]] static ReceiptPaper a5() { return {1480, 2100, 140, 48}; }
};

/// Draws a receipt from the origin, in black, one unit being a tenth of a millimetre: the caller scales.
/// Screen, PDF and roll printer all come through here.
/// @param measure_only nothing is drawn
/// @return how long it is, both margins included
double draw_receipt(wxGraphicsContext& gc, const ReceiptContent& content, const ReceiptPaper& paper,
                    bool measure_only = false);

/// draw_receipt, measured without drawing.
[[nodiscard]] double receipt_length(const ReceiptContent& content, const ReceiptPaper& paper);

}  // namespace wutong::client
