#pragma once

#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"

/// Words for what the server writes as codes, for lists and choices alike.
namespace wutong::client {

[[nodiscard]] std::string role_of_meter_words(const std::string& role);   ///< prepaid | monitor | feeder
[[nodiscard]] std::string transport_words(const std::string& transport);  ///< serial | modbus_tcp | …
/// Anybody on the network between could read and command the meters: said on every screen that shows it.
[[nodiscard]] bool is_plain_link(const std::string& transport);
/// What keeps others from reading along, and what it is called.
struct Protection {
    enum class Kind { cable, encrypted, plain };
    Kind kind{Kind::plain};
    std::string words{};
};
[[nodiscard]] Protection protection_of(const std::string& transport, const std::string& endpoint);
[[nodiscard]] std::vector<FormOption> transport_options();
[[nodiscard]] std::vector<FormOption> meter_role_options();

}  // namespace wutong::client
