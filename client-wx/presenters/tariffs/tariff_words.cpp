// Words of tariffs: rates, faults, and which part of the form a fault belongs to.
#include <array>
#include <string_view>
#include <utility>

#include "client-wx/presenters/tariffs/tariff_draft.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr const char* later(const char* english) {
    return english;
}

constexpr auto kFaults = std::to_array<std::pair<std::string_view, const char*>>({
    {"too_many", later("Too many of them.")},
    {"bad_date", later("A day that the calendar does not have.")},
    {"no_step", later("There is no price yet.")},
    {"steps_not_ascending", later("Each limit has to lie above the one before it.")},
    {"last_step_has_limit", later("The last step has no limit: what is above it would have no price.")},
    {"limit_missing", later("A step that is not the last needs its limit.")},
    {"price_missing", later("A rate that the calendar uses has no price in a step.")},
    {"price_out_of_range", later("A price has to lie between 0 and 100,000.")},
    {"amount_out_of_range", later("An amount has to lie between 0 and 1,000,000,000.")},
    {"tax_out_of_range", later("A percentage from 0 to 100, like 13 or 6.5.")},
    {"year_begins_nowhere", later("A month from 1 to 12.")},
    {"bad_name", later("A name is empty, too long, or there twice.")},
    {"period_out_of_day", later("A period lies outside of the day, or is empty.")},
    {"periods_overlap", later("Two periods overlap.")},
    {"gap_in_day", later("A part of the day has no rate: begin at 00:00.")},
    {"unknown_day_plan", later("A season names a day plan that is not there.")},
    {"unknown_day_type", later("A kind of day is not one of the week's.")},
    {"day_plans_missing", later("A season needs one day plan for each kind of day.")},
    {"seasons_overlap", later("Two seasons overlap.")},
    {"gap_in_year", later("A part of the year has no season.")},
    {"special_day_twice", later("A special day is there twice.")},
});

}  // namespace

std::string rate_name(int rate) {
    switch (rate) {
        case 1:
            return tr("sharp");
        case 2:
            return tr("peak");
        case 3:
            return tr("flat");
        case 4:
            return tr("valley");
        default:
            return kDash;
    }
}

TariffPart part_of_field(const std::string& field) {
    constexpr auto kParts = std::to_array<std::pair<std::string_view, TariffPart>>({
        {"effective_from", TariffPart::effective_from},
        {"step_rule", TariffPart::step_rule},
        {"special_days", TariffPart::special_days},
        {"seasons", TariffPart::seasons},
        {"calendar.day_plans", TariffPart::day_plans},
        {"weekdays", TariffPart::week},
        {"day_types", TariffPart::week},
        {"calendar", TariffPart::day_plans},
        {"energy_charges", TariffPart::energy_charges},
        {"fixed_charges", TariffPart::fixed_charges},
        {".tax", TariffPart::tax},
        {"minimum", TariffPart::minimum},
        {"deposit", TariffPart::deposit},
        {"overdraft", TariffPart::overdraft},
    });
    for (const auto& [name, part] : kParts) {
        if (field.find(name) != std::string::npos) {
            return part;
        }
    }
    return TariffPart::steps;
}

std::string tariff_fault_words(const std::string& kind, const std::string& text) {
    for (const auto& [known, words] : kFaults) {
        if (kind == known) {
            const auto said = tr(words);
            // The server's sentence has the figures, but it is English.
            return said == words && !text.empty() ? clipped(text, 300) : said;
        }
    }
    return clipped(text.empty() ? kind : text, 300);
}

}  // namespace wutong::client
