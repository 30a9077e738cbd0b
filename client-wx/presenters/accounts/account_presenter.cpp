#include "client-wx/presenters/accounts/account_presenter.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{5};
constexpr int kPage = 100;
constexpr std::size_t kRowsMax = 5'000;

TableCell cell(std::string text, Ink ink = Ink::normal, bool bold = false) {
    return {.text = std::move(text), .ink = ink, .bold = bold};
}

/// No state: nothing had to reach a meter. It was withdrawn before it was sent, or the server keeps the
/// credit.
std::string outcome_of(const v1::SaleReceipt& sale) {
    return sale.delivery_state().empty() && sale.kind() != "reversal"
               ? tr("At once")
               : delivery_state_name(sale.delivery_state());
}

Ink ink_of_delivery(const std::string& state) {
    return state == "delivered" || state.empty()          ? Ink::ok
           : state == "refused" || state == "quarantined" ? Ink::danger
                                                          : Ink::info;
}

std::string icon_of_delivery(const std::string& state) {
    return state == "delivered" || state.empty()          ? "circle-check"
           : state == "refused" || state == "quarantined" ? "circle-x"
                                                          : "clock";
}

std::string tail_of_meters(const std::string& unit, const std::string& code) {
    return clipped(unit.empty() ? code : unit, 40);
}

}  // namespace

AccountPresenter::AccountPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)} {
    live_ = context_.live.subscribe([this](const LiveChange&) {
        if (account_ && !redraw_soon_.running()) {
            redraw_soon_ = context_.timers.after(std::chrono::seconds{1}, [this] {
                redraw_soon_.stop();
                write();
            });
        }
    });
    connection_ = context_.connection.on_change([this] {
        if (account_id_ != 0 && context_.connection.online() && !screen_.fault.empty()) {
            refresh();
        }
    });
}

AccountPresenter::~AccountPresenter() = default;

void AccountPresenter::open(std::int64_t account_id) {
    if (account_id != 0 && account_id != account_id_) {
        account_id_ = account_id;
        account_.reset();
        screen_ = {};
        screen_.account_id = account_id;
        sales_token_.clear();
        entries_token_.clear();
        contact_.reset();
    }
    refresh();
}

void AccountPresenter::leave() {
    refresh_timer_.stop();
}

void AccountPresenter::refresh() {
    if (account_id_ == 0) {
        return;
    }
    v1::GetAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    account_call_ = context_.server.call<v1::GetAccountRequest, v1::Account>(
        method::get_account, request, [this](Result<v1::Account> result) {
            screen_.loading = false;
            refresh_timer_ = context_.timers.after(kEvery, [this] { refresh(); });
            if (!result) {
                screen_.fault = describe_with_code(result.fault());
                return tell();
            }
            screen_.fault.clear();
            const bool moved = !account_ || account_->SerializeAsString() != result->SerializeAsString();
            account_ = std::make_unique<v1::Account>(*result);
            if (moved) {
                load_lists();
            }
            load_messages();
            write();
        });
    tell();
}

void AccountPresenter::load_lists() {
    load_sales({});
    load_entries({});
    load_deliveries();
    load_exchanges();
}

void AccountPresenter::more_sales() {
    if (!sales_token_.empty()) {
        load_sales(sales_token_);
    }
}

void AccountPresenter::more_entries() {
    if (!entries_token_.empty()) {
        load_entries(entries_token_);
    }
}

void AccountPresenter::load_sales(const std::string& token) {
    v1::ListSalesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    sales_call_ = context_.server.call<v1::ListSalesRequest, v1::ListSalesResponse>(
        method::list_sales, request, [this, first = token.empty()](Result<v1::ListSalesResponse> result) {
            if (!result) {
                screen_.sales.empty = describe_with_code(result.fault());
                return tell();
            }
            auto& table = screen_.sales;
            if (first) {
                table = {};
            }
            table.empty = tr("Nothing was sold to this account yet.");
            for (const auto& sale : result->sales()) {
                const bool back =
                    sale.kind() == "refund" || sale.kind() == "reversal" || sale.kind() == "closing";
                table.rows.push_back(
                    {cell(table_time(to_time_point(sale.sold_at()))),
                     cell(sale_kind_name(sale.kind())),
                     cell(clipped(sale.receipt_number(), 40)),
                     cell(tail_of_meters(sale.unit_code(), sale.meter_code())),
                     cell(back && sale.amount_e4() > 0 ? money(-sale.amount_e4()) : money(sale.amount_e4()),
                          Ink::normal, true),
                     cell(back || sale.amount_e4() == 0 ? std::string{kDash}
                                                        : tender_name(static_cast<int>(sale.method())),
                          Ink::quiet),
                     cell(clipped(sale.operator_(), 40), Ink::quiet),
                     {.text = outcome_of(sale),
                      .ink = ink_of_delivery(sale.delivery_state()),
                      .icon = icon_of_delivery(sale.delivery_state())}});
                table.keys.push_back(sale.sale_id());
            }
            sales_token_ = table.rows.size() < kRowsMax ? result->next_page_token() : std::string{};
            table.more = !sales_token_.empty();
            tell();
        });
}

