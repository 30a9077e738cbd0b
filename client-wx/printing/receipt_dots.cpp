#include <wx/dcmemory.h>
#include <wx/image.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "client-wx/printing/receipt_formats.hpp"

namespace wutong::client {

namespace {

constexpr double kDotsPerTenth = 0.8;  // 8 dots per millimetre: 203 dpi
constexpr double kPrintable = 720;     // of an 80 mm roll
constexpr int kLongest = 16'000;       // dots: two metres of paper
constexpr int kDark = 140;             // of 255: letters stay as thick as they are drawn

}  // namespace

DotImage receipt_dots(const ReceiptContent& content) {
    auto paper = ReceiptPaper::roll_80();
    paper.width = kPrintable;
    paper.margin = 4;  // the printer leaves the rest by itself
    const int width = static_cast<int>(kPrintable * kDotsPerTenth);
    const int height =
        std::clamp(static_cast<int>(std::ceil(receipt_length(content, paper) * kDotsPerTenth)), 1, kLongest);
    wxImage picture{width, height};
    picture.SetRGB(wxRect{0, 0, width, height}, 255, 255, 255);
    {
        const std::unique_ptr<wxGraphicsContext> gc{wxGraphicsContext::Create(picture)};
        gc->Scale(kDotsPerTenth, kDotsPerTenth);
        draw_receipt(*gc, content, paper);
    }
    DotImage dots{static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
    const unsigned char* rgb = picture.GetData();
    for (std::size_t y = 0; y < dots.height; ++y) {
        for (std::size_t x = 0; x < dots.width; ++x) {
            if (rgb[(y * dots.width + x) * 3] < kDark) {
                dots.set(x, y);
            }
        }
    }
    return dots;
}

}  // namespace wutong::client
