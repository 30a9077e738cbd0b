#include "client-wx/presenters/receipt/receipt_content.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <utility>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kNameMax = 60;

std::string title_of(const std::string& kind) {
    if (kind == "refund") {
        return tr("Refund");
    }
    if (kind == "reversal") {
        return tr("Reversal");
    }
    if (kind == "closing") {
        return tr("Account closed");
    }
    return kind == "opening" ? tr("Account opened") : tr("Electricity sold");
}

}  // namespace

ReceiptContent receipt_content(const v1::Receipt& receipt, bool copy) {
    using Kind = ReceiptLine::Kind;
    ReceiptContent content;
    content.sale_id = receipt.sale_id();
    content.number = clipped(receipt.number(), 40);
    content.copy = copy;
    auto& lines = content.lines;
    const auto rule = [&] { lines.push_back({Kind::rule, {}, {}}); };
    const auto pair = [&](std::string label, std::string value) {
        if (!value.empty()) {
            lines.push_back({Kind::pair, std::move(label), std::move(value)});
        }
    };
    const bool refund =
        receipt.kind() == "refund" || receipt.kind() == "reversal" || receipt.kind() == "closing";

    lines.push_back({Kind::heading, clipped(receipt.property_name(), kNameMax), {}});
    lines.push_back({Kind::centred, title_of(receipt.kind()), {}});
    if (copy) {
        lines.push_back(
            {Kind::banner,
             receipt.reprints() > 0 ? fill(tr("COPY {n}"), fmt::arg("n", receipt.reprints())) : tr("COPY"),
             {}});
    }
    rule();
    pair(tr("Receipt"), content.number);
    pair(tr("Time"), receipt.has_sold_at() ? table_time(to_time_point(receipt.sold_at())) : std::string{});
    pair(tr("Served by"), clipped(receipt.operator_(), 40));
    rule();
    auto place = clipped(receipt.unit_code(), 40);
    if (!receipt.building_name().empty()) {
        place = clipped(receipt.building_name(), 40) + "  " + place;
    }
    pair(tr("Unit"), place);
    pair(tr("Customer"), clipped(receipt.customer(), kNameMax));
    pair(tr("Account"), clipped(receipt.account_number(), 40));
    pair(tr("Meter"),
         grouped_code(clipped(
             receipt.meter_serial_number().empty() ? receipt.meter_code() : receipt.meter_serial_number(),
             40)));
    rule();
    lines.push_back(
        {Kind::total, refund ? tr("Taken off the meter") : tr("Amount"), money(receipt.amount_e4())});
    if (!refund) {
        pair(tr("Paid with"), tender_name(static_cast<int>(receipt.method())));
    }
    for (const auto& charge : receipt.charges()) {
        pair(clipped(charge.kind() == "minimum" ? tr("Missing to the minimum") : charge.name(), 40) + "  " +
                 clipped(charge.month(), 7),
             money(charge.taken_e4()));
    }
    if (receipt.charged_e4() > 0) {
        pair(refund ? tr("From the meter") : tr("For the meter"), money(receipt.credited_e4()));
    }
    if (!receipt.plan_name().empty()) {
        pair(tr("Tariff"), clipped(receipt.plan_name(), 40) + "  " + clipped(receipt.plan_version(), 10));
    }
    const bool water = commodity_of(receipt.commodity()) == Commodity::water;
    if (receipt.has_price_e4()) {
        pair(water ? tr("Price per m³") : tr("Price per kWh"), price(receipt.price_e4()));
    }
    if (receipt.has_energy_wh()) {
        pair(water ? tr("Water") : tr("Energy"),
             quantity(receipt.energy_wh(), commodity_of(receipt.commodity())));
    }
    rule();
    pair(tr("Balance before"),
         receipt.has_balance_before_e4() ? money(receipt.balance_before_e4()) : std::string{kDash});
    pair(receipt.balances_confirmed() ? tr("Balance after") : tr("Balance after, expected"),
         receipt.has_balance_after_e4() ? money(receipt.balance_after_e4()) : std::string{kDash});
    if (receipt.purchase_number() > 0) {
        pair(tr("Purchase number"), count(receipt.purchase_number()));
    }
    if (receipt.delivery_state() == "delivered" && receipt.has_confirmed_at()) {
        pair(tr("On the meter at"), clock_time_s(to_time_point(receipt.confirmed_at())));
    } else if ((receipt.delivery_state().empty() && !receipt.reverses_number().empty()) ||
               (receipt.delivery_state() == "refused" && !receipt.reversed_by_number().empty())) {
        // A sale that was withdrawn before it was sent, and what withdrew it: nothing is on its way, or owed.
        lines.push_back({Kind::banner, tr("Reversal"), {}});
        pair(tr("Receipt"), clipped(receipt.reversed_by_number().empty() ? receipt.reverses_number()
                                                                         : receipt.reversed_by_number(),
                                    40));
    } else if (receipt.delivery_state().empty() && receipt.charged_e4() > 0) {
        lines.push_back({Kind::centred, tr("All of it was taken for charges of the tariff."), {}});
    } else if (receipt.delivery_state().empty()) {
        lines.push_back({Kind::centred, tr("Booked at once: the server keeps this meter's credit."), {}});
    } else if (receipt.delivery_state() == "refused") {
        lines.push_back({Kind::banner, tr("REFUSED BY THE METER"), {}});
        lines.push_back({Kind::centred, tr("The money is on the account and can be paid out."), {}});
    } else {
        lines.push_back({Kind::banner, tr("ON ITS WAY TO THE METER"), {}});
        lines.push_back(
            {Kind::centred, tr("Paid and safe. The meter confirms it as soon as it answers."), {}});
    }
    rule();
    lines.push_back({Kind::centred, tr("Thank you. Keep this receipt."), {}});
    return content;
}

}  // namespace wutong::client
