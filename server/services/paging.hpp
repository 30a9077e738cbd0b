#pragma once

#include <wutong/v1/common.pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace wutong::server {

/// Rows per page: 100 when the caller does not say, at most 1000. @throws Refused INVALID_ARGUMENT naming
/// page.size
[[nodiscard]] int page_size(const v1::Page& page);
/// The number that the page before ended with; 0 on the first page. @throws Refused INVALID_ARGUMENT naming
/// page.token
[[nodiscard]] std::int64_t page_key(const v1::Page& page);

/// Lists ask for one row more than the page: whether it came says if there is a next page.
/// @param rows cut to the page
template <class Row>
[[nodiscard]] bool cut_to_page(std::vector<Row>& rows, int size) {
    if (rows.size() <= static_cast<std::size_t>(size)) {
        return false;
    }
    rows.erase(rows.begin() + size, rows.end());
    return true;
}

/// For lists that can't be asked for one more: a full page may be followed by another one, perhaps empty.
template <class Row>
[[nodiscard]] bool is_full(const std::vector<Row>& rows, int size) {
    return rows.size() >= static_cast<std::size_t>(size);
}

}  // namespace wutong::server
