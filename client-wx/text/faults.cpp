#include "client-wx/text/faults.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

constexpr std::size_t kSentenceMax = 400;

/// xgettext collects these like tr(); they are translated when they are shown.
constexpr const char* later(const char* english) {
    return english;
}

struct Known {
    const char* reason;
    const char* sentence;
};

constexpr auto kReasons = std::to_array<Known>({
    {"amount_not_positive", later("Nothing was done. The amount must be above zero.")},
    {"amount_not_multiple_of_quantum",
     later("Nothing was done. The amount is finer than the meter can hold. Round it.")},
    {"amount_above_limit",
     later("Nothing was done. The amount is above the limit for one payment. Check it, or split it.")},
    {"account_closed",
     later("Nothing was done. The account is closed. Open an account for the meter first.")},
    {"meter_not_linked",
     later("Nothing was done. The meter does not belong to this account. Choose one of its meters.")},
    {"delivery_quarantined",
     later("Nothing was done. An earlier payment to this meter could not be confirmed. Settle it first.")},
    {"above_hoarding_limit",
     later("Nothing was done. The meter would hold more than its limit. Take a smaller amount.")},
    {"above_meter_balance", later("Nothing was done. The meter does not hold that much. Take a smaller "
                                  "amount, or query the meter first.")},
    {"above_refund_payable", later("Nothing was paid out. That much is not payable. What is on a meter must "
                                   "be refunded from it first.")},
    {"meter_has_account",
     later(
         "Nothing was done. The meter belongs to another account. Close that one, or choose another meter.")},
    {"delivery_unfinished",
     later("Nothing was done. Something is still on its way to the meter. Try again when it has arrived.")},
    {"delivery_not_quarantined", later("Nothing was changed. This delivery does not wait for an operator.")},
    {"payment_on_its_way", later("Not switched off. A payment is on its way to the meter. Wait until it has "
                                 "arrived, then look again.")},
    {"shift_required",
     later("Nothing was booked. This property takes money in shifts only, and you have none open. "
           "Open one with F7.")},
    {"no_open_shift",
     later("You have no open shift. Nothing was changed. Open one at a vending point first.")},
    {"shift_open", later("No shift was opened. You have one open already.")},
    {"shift_closed", later("Nothing was changed. The shift is closed already.")},
    {"not_your_shift", later("This is the shift of another cashier. You may not see or close it.")},
    {"point_in_use",
     later("No shift was opened. Somebody has one open at this vending point. Close that one first.")},
    {"point_disabled", later("No shift was opened. The vending point is out of use. Choose another one.")},
    {"above_drawer",
     later("Nothing was booked. The books have less cash in the drawer. Pay in first, or give it in "
           "another way.")},
    {"count_missing",
     later("The shift is still open. A way of paying that was used was not counted; 0 is a figure "
           "too.")},
    {"above_operator_sale_limit",
     later("Nothing was booked. The amount is above your limit for one sale. Ask a "
           "manager.")},
    {"above_point_sale_limit",
     later("Nothing was booked. The amount is above the limit of this vending point for one "
           "sale. Take it at another one, or ask a manager.")},
    {"above_operator_day_limit",
     later("Nothing was booked. With this sale you would be above your limit for a day. "
           "Ask a manager.")},
    {"above_point_day_limit",
     later("Nothing was booked. With this sale the vending point would be above its limit "
           "for a day. Ask a manager.")},
    {"not_a_sale",
     later("Nothing was changed. Only a sale can be taken back. Refund what the meter holds instead.")},
    {"reversed_already",
     later("Nothing was changed. This sale was taken back already, or is on the way to it.")},
    {"not_last_on_meter",
     later("Nothing was changed. Something later was written to the meter. Only the last sale "
           "can be taken back; refund the amount instead.")},
    {"sale_refused",
     later("Nothing was changed. The meter never took this sale: its money is payable already.")},
    {"delivery_under_way",
     later("Nothing was changed. The sale is on its way to the meter at this moment. Wait for "
           "its outcome, then try again.")},
    {"meter_not_read",
     later("Nothing was changed. The balance of the meter is not known. Query the meter first.")},
    {"meter_written_since",
     later("Nothing was changed. The meter has another purchase number than this sale wrote. "
           "Somebody else has written to it; look into that first.")},
    {"server_held",
     later("Nothing was changed. The server keeps the credit of this meter. Close the account, "
           "which settles it, and open a new one.")},
    {"not_switchable",
     later("Nothing was changed. The meter has no relay that can be worked from here, so who has no "
           "credit left could not be switched off. Choose another meter.")},
    {"meter_charges_itself",
     later("Nothing was opened. The meter still charges by itself, so the tenant would pay twice. "
           "Let the meter keep the credit, or close the account it was opened for.")},
    {"already_held", later("Nothing was changed. The server keeps the credit of this meter already.")},
    {"not_held", later("Nothing was changed. The server does not keep the credit of this meter.")},
    {"not_stopped", later("Nothing was changed. The meter is charged as it should be.")},
    {"unit_not_found", later("There is no such unit in this property.")},
    {"too_many_meters", later("Nothing was done. The account has as many meters as an account may have.")},
    {"unknown_profile",
     later("Nothing was done. The server does not know this type of meter. Ask your administrator.")},
    {"meter_not_prepaid", later("Skipped. This meter only measures, it can't be commanded.")},
    {"meter_disabled", later("Skipped. The meter is out of use.")},
    {"command_not_cancellable", later("Not cancelled. The command has been sent already.")},
    {"own_operator", later("Nobody disables himself. Ask another administrator.")},
    {"more_than_own", later("Nothing was done. Nobody can give rights that he does not have himself.")},
    {"request_id_reused",
     later("Nothing was done. The request was mixed up with an earlier one. Begin it again.")},
    {"already_exists", later("Nothing was done. That exists already.")},
    {"too_many_streams", later("The server serves as many screens as it can. Try again later.")},
    {"too_many_sign_ins", later("Too many are signing in at this moment. Try again in a moment.")},
    {"session_ended", later("Your session has ended. Sign in again; what you typed is kept.")},
    {"not_signed_in", later("Sign in first.")},
    {"permission_denied", later("You do not have the right for this. Ask your administrator.")},
    {"property_not_allowed", later("You do not have the right for this property. Ask your administrator.")},
    {"database_unavailable",
     later("Nothing was changed. The server can't reach its database. Try again in a moment.")},
    {"database_slow",
     later("Nothing was changed. The server's database took too long. Try again in a moment.")},
    {"busy", later("Nothing was changed. Others changed the same at the same time. Try again.")},
    {"outcome_unknown", later("It is not known whether this was done. It is asked again as soon as the "
                              "server answers, and never done twice.")},
    {"no_such_method", later("The server is older than this program and can't do this yet.")},
    {"meter_not_found", later("There is no such meter in this property.")},
    {"account_not_found", later("There is no such account in this property.")},
    {"delivery_not_found", later("There is no such delivery in this property.")},
    {"command_not_found", later("There is no such command in this property.")},
    {"operator_not_found", later("There is no such operator.")},
    {"answer_too_large", later("The server's answer is too large to show. Ask for less at once.")},
    {"bad_answer", later("The server's answer can't be understood. It may not be a Wutong server.")},
});

