#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wutong::v1 {
class SendCommandRequest;
}

namespace wutong::client {

enum class CommandVerb { read_now, set_price, set_settings, guarantee, restore, switch_off, set_clock };

/// What an operator wants of some meters, before it is sent.
struct CommandWish {
    CommandVerb verb{CommandVerb::read_now};
    std::vector<std::int64_t> meters;
    std::optional<std::int64_t> price_e4, alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w;

    void fill(v1::SendCommandRequest& request) const;
    /// Cuts power: asked about before it is sent.
    [[nodiscard]] bool cuts_power() const { return verb == CommandVerb::switch_off; }
};

/// "Set price ¥1.0500", "Switch off"
[[nodiscard]] std::string verb_words(const CommandWish& wish);
/// While it goes on: "Sending price ¥1.0500", "Switching off"
[[nodiscard]] std::string verb_going_on(const CommandWish& wish);
/// The button: "Send price ¥1.0500 to 42 meters"
[[nodiscard]] std::string verb_button(const CommandWish& wish, std::size_t meters);
/// After one meter did it: "A-229: power is guaranteed"
[[nodiscard]] std::string verb_done(const CommandWish& wish, const std::string& unit);
/// Name of the icon of a verb.
[[nodiscard]] std::string verb_icon(CommandVerb verb);
/// From the server's kind and arguments; a kind that is not known here counts as a query.
[[nodiscard]] CommandWish wish_of(const std::string& kind, const std::string& arguments_json);

/// Why a meter was left out, and what that means, by the server's reason.
struct SkipWords {
    std::string text, detail;
};
[[nodiscard]] SkipWords skip_reason_words(const std::string& reason, const std::string& server_text);

}  // namespace wutong::client