void AccountPresenter::load_entries(const std::string& token) {
    v1::ListEntriesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    entries_call_ = context_.server.call<v1::ListEntriesRequest, v1::ListEntriesResponse>(
        method::list_entries, request, [this, first = token.empty()](Result<v1::ListEntriesResponse> result) {
            if (!result) {
                screen_.entries.empty = describe_with_code(result.fault());
                return tell();
            }
            auto& table = screen_.entries;
            if (first) {
                table = {};
            }
            table.empty = tr("Nothing is booked on this account yet.");
            for (const auto& entry : result->entries()) {
                std::string from;
                std::string to;
                std::int64_t amount = 0;
                for (const auto& posting : entry.postings()) {
                    // A credit is where it comes from, a debit where it goes to.
                    auto& side = posting.amount_e4() < 0 ? from : to;
                    side += (side.empty() ? "" : ", ") + ledger_account_name(posting.account());
                    if (posting.amount_e4() > 0 &&
                        __builtin_add_overflow(amount, posting.amount_e4(), &amount)) {
                        amount = INT64_MAX;
                    }
                }
                table.rows.push_back(
                    {cell(table_time(to_time_point(entry.booked_at()))), cell(entry_kind_name(entry.kind())),
                     cell(money(amount), Ink::normal, true), cell(to, Ink::quiet), cell(from, Ink::quiet),
                     cell(clipped(entry.operator_(), 40), Ink::quiet),
                     cell(clipped(entry.memo(), 200), Ink::quiet)});
                table.keys.push_back(entry.entry_id());
            }
            entries_token_ = table.rows.size() < kRowsMax ? result->next_page_token() : std::string{};
            table.more = !entries_token_.empty();
            tell();
        });
}

void AccountPresenter::load_deliveries() {
    v1::ListDeliveriesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.mutable_page()->set_size(kPage);
    deliveries_call_ = context_.server.call<v1::ListDeliveriesRequest, v1::ListDeliveriesResponse>(
        method::list_deliveries, request, [this](Result<v1::ListDeliveriesResponse> result) {
            auto& table = screen_.deliveries;
            table = {};
            if (!result) {
                table.empty = describe_with_code(result.fault());
                return tell();
            }
            table.empty = tr("Nothing was sent to its meters yet.");
            screen_.in_question.clear();
            for (const auto& one : result->deliveries()) {
                auto outcome = delivery_state_name(one.state());
                if (one.state() == "refused" || one.state() == "quarantined") {
                    outcome += ": " + clipped(one.reason(), 120);
                }
                const auto change =
                    one.has_before() && one.has_after()
                        ? money(one.before().balance_e4()) + " → " + money(one.after().balance_e4())
                        : std::string{kDash};
                const auto took =
                    one.has_finished_at() && one.has_queued_at()
                        ? duration(std::chrono::duration_cast<std::chrono::milliseconds>(
                              to_time_point(one.finished_at()) - to_time_point(one.queued_at())))
                        : std::string{kDash};
                table.rows.push_back(
                    {cell(table_time(to_time_point(one.queued_at()))),
                     cell(clipped(one.receipt_number(), 40)),
                     cell(tail_of_meters(one.unit_code(), one.meter_code())),
                     cell(one.purchase_number() > 0 ? count(one.purchase_number()) : std::string{kDash}),
                     cell(money(one.amount_e4()), Ink::normal, true),
                     cell(change),
                     {.text = outcome,
                      .ink = ink_of_delivery(one.state()),
                      .icon = icon_of_delivery(one.state())},
                     cell(took, Ink::quiet)});
                table.keys.push_back(one.delivery_id());
                if (one.state() == "quarantined") {
                    screen_.in_question.push_back(one.delivery_id());
                }
            }
            tell();
        });
}

void AccountPresenter::tell() {
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
