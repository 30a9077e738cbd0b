#include "client-wx/presenters/control/command_wish.hpp"

#include <wutong/v1/control_service.pb.h>

#include <nlohmann/json.hpp>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

const char* kind_of(CommandVerb verb) {
    switch (verb) {
        case CommandVerb::read_now:
            return "read_now";
        case CommandVerb::set_price:
            return "set_price";
        case CommandVerb::set_settings:
            return "set_settings";
        case CommandVerb::guarantee:
            return "guarantee_power";
        case CommandVerb::restore:
            return "restore_prepaid";
        case CommandVerb::switch_off:
            return "switch_off";
        case CommandVerb::set_clock:
            return "set_clock";
    }
    return "read_now";
}

std::string settings_words(const CommandWish& wish) {
    std::string words;
    const auto add = [&](const std::string& name, const std::string& value) {
        words += (words.empty() ? "" : ", ") + name + " " + value;
    };
    if (wish.alarm_1_e4) {
        add(tr("alarm 1"), money(*wish.alarm_1_e4));
    }
    if (wish.alarm_2_e4) {
        add(tr("alarm 2"), money(*wish.alarm_2_e4));
    }
    if (wish.overdraft_e4) {
        add(tr("overdraft"), money(*wish.overdraft_e4));
    }
    if (wish.overload_w) {
        add(tr("power limit"), power(*wish.overload_w));
    }
    return words;
}

std::string price_words(const CommandWish& wish) {
    return wish.price_e4 ? price(*wish.price_e4) : std::string{};
}

}  // namespace

void CommandWish::fill(v1::SendCommandRequest& request) const {
    request.set_kind(kind_of(verb));
    for (const auto meter : meters) {
        request.add_meter_ids(meter);
    }
    if (price_e4) {
        request.set_price_e4(*price_e4);
    }
    if (alarm_1_e4) {
        request.set_alarm_1_e4(*alarm_1_e4);
    }
    if (alarm_2_e4) {
        request.set_alarm_2_e4(*alarm_2_e4);
    }
    if (overdraft_e4) {
        request.set_overdraft_e4(*overdraft_e4);
    }
    if (overload_w) {
        request.set_overload_w(*overload_w);
    }
}

std::string verb_words(const CommandWish& wish) {
    switch (wish.verb) {
        case CommandVerb::read_now:
            return tr("Query now");
        case CommandVerb::set_price:
            return tr("Set price") + " " + price_words(wish);
        case CommandVerb::set_settings:
            return tr("Set limits") + ": " + settings_words(wish);
        case CommandVerb::guarantee:
            return tr("Guarantee power");
        case CommandVerb::restore:
            return tr("Back to prepaid");
        case CommandVerb::switch_off:
            return tr("Switch off");
        case CommandVerb::set_clock:
            return tr("Set clock");
    }
    return {};
}

std::string verb_going_on(const CommandWish& wish) {
    switch (wish.verb) {
        case CommandVerb::read_now:
            return tr("Querying meters");
        case CommandVerb::set_price:
            return tr("Sending price") + " " + price_words(wish);
        case CommandVerb::set_settings:
            return tr("Sending limits");
        case CommandVerb::guarantee:
            return tr("Guaranteeing power");
        case CommandVerb::restore:
            return tr("Going back to prepaid");
        case CommandVerb::switch_off:
            return tr("Switching off");
        case CommandVerb::set_clock:
            return tr("Setting clocks");
    }
    return {};
}

