#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wutong::v1 {
class Receipt;
}

namespace wutong::client {

/// One line of a receipt; how it looks is the drawing's business.
struct ReceiptLine {
    enum class Kind {
        heading,  ///< centred, large: the property
        centred,  ///< centred, small
        banner,   ///< centred, framed: COPY, NOT CONFIRMED
        rule,
        pair,  ///< label left, value right
        total  ///< as pair, large
    };
    Kind kind{Kind::pair};
    std::string left;
    std::string right;
};

/// A receipt as words, in the language of the screen.
struct ReceiptContent {
    std::int64_t sale_id{0};
    std::string number;
    bool copy{false};
    std::vector<ReceiptLine> lines;
};

/// @param copy the same receipt was printed before, and this one says so
[[nodiscard]] ReceiptContent receipt_content(const v1::Receipt& receipt, bool copy);

}  // namespace wutong::client
