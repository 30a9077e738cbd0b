#include "server/services/selling_place.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "server/call.hpp"
#include "storage/cashier_shifts.hpp"

namespace wutong::server {

namespace {

using core::LimitRefusal;
using core::ShiftRefusal;

Refused refused_limit(LimitRefusal refusal, core::Money amount, const storage::SellingPlace& place) {
    const auto limit = core::to_string(core::limit_met(refusal, place.limits));
    const auto asked = core::to_string(amount);
    const auto text = [&] {
        switch (refusal) {
            case LimitRefusal::above_operator_sale_limit:
                return fmt::format(
                    "{} is more than {}, the most that you may take or give at once. Nothing "
                    "was booked. Ask a manager.",
                    asked, limit);
            case LimitRefusal::above_point_sale_limit:
                return fmt::format(
                    "{} is more than {}, the most for one sale at vending point {}. Nothing "
                    "was booked. Take it at another one, or ask a manager.",
                    asked, limit, place.point_code);
            case LimitRefusal::above_operator_day_limit:
                return fmt::format(
                    "You have sold {} today; with {} more it would be above {}, your limit "
                    "for a day. Nothing was booked. Ask a manager.",
                    core::to_string(place.limits.operator_today), asked, limit);
            case LimitRefusal::above_point_day_limit:
                return fmt::format(
                    "Vending point {} has sold {} today; with {} more it would be above {}, "
                    "its limit for a day. Nothing was booked. Ask a manager.",
                    place.point_code, core::to_string(place.limits.point_today), asked, limit);
        }
        throw std::logic_error("a limit without a text");
    }();
    return failed_precondition(core::to_string(refusal), text);
}

std::string shift_text(ShiftRefusal refusal, const std::string& about) {
    switch (refusal) {
        case ShiftRefusal::shift_required:
            return "This property takes money in shifts only, and you have none open. Open a shift at a "
                   "vending point.";
        case ShiftRefusal::point_disabled:
            return fmt::format("Vending point {} is disabled. Enable it, or choose another one.", about);
        case ShiftRefusal::shift_open:
            return fmt::format("You have a shift open already{}. Close it first.", about);
        case ShiftRefusal::point_in_use:
            return fmt::format("Somebody has a shift open at vending point {}. Close that one first.", about);
        case ShiftRefusal::amount_not_positive:
            return fmt::format("The amount is {}: it is too small.", about);
        case ShiftRefusal::amount_not_multiple_of_quantum:
        case ShiftRefusal::count_not_multiple_of_quantum:
            return fmt::format("{} is not a multiple of {}.", about, core::to_string(core::kTenderQuantum));
        case ShiftRefusal::amount_above_limit:
            return fmt::format("{} is above {}, the most for one figure.", about,
                               core::to_string(core::kDrawerMax));
        case ShiftRefusal::reason_missing:
            return "Say why; it is kept with the shift and in the journal.";
        case ShiftRefusal::above_drawer:
            return fmt::format(
                "The books have {} of cash in the drawer. Pay in first, or give it in another "
                "way.",
                about);
        case ShiftRefusal::count_missing:
            return fmt::format("{} was used in this shift and was not counted. Count it, 0 is a figure too.",
                               about);
        case ShiftRefusal::count_below_zero:
            return "There is no cash below zero.";
    }
    throw std::logic_error("a shift refusal without a text");
}

}  // namespace

Refused refused_shift(ShiftRefusal refusal, const std::string& field, const std::string& about,
                      const std::string& what) {
    const auto text = shift_text(refusal, about) + " " + what;
    switch (refusal) {
        case ShiftRefusal::shift_required:
        case ShiftRefusal::point_disabled:
        case ShiftRefusal::shift_open:
        case ShiftRefusal::point_in_use:
        case ShiftRefusal::above_drawer:
            return failed_precondition(core::to_string(refusal), text);
        default:
            return Refused{
                grpc::StatusCode::INVALID_ARGUMENT, core::to_string(refusal), text, {{field, text}}};
    }
}

storage::SellingPlace selling_place(App& app, CallContext& call, storage::Transaction& tx,
                                    core::PropertyId property) {
    auto place = storage::lock_selling_place(tx, property, call.operator_id(), app.now());
    if (place.shift_required && !place.shift) {
        throw refused_shift(ShiftRefusal::shift_required, "", "", "Nothing was booked.");
    }
    return place;
}

void check_sale_limits(core::Money amount, const storage::SellingPlace& place) {
    if (const auto refusal = core::check_sale_limits(amount, place.limits)) {
        throw refused_limit(*refusal, amount, place);
    }
}

void check_payout(storage::Transaction& tx, core::PropertyId property, const storage::SellingPlace& place,
                  core::TenderMethod method, core::Money amount, bool hands_over) {
    if (const auto refusal = core::check_payout_limits(amount, place.limits)) {
        throw refused_limit(*refusal, amount, place);
    }
    if (!hands_over || !place.shift || method != core::TenderMethod::cash) {
        return;
    }
    auto drawer = storage::drawer_sums(tx, property, place.shift);
    if (const auto refusal = core::check_payout(method, amount, drawer)) {
        throw refused_shift(*refusal, "amount_e4", core::to_string(drawer[method]), "Nothing was booked.");
    }
}

}  // namespace wutong::server
