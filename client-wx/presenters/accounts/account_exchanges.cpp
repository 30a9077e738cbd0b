// The exchanges of an account's meters: the table, and the evidence behind each row.
#include <wutong/v1/account_change_service.pb.h>

#include "client-wx/api/account_change_methods.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kPage = 100;

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string moment_of(bool has, const google::protobuf::Timestamp& at) {
    return has ? table_time(to_time_point(at)) : std::string{kDash};
}

Facts evidence_of(const v1::MeterExchange& one) {
    Facts facts{
        {tr("Exchanged"), table_time(to_time_point(one.at())) + "  ·  " + clipped(one.operator_(), 40)},
        {tr("Reason"), clipped(one.reason(), 200)},
        {tr("Old meter"), clipped(one.old_meter_code(), 40)},
        {tr("Its last reading"), one.has_energy_wh() ? energy(one.energy_wh()) : kDash},
        {tr("Its last balance"), one.has_meter_balance_e4() ? money(one.meter_balance_e4()) : kDash},
        {one.typed_reason().empty() ? tr("Read at") : tr("Typed at"),
         moment_of(one.has_read_at(), one.read_at())}};
    if (!one.typed_reason().empty()) {
        facts.emplace_back(tr("Typed because"), clipped(one.typed_reason(), 200));
    }
    facts.emplace_back(tr("The tenant's, as the books say"), money(one.ledger_e4()));
    const auto add = [&](const std::string& label, std::int64_t e4) {
        if (e4 != 0) {
            facts.emplace_back(label, money_change(e4));
        }
    };
    add(tr("Unexplained difference"), one.unexplained_e4());
    add(tr("Too fine for the new meter: stays the tenant's"), one.left_unallocated_e4());
    add(tr("Rounding"), one.rounding_e4());
    add(tr("Owed on the old meter: stays to be paid"), one.debt_e4());
    facts.emplace_back(tr("New meter"), clipped(one.new_meter_code(), 40));
    facts.emplace_back(tr("Its first reading"),
                       one.has_new_energy_wh() ? energy(one.new_energy_wh()) : kDash);
    facts.emplace_back(tr("Its balance before"),
                       one.has_new_balance_e4() ? money(one.new_balance_e4()) : kDash);
    facts.emplace_back(tr("Carried to it"), money(one.carried_e4()));
    facts.emplace_back(tr("Its opening"), delivery_state_name(one.delivery_state()));
    facts.emplace_back(tr("Clearing of the old one"), one.clear_delivery_id() == 0
                                                          ? tr("left as it is")
                                                          : delivery_state_name(one.clear_delivery_state()));
    return facts;
}

}  // namespace

void AccountPresenter::load_exchanges() {
    v1::ListExchangesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.mutable_page()->set_size(kPage);
    exchanges_call_ = context_.server.call<v1::ListExchangesRequest, v1::ListExchangesResponse>(
        method::list_exchanges, request, [this](Result<v1::ListExchangesResponse> result) {
            auto& table = screen_.exchanges;
            table = {};
            exchanges_.clear();
            if (!result) {
                table.empty = describe_with_code(result.fault());
                return tell();
            }
            table.empty = tr("No meter of this account was exchanged.");
            for (const auto& one : result->exchanges()) {
                const auto cell = [](std::string text, Ink ink = Ink::normal, bool bold = false) {
                    return TableCell{.text = std::move(text), .ink = ink, .bold = bold};
                };
                const auto& state = one.delivery_state();
                const bool failed = state == "refused" || state == "quarantined";
                table.rows.push_back(
                    {cell(table_time(to_time_point(one.at()))),
                     cell(clipped(one.old_meter_code(), 40) + " → " + clipped(one.new_meter_code(), 40)),
                     cell(one.has_energy_wh() ? energy(one.energy_wh()) : kDash),
                     cell(money(one.carried_e4()), Ink::normal, true),
                     {.text = delivery_state_name(state),
                      .ink = state == "delivered" ? Ink::ok
                             : failed             ? Ink::danger
                                                  : Ink::info,
                      .icon = state == "delivered" ? "circle-check"
                              : failed             ? "circle-x"
                                                   : "clock"},
                     cell(clipped(one.operator_(), 40), Ink::quiet),
                     cell(clipped(one.reason(), 200), Ink::quiet)});
                table.keys.push_back(one.exchange_id());
                exchanges_.push_back(evidence_of(one));
            }
            tell();
        });
}

std::vector<std::pair<std::string, std::string>> AccountPresenter::exchange(std::size_t row) const {
    return row < exchanges_.size() ? exchanges_[row] : Facts{};
}

}  // namespace wutong::client
