#include "server/services/paging.hpp"

#include <fmt/format.h>

#include <charconv>

#include "server/call.hpp"

namespace wutong::server {

int page_size(const v1::Page& page) {
    constexpr int kDefault = 100;
    constexpr int kMost = 1000;
    if (page.size() < 0 || page.size() > kMost) {
        throw invalid("page.size",
                      fmt::format("{} rows per page can't be given; ask for 1 to {}, or 0 for {}",
                                  page.size(), kMost, kDefault));
    }
    return page.size() == 0 ? kDefault : page.size();
}

std::int64_t page_key(const v1::Page& page) {
    const auto& token = page.token();
    if (token.empty()) {
        return 0;
    }
    std::int64_t key = 0;
    const auto parsed = std::from_chars(token.data(), token.data() + token.size(), key);
    if (parsed.ec != std::errc{} || parsed.ptr != token.data() + token.size() || key <= 0) {
        throw invalid("page.token",
                      "is not the next_page_token of an earlier answer; leave it empty for the first page");
    }
    return key;
}

}  // namespace wutong::server