const char* sentence_of(const std::string& reason) {
    const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                    [&](const Known& known) { return reason == known.reason; });
    return found == kReasons.end() ? nullptr : found->sentence;
}

/// A number out of the details; -1 when there is none.
int detail_number(const Fault& fault, const char* key) {
    const auto found = fault.details.find(key);
    if (found == fault.details.end() || found->second.empty() || found->second.size() > 7) {
        return -1;
    }
    const auto& digits = found->second;
    const bool plain = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return plain ? std::atoi(digits.c_str()) : -1;
}

std::string detail(const Fault& fault, const char* key) {
    const auto found = fault.details.find(key);
    return found == fault.details.end() ? std::string{} : clipped(found->second, 100);
}

/// "there is no meter #7" → "There is no meter #7."
std::string as_sentence(const std::string& text) {
    auto sentence = clipped(text, kSentenceMax);
    if (!sentence.empty() && sentence.front() >= 'a' && sentence.front() <= 'z') {
        sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
    }
    if (!sentence.empty() && std::isalnum(static_cast<unsigned char>(sentence.back())) != 0) {
        sentence += '.';
    }
    return sentence;
}

std::string of_kind(const Fault& fault) {
    switch (fault.kind) {
        case Fault::Kind::refused:
            return tr("Nothing was done. The server refused it.");
        case Fault::Kind::invalid:
            return tr("Nothing was done. Something in the form is not right.");
        case Fault::Kind::not_found:
            return tr("There is no such thing in this property any more.");
        case Fault::Kind::unauthenticated:
            return tr("Sign in first.");
        case Fault::Kind::not_permitted:
            return tr("You do not have the right for this. Ask your administrator.");
        case Fault::Kind::unreachable:
            return tr("The server does not answer. Nothing was done.");
        case Fault::Kind::timed_out:
            return tr("The server took too long to answer.");
        case Fault::Kind::outcome_unknown:
            return tr(
                "It is not known whether this was done. It is asked again as soon as the server answers, and "
                "never done twice.");
        case Fault::Kind::certificate_changed:
            return tr(
                "The server shows another certificate than the one you trusted. Somebody may be in between. "
                "Nothing was sent.");
        case Fault::Kind::internal:
            break;
    }
    const auto id = detail(fault, "id");
    return id.empty() ? tr("Something went wrong in the server.")
                      : fill(tr("Something went wrong in the server. Its log says more under {id}."),
                             fmt::arg("id", id));
}

}  // namespace

