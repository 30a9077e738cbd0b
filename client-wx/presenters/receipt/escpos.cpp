#include "client-wx/presenters/receipt/escpos.hpp"

#include <algorithm>
#include <stdexcept>

namespace wutong::client {

namespace {

/// Printers hold a band in memory before they print it; small ones hold 64 KB and less.
constexpr std::size_t kBandRows = 128;
constexpr std::size_t kFeedLines = 4;

void put(std::string& job, std::initializer_list<int> bytes) {
    for (const int byte : bytes) {
        job += static_cast<char>(static_cast<unsigned char>(byte));
    }
}

}  // namespace

DotImage::DotImage(std::size_t dots_wide, std::size_t dots_high) : width{dots_wide}, height{dots_high} {
    rows.assign(row_bytes() * height, 0);
}

void DotImage::set(std::size_t x, std::size_t y) {
    auto& byte = rows.at(y * row_bytes() + x / 8);
    byte = static_cast<std::uint8_t>(byte | (0x80U >> (x % 8)));
}

bool DotImage::is_set(std::size_t x, std::size_t y) const {
    return (rows.at(y * row_bytes() + x / 8) & (0x80U >> (x % 8))) != 0;
}

std::string escpos_job(const DotImage& image) {
    const auto wide = image.row_bytes();
    if (wide > 0xFFFF) {
        throw std::invalid_argument("a row of the picture has more bytes than the command can name");
    }
    std::string job;
    put(job, {0x1B, '@'});
    for (std::size_t top = 0; top < image.height; top += kBandRows) {
        const auto high = std::min(kBandRows, image.height - top);
        put(job, {0x1D, 'v', '0', 0, static_cast<int>(wide & 0xFF), static_cast<int>(wide >> 8),
                  static_cast<int>(high & 0xFF), static_cast<int>(high >> 8)});
        const auto* from = reinterpret_cast<const char*>(image.rows.data()) + top * wide;
        job.append(from, wide * high);
    }
    put(job, {0x1B, 'd', static_cast<int>(kFeedLines), 0x1D, 'V', 66, 0});
    return job;
}

}  // namespace wutong::client
