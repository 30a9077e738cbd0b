#pragma once

#include <string>

#include "core/time.hpp"

namespace wutong::server {

struct Mail {
    std::string from, to;       ///< bare addresses
    std::string subject, body;  ///< UTF-8
    std::string message_id;     ///< "<3-17@example.org>": the same each time it is tried
    core::Timestamp at;
};
/// As it goes over the wire (RFC 5322, MIME): ASCII only, lines end in CRLF.
[[nodiscard]] std::string mail_text(const Mail& mail);

}  // namespace wutong::server
