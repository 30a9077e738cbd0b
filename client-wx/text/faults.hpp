#pragma once

#include <string>

#include "client-wx/api/fault.hpp"

namespace wutong::client {

/// What happened, what was not done and what to do next, in the language of the screen. A reason that is not
/// known here gives the server's own sentence.
[[nodiscard]] std::string describe(const Fault& fault);

/// The code to quote: "E-delivery_quarantined".
[[nodiscard]] std::string code(const Fault& fault);

/// describe() and code() in one line: "…sentence. · E-…"
[[nodiscard]] std::string describe_with_code(const Fault& fault);

/// The server's words about one field, translated where known; empty when the fault says nothing about it.
/// @param name as in the proto; "phone" also matches "customer.phone"
[[nodiscard]] std::string field_fault(const Fault& fault, const std::string& name);

}  // namespace wutong::client
