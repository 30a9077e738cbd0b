#include "client-wx/presenters/operators/log_details.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kLineMax = 160;
constexpr std::size_t kValueMax = 500;

std::string value_words(const nlohmann::json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_object() && value.contains("was") && value.contains("is")) {
        return fmt::format("{} → {}", value["was"].is_null() ? tr("default") : value_words(value["was"]),
                           value_words(value["is"]));
    }
    if (value.is_array()) {
        std::string all;
        for (const auto& one : value) {
            all += (all.empty() ? "" : ", ") + value_words(one);
        }
        return all;
    }
    return value.is_boolean() ? (value.get<bool>() ? tr("yes") : tr("no")) : value.dump();
}

/// Sums are kept in ten-thousandths under names that end so.
std::string value_of(const std::string& key, const nlohmann::json& value) {
    return key.ends_with("_e4") && value.is_number_integer() ? money(value.get<std::int64_t>())
                                                             : value_words(value);
}

std::vector<std::pair<std::string, std::string>> facts_in(const nlohmann::json& parsed) {
    std::vector<std::pair<std::string, std::string>> all;
    if (parsed.is_object()) {
        for (const auto& [key, value] : parsed.items()) {
            all.emplace_back(detail_words(key), clipped(value_of(key, value), kValueMax));
        }
    }
    return all;
}

}  // namespace

std::string detail_words(const std::string& key) {
    const auto is = [&](const char* one) { return key == one; };
    return is("account")              ? tr("account")
           : is("alarm_1_e4")         ? tr("alarm 1")
           : is("alarm_2_e4")         ? tr("alarm 2")
           : is("amount_e4")          ? tr("amount")
           : is("baud")               ? tr("baud rate")
           : is("batch_id")           ? tr("batch")
           : is("bus_address")        ? tr("address")
           : is("code")               ? tr("code")
           : is("customer")           ? tr("customer")
           : is("enabled")            ? tr("enabled")
           : is("endpoint")           ? tr("address")
           : is("kind")               ? tr("kind")
           : is("meters")             ? tr("meters")
           : is("method")             ? tr("paid with")
           : is("minutes")            ? tr("minutes")
           : is("name")               ? tr("name")
           : is("number")             ? tr("number")
           : is("overdraft_e4")       ? tr("overdraft")
           : is("overload_w")         ? tr("overload (W)")
           : is("paid_e4")            ? tr("paid")
           : is("parity")             ? tr("parity")
           : is("peer")               ? tr("from")
           : is("phone")              ? tr("phone")
           : is("price_e4")           ? tr("price")
           : is("profile")            ? tr("profile")
           : is("property")           ? tr("property")
           : is("reading_interval_s") ? tr("readings every (s)")
           : is("reason")             ? tr("reason")
           : is("retry_of")           ? tr("again for")
           : is("role")               ? tr("role")
           : is("roles")              ? tr("roles")
           : is("sale_id")            ? tr("sale")
           : is("serial_number")      ? tr("serial number")
           : is("skipped")            ? tr("skipped")
           : is("state_interval_s")   ? tr("state every (s)")
           : is("transport")          ? tr("transport")
           : is("tries")              ? tr("tries")
           : is("tries_left")         ? tr("tries left")
           : is("units")              ? tr("units")
           : is("waiting")            ? tr("waiting")
           : is("floors")             ? tr("floors")
           : is("delivered")          ? tr("delivered")
           : is("delivery_id")        ? tr("delivery")
           : is("meter")              ? tr("meter")
           : is("unit")               ? tr("unit")
                                      : key;
}

std::vector<std::pair<std::string, std::string>> details_of(const std::string& json) {
    return facts_in(nlohmann::json::parse(json, nullptr, false));
}

std::string one_line(const std::string& json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) {
        return clipped(json, kLineMax);
    }
    std::string line;
    for (const auto& [name, value] : facts_in(parsed)) {
        line += (line.empty() ? "" : " · ") + name + " " + value;
        if (line.size() > 2 * kLineMax) {
            break;
        }
    }
    return clipped(line, kLineMax);
}

}  // namespace wutong::client
