// What a version would mean: who charges by it, and what a month would have cost.
#include <algorithm>

#include "client-wx/api/tariff_methods.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/tariffs/tariff_editor.hpp"
#include "client-wx/presenters/tariffs/tariff_lists.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

/// The shown version of the plan, or the draft.
void set_source(const TariffScreen& screen, std::int64_t plan_id, v1::TariffSource& source) {
    if (screen.version >= 0) {
        source.set_plan_id(plan_id);
        source.set_effective_from(screen.draft.effective_from);
    } else {
        // What can't be read stands at its field already.
        static_cast<void>(read_draft(screen.draft, *source.mutable_draft()));
        source.set_commodity(core::to_string(screen.draft.commodity));
    }
}

std::string line_name(const v1::TariffBillLine& line, Commodity commodity) {
    if (line.kind() == "energy") {
        auto words =
            (commodity == Commodity::water ? tr("Water") : tr("Energy")) + ", " + rate_name(line.rate());
        if (line.step() > 1) {
            words += "  ·  " + fill(tr("step {n}"), fmt::arg("n", line.step()));
        }
        return words;
    }
    return line.kind() == "minimum" ? tr("Up to the minimum") : clipped(line.name(), 60);
}

}  // namespace

void TariffEditor::place() {
    v1::PlaceTariffVersionRequest request;
    request.set_property_id(context_.session.property_id());
    set_source(screen_, plan_id_, *request.mutable_source());
    request.mutable_page()->set_size(1);
    place_call_ = context_.server.call(method::place_version, request,
                                       std::function<void(Result<v1::PlaceTariffVersionResponse>)>{
                                           [this](Result<v1::PlaceTariffVersionResponse> result) {
                                               screen_.placement.clear();
                                               screen_.placement_note.clear();
                                               if (result) {
                                                   show_placement(*result);
                                               } else {
                                                   screen_.placement_note =
                                                       describe_with_code(result.fault());
                                               }
                                               refresh();
                                           }});
}

void TariffEditor::show_placement(const v1::PlaceTariffVersionResponse& answer) {
    int elsewhere = 0;
    std::string reasons;
    for (const auto& group : answer.groups()) {
        std::string why;
        for (const auto& reason : group.reasons()) {
            if (reason.placement() == group.placement() && group.placement() != "downloaded") {
                why += (why.empty() ? "" : "; ") + describe_server_text(clipped(reason.why(), 120));
            }
        }
        const bool held = group.placement() == "downloaded";
        elsewhere += held ? 0 : group.meters();
        screen_.placement.push_back({{.text = clipped(group.profile(), 40)},
                                     {.text = count(group.meters())},
                                     {.text = placement_words(group.placement()),
                                      .ink = held                                  ? Ink::ok
                                             : group.placement() == "not_possible" ? Ink::danger
                                                                                   : Ink::warn,
                                      .bold = true}});
        if (!why.empty() && reasons.find(why) == std::string::npos) {
            reasons += (reasons.empty() ? "" : "; ") + why;
        }
    }
    screen_.placement_note =
        answer.groups().empty() ? tr("No prepaid meter is in this property.")
        : elsewhere == 0
            ? tr("Every meter can hold it.")
            : fill(tr_n("{n} meter can't hold it itself.", "{n} meters can't hold it themselves.",
                        static_cast<unsigned>(elsewhere)),
                   fmt::arg("n", count(elsewhere)));
    if (!reasons.empty()) {
        screen_.placement_note += " " + clipped(reasons, 300);
    }
}

void TariffEditor::type_preview(const std::string& unit, const std::string& month) {
    screen_.unit = unit;
    screen_.month = month;
    screen_.preview_error.clear();
    refresh();
}

void TariffEditor::preview() {
    const auto* meter = find_meter(context_.live.meters(), screen_.unit, screen_.draft.commodity);
    screen_.bill.clear();
    screen_.sums.clear();
    screen_.preview_note.clear();
    if (meter == nullptr) {
        screen_.preview_error = screen_.unit.empty()
                                    ? tr("Type a unit, shop, account or meter.")
                                    : tr("Nobody here is called that. Look at the spelling.");
        return refresh();
    }
    v1::PreviewTariffMonthRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter->meter_id);
    request.set_month(screen_.month);
    set_source(screen_, plan_id_, *request.mutable_source());
    screen_.unit = unit_or_code(*meter);
    screen_.preview_note = tr("Being calculated");
    preview_call_ = context_.server.call(
        method::preview_month, request,
        std::function<void(Result<v1::TariffBill>)>{[this](Result<v1::TariffBill> result) {
            screen_.preview_note.clear();
            if (result) {
                show_bill(*result);
            } else {
                const auto month = field_fault(result.fault(), "month");
                screen_.preview_error =
                    month.empty() ? describe_with_code(result.fault()) : tr("A month like 2026-03.");
            }
            refresh();
        }});
    refresh();
}

void TariffEditor::show_bill(const v1::TariffBill& bill) {
    const auto commodity = commodity_of(bill.commodity());
    for (const auto& line : bill.lines()) {
        const bool per_kwh = line.quantity_wh() != 0 || line.price_e4() != 0;
        screen_.bill.push_back(
            {{.text = line_name(line, commodity)},
             {.text = per_kwh ? quantity(line.quantity_wh(), commodity) : std::string{kDash}},
             {.text = per_kwh                  ? price(line.price_e4())
                      : line.monthly_e4() != 0 ? money(line.monthly_e4())
                                               : std::string{kDash},
              .ink = Ink::quiet},
             {.text = money(line.amount_e4()), .bold = true}});
    }
    screen_.sums = {
        {commodity == Commodity::water ? tr("Water") : tr("Energy"), quantity(bill.energy_wh(), commodity)}};
    if (bill.tax_added_e4() != 0) {
        screen_.sums.emplace_back(tr("Tax, added"), money(bill.tax_added_e4()));
    }
    if (bill.tax_included_e4() != 0) {
        screen_.sums.emplace_back(tr("Tax, inside"), money(bill.tax_included_e4()));
    }
    screen_.sums.emplace_back(tr("Total"), money(bill.total_e4()));
    screen_.preview_note =
        bill.recheck_size() > 0 ? tr("The lines do not add up to the total. Tell whoever runs the server.")
        : bill.unmeasured_size() > 0
            ? fill(tr("From {n} readings; a part of the month was not measured and costs nothing here."),
                   fmt::arg("n", count(bill.readings())))
            : fill(tr("From {n} readings."), fmt::arg("n", count(bill.readings())));
}

}  // namespace wutong::client