std::string verb_button(const CommandWish& wish, std::size_t meters) {
    const auto n = static_cast<unsigned>(meters);
    const auto number = count(static_cast<std::int64_t>(meters));
    switch (wish.verb) {
        case CommandVerb::read_now:
            return client::fill(tr_n("Query {} meter", "Query {} meters", n), number);
        case CommandVerb::set_price:
            return client::fill(tr_n("Send price {1} to {0} meter", "Send price {1} to {0} meters", n),
                                number, price_words(wish));
        case CommandVerb::set_settings:
            return client::fill(tr_n("Send limits to {} meter", "Send limits to {} meters", n), number);
        case CommandVerb::guarantee:
            return client::fill(tr_n("Guarantee power of {} meter", "Guarantee power of {} meters", n),
                                number);
        case CommandVerb::restore:
            return client::fill(tr_n("Put {} meter back to prepaid", "Put {} meters back to prepaid", n),
                                number);
        case CommandVerb::switch_off:
            return client::fill(tr_n("Switch off {} meter", "Switch off {} meters", n), number);
        case CommandVerb::set_clock:
            return client::fill(tr_n("Set clock of {} meter", "Set clock of {} meters", n), number);
    }
    return {};
}

std::string verb_done(const CommandWish& wish, const std::string& unit) {
    switch (wish.verb) {
        case CommandVerb::read_now:
            return client::fill(tr("{}: read a moment ago"), unit);
        case CommandVerb::set_price:
            return client::fill(tr("{}: the meter has the price {}"), unit, price_words(wish));
        case CommandVerb::set_settings:
            return client::fill(tr("{}: the meter has the limits"), unit);
        case CommandVerb::guarantee:
            return client::fill(tr("{}: power is guaranteed"), unit);
        case CommandVerb::restore:
            return client::fill(tr("{}: back to prepaid"), unit);
        case CommandVerb::switch_off:
            return client::fill(tr("{}: switched off"), unit);
        case CommandVerb::set_clock:
            return client::fill(tr("{}: the clock is set"), unit);
    }
    return {};
}

std::string verb_icon(CommandVerb verb) {
    switch (verb) {
        case CommandVerb::read_now:
            return "refresh";
        case CommandVerb::set_price:
            return "discount";
        case CommandVerb::set_settings:
            return "adjustments";
        case CommandVerb::guarantee:
            return "shield-check-filled";
        case CommandVerb::restore:
            return "arrow-back-up";
        case CommandVerb::switch_off:
            return "power";
        case CommandVerb::set_clock:
            return "clock";
    }
    return "refresh";
}

CommandWish wish_of(const std::string& kind, const std::string& arguments_json) {
    CommandWish wish;
    for (const auto verb :
         {CommandVerb::read_now, CommandVerb::set_price, CommandVerb::set_settings, CommandVerb::guarantee,
          CommandVerb::restore, CommandVerb::switch_off, CommandVerb::set_clock}) {
        if (kind == kind_of(verb)) {
            wish.verb = verb;
        }
    }
    const auto arguments = nlohmann::json::parse(arguments_json, nullptr, false);
    const auto read = [&](const char* key, std::optional<std::int64_t>& into) {
        if (arguments.is_object() && arguments.contains(key) && arguments[key].is_number_integer()) {
            into = arguments[key].get<std::int64_t>();
        }
    };
    read("price_e4", wish.price_e4);
    read("alarm_1_e4", wish.alarm_1_e4);
    read("alarm_2_e4", wish.alarm_2_e4);
    read("overdraft_e4", wish.overdraft_e4);
    read("overload_w", wish.overload_w);
    return wish;
}

SkipWords skip_reason_words(const std::string& reason, const std::string& server_text) {
    if (reason == "payment_on_its_way") {
        return {tr("Skipped: credit on the way"), tr("wait until it has arrived, then try again")};
    }
    if (reason == "not_switchable") {
        return {tr("Skipped: only measures"), tr("this model takes no such command")};
    }
    if (reason == "disabled") {
        return {tr("Skipped: disabled"), tr("it is not polled; enable it in Devices")};
    }
    if (reason == "unknown_meter") {
        return {tr("Skipped: no such meter"), tr("it is not in this property any more")};
    }
    if (reason == "unknown_profile") {
        return {tr("Skipped: unknown model"), tr("the server has no profile for it")};
    }
    return {tr("Skipped"), clipped(server_text, 160)};
}

}  // namespace wutong::client
