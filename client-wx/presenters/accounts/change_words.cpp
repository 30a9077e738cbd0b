#include "client-wx/presenters/accounts/change_words.hpp"

#include <algorithm>
#include <array>

#include "client-wx/text/faults.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr const char* later(const char* english) {
    return english;
}

struct Known {
    const char* reason;
    const char* sentence;
};

constexpr auto kBlockers = std::to_array<Known>({
    {"account_closed", later("The account is not open any more. Open a new one for the new tenant.")},
    {"meter_not_linked", later("The meter is not on this account any more. Look at the account again.")},
    {"server_held", later("The server keeps the credit of this meter. Close the account, which settles it, "
                          "and open a new one.")},
    {"meter_not_prepaid", later("The new meter can't hold credit. Choose a prepaid meter.")},
    {"meter_has_account", later("The new meter is on another account. Choose one that is on none.")},
    {"meter_disabled", later("The new meter is out of use: nothing would reach it. Put it in use first.")},
    {"unknown_profile",
     later("The server does not know the type of the new meter. Correct it under Devices.")},
    {"delivery_quarantined", later("A payment to the meter could not be confirmed. Settle it first, on the "
                                   "meter's page under Credit.")},
    {"delivery_unfinished",
     later("Something is still on its way to the meter. Try again when it has arrived.")},
    {"delivery_under_way",
     later("A payment was sent to the meter and its outcome is not known yet. The meter has to "
           "be read once more: wait, or bring it back on the line.")},
    {"delivery_waiting", later("A payment waits for the old meter. Carry it to the new one, or wait until it "
                               "has arrived.")},
    {"no_price",
     later("No price or register is known for the meter, so its use can't be booked. Query it, or "
           "send it a price.")},
    {"reading_too_old",
     later("The meter was not read in the last 15 minutes. Query it now; when nobody can read it "
           "any more, type its last reading.")},
    {"reading_below_books",
     later("The register shows less than was booked already. Look at the figure again, or "
           "type the last reading with the reason.")},
    {"reading_implausible", later("The register would show far more than before. Look at the figure again.")},
    {"balances_differ",
     later("The meter and the books differ by more than the named causes. Look into it on the page "
           "of the two balances, or accept the difference: then what the books say counts.")},
    {"above_hoarding_limit", later("The new meter may not hold that much. Refund some of it first.")},
    {"amount_above_limit", later("The new meter may not hold that much. Refund some of it first.")},
    {"meter_not_opened",
     later("The meter was never opened on this account. Close the account and open a new one.")},
    {"meter_only_adds", later("The meter can only add to what it holds, so it would have to be cleared in "
                              "between. Let the money go with it, or close the account and open a new one.")},
    {"no_meters", later("The account has no meters to hand over. Close it.")},
});

const char* sentence_of(const std::string& reason) {
    const auto found = std::find_if(kBlockers.begin(), kBlockers.end(),
                                    [&](const Known& known) { return reason == known.reason; });
    return found == kBlockers.end() ? nullptr : found->sentence;
}

}  // namespace

std::string change_blocker_words(const std::string& reason, const std::string& text,
                                 const std::string& unit) {
    if (const char* sentence = sentence_of(reason)) {
        return (unit.empty() ? "" : unit + ": ") + tr(sentence);
    }
    Fault fault;
    fault.kind = Fault::Kind::refused;
    fault.reason = reason;
    fault.text = text;
    return describe_with_code(fault);
}

std::string change_refusal_words(const Fault& fault) {
    const char* sentence = fault.kind == Fault::Kind::refused ? sentence_of(fault.reason) : nullptr;
    return sentence == nullptr ? describe_with_code(fault)
                               : tr("Nothing was changed.") + " " + tr(sentence) + " · " + code(fault);
}

bool parse_kwh(const std::string& typed, std::int64_t& wh) {
    const auto e4 = parse_price(typed);  // four decimals of a kWh; the register counts to the Wh
    if (!e4 || *e4 % 10 != 0) {
        return false;
    }
    wh = *e4 / 10;
    return true;
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string at_most(std::string text, std::size_t bytes) {
    while (text.size() > bytes) {
        do {
            text.pop_back();
        } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U);
    }
    return text;
}

}  // namespace wutong::client
