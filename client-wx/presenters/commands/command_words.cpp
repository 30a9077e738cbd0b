#include "client-wx/presenters/commands/command_words.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

std::string settings_words(const nlohmann::json& arguments) {
    std::string words;
    const auto add = [&](const char* key, const std::string& name, auto&& shown) {
        const auto found = arguments.find(key);
        if (found != arguments.end() && found->is_number_integer()) {
            words += (words.empty() ? "" : ", ") + name + " " + shown(found->template get<std::int64_t>());
        }
    };
    const auto amount = [](std::int64_t e4) { return money(e4); };
    add("alarm_1_e4", tr("alarm 1"), amount);
    add("alarm_2_e4", tr("alarm 2"), amount);
    add("overdraft_e4", tr("overdraft"), amount);
    add("overload_w", tr("overload"), [](std::int64_t w) { return power(w); });
    return words;
}

}  // namespace

std::string command_words(const std::string& kind, const std::string& arguments_json) {
    const auto arguments = nlohmann::json::parse(arguments_json, nullptr, false);
    if (kind == "read_now") {
        return tr("Query now");
    }
    if (kind == "set_price") {
        const auto found = arguments.is_object() ? arguments.find("price_e4") : arguments.end();
        return arguments.is_object() && found != arguments.end() && found->is_number_integer()
                   ? tr("Set price") + " " + price(found->get<std::int64_t>())
                   : tr("Set price");
    }
    if (kind == "set_settings") {
        const auto settings = arguments.is_object() ? settings_words(arguments) : std::string{};
        return settings.empty() ? tr("Set limits") : tr("Set limits") + ": " + settings;
    }
    if (kind == "guarantee_power") {
        return tr("Guarantee power");
    }
    if (kind == "restore_prepaid") {
        return tr("Back to prepaid");
    }
    if (kind == "switch_off") {
        return tr("Switch off");
    }
    if (kind == "set_clock") {
        return tr("Set clock");
    }
    return kind;
}

std::string command_icon(const std::string& kind) {
    return kind == "read_now"          ? "refresh"
           : kind == "set_price"       ? "percentage"
           : kind == "set_settings"    ? "adjustments"
           : kind == "guarantee_power" ? "shield-check"
           : kind == "restore_prepaid" ? "arrow-back-up"
           : kind == "switch_off"      ? "power"
           : kind == "set_clock"       ? "clock"
                                       : "list-check";
}

Cell command_state_cell(const std::string& state, bool held) {
    if (state == "queued" && held) {
        return {tr("Held"), Tone::warn, "player-pause"};
    }
    if (state == "queued") {
        return {tr("Waiting"), Tone::info, "clock"};
    }
    if (state == "running") {
        return {tr("On the way"), Tone::info, "loader-2"};
    }
    if (state == "done") {
        return {tr("Confirmed"), Tone::ok, "circle-check"};
    }
    if (state == "failed") {
        return {tr("Failed"), Tone::danger, "circle-x"};
    }
    if (state == "expired") {
        return {tr("Expired, not sent"), Tone::danger, "clock-x"};
    }
    if (state == "cancelled") {
        return {tr("Cancelled"), Tone::quiet, "ban"};
    }
    return {state, Tone::quiet, "question-mark"};
}

std::string skip_words(const std::string& reason, const std::string& text) {
    if (reason == "unknown_meter") {
        return tr("There is no such meter any more.");
    }
    if (reason == "disabled") {
        return tr("The meter is disabled.");
    }
    if (reason == "unknown_profile") {
        return tr("The server does not know its profile.");
    }
    if (reason == "not_switchable") {
        return tr("The meter only measures; it takes no commands.");
    }
    if (reason == "payment_on_its_way") {
        return tr("Credit is on its way to the meter.");
    }
    return describe_server_text(text);
}

}  // namespace wutong::client
