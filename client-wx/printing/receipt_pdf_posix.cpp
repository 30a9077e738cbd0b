#include <cairo-pdf.h>

#include <memory>
#include <stdexcept>

#include "client-wx/printing/receipt_formats.hpp"

namespace wutong::client {

namespace {

constexpr double kPointsPerTenth = 72.0 / 254.0;

cairo_status_t collect(void* into, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(into)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::string receipt_pdf(const ReceiptContent& content, const ReceiptPaper& paper) {
    const double height = paper.height > 0 ? paper.height : receipt_length(content, paper);
    std::string pdf;
    auto* surface = cairo_pdf_surface_create_for_stream(collect, &pdf, paper.width * kPointsPerTenth,
                                                        height * kPointsPerTenth);
    auto* cairo = cairo_create(surface);
    cairo_scale(cairo, kPointsPerTenth, kPointsPerTenth);
    {
        const std::unique_ptr<wxGraphicsContext> gc{
            wxGraphicsRenderer::GetCairoRenderer()->CreateContextFromNativeContext(cairo)};
        draw_receipt(*gc, content, paper);
    }
    cairo_show_page(cairo);
    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    const auto status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        throw std::runtime_error{cairo_status_to_string(status)};
    }
    return pdf;
}

}  // namespace wutong::client
