#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wutong::client {

/// A picture of black and white dots, each row in whole bytes, the leftmost dot the highest bit, 1 is black.
struct DotImage {
    std::size_t width{0};  ///< dots
    std::size_t height{0};
    std::vector<std::uint8_t> rows;  ///< row_bytes() * height

    DotImage() = default;
    DotImage(std::size_t dots_wide, std::size_t dots_high);
    [[nodiscard]] std::size_t row_bytes() const { return (width + 7) / 8; }
    void set(std::size_t x, std::size_t y);
    [[nodiscard]] bool is_set(std::size_t x, std::size_t y) const;
};

/// What an 80 mm roll printer is sent: reset, the picture in bands (GS v 0), feed, partial cut.
///
/// A picture, and not letters, since printers differ in their code pages and many hold no Chinese letters.
/// Commands as in the ESC/POS command reference: ESC @, GS v 0 m xL xH yL yH d…, ESC d n, GS V 66 n.
/// @throws std::invalid_argument above 65 535 bytes a row
[[nodiscard]] std::string escpos_job(const DotImage& image);

}  // namespace wutong::client
