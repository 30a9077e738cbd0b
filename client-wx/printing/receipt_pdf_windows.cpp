#include <stdexcept>

#include "client-wx/printing/receipt_formats.hpp"

namespace wutong::client {

std::string receipt_pdf(const ReceiptContent&, const ReceiptPaper&) {
    throw std::runtime_error{"this build makes no PDF; print to \"Microsoft Print to PDF\" instead"};
}

}  // namespace wutong::client