std::string describe(const Fault& fault) {
    if (fault.reason == "wrong_credentials") {
        const int tries = detail_number(fault, "tries_left");
        return tries < 0 ? tr("Wrong name or password.")
                         : fill(tr_n("Wrong name or password. {} try left, then a wait.",
                                     "Wrong name or password. {} tries left, then a wait.",
                                     static_cast<unsigned>(tries)),
                                tries);
    }
    if (fault.reason == "locked_out") {
        const int wait = detail_number(fault, "retry_after_s");
        return wait < 0 ? tr("Too many wrong passwords. Wait before you try again.")
                        : fill(tr("Too many wrong passwords. You can try again in {wait}."),
                               fmt::arg("wait", age(std::chrono::seconds{std::max(wait, 1)})));
    }
    const bool words_matter = fault.kind == Fault::Kind::refused || fault.kind == Fault::Kind::invalid ||
                              fault.kind == Fault::Kind::not_found;
    if (const char* sentence = sentence_of(fault.reason)) {
        const auto translated = tr(sentence);
        // The server's sentence names the meter and the figures, but it is English.
        const bool in_english = translated == sentence;
        return in_english && words_matter && !fault.text.empty() ? as_sentence(fault.text) : translated;
    }
    if (fault.kind == Fault::Kind::invalid && !fault.fields.empty()) {
        const auto& first = fault.fields.front();
        return of_kind(fault) + " " + clipped(first.name, 60) + ": " + clipped(first.text, kSentenceMax);
    }
    if (words_matter && !fault.text.empty()) {
        return as_sentence(fault.text);
    }
    return of_kind(fault);
}

std::string code(const Fault& fault) {
    if (!fault.reason.empty()) {
        return "E-" + clipped(fault.reason, 60);
    }
    switch (fault.kind) {
        case Fault::Kind::refused:
            return "E-refused";
        case Fault::Kind::invalid:
            return "E-invalid";
        case Fault::Kind::not_found:
            return "E-not_found";
        case Fault::Kind::unauthenticated:
            return "E-unauthenticated";
        case Fault::Kind::not_permitted:
            return "E-not_permitted";
        case Fault::Kind::unreachable:
            return "E-unreachable";
        case Fault::Kind::timed_out:
            return "E-timed_out";
        case Fault::Kind::outcome_unknown:
            return "E-outcome_unknown";
        case Fault::Kind::certificate_changed:
            return "E-certificate_changed";
        case Fault::Kind::internal:
            break;
    }
    return "E-internal";
}

std::string describe_with_code(const Fault& fault) {
    return describe(fault) + " · " + code(fault);
}

std::string field_fault(const Fault& fault, const std::string& name) {
    for (const auto& field : fault.fields) {
        const bool exact = field.name == name;
        const bool inner = field.name.size() > name.size() && field.name.ends_with(name) &&
                           field.name[field.name.size() - name.size() - 1] == '.';
        if (exact || inner) {
            return as_sentence(field.text);
        }
    }
    return {};
}

}  // namespace wutong::client
