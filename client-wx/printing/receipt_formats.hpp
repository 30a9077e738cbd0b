#pragma once

#include <string>

#include "client-wx/presenters/receipt/escpos.hpp"
#include "client-wx/printing/receipt_drawing.hpp"

namespace wutong::client {

/// One page of PDF, letters as letters. UI thread (it draws), about 70 ms.
/// @throws std::runtime_error when this build has no cairo
[[nodiscard]] std::string receipt_pdf(const ReceiptContent& content, const ReceiptPaper& paper);

/// The receipt as dots for a roll printer: 72 mm at 8 dots per millimetre.
[[nodiscard]] DotImage receipt_dots(const ReceiptContent& content);

}  // namespace wutong::client
