#include "client-wx/presenters/balances/balance_lists.hpp"

#include <algorithm>
#include <array>

#include "client-wx/api/balance_methods.hpp"
#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/balance_service.pb.h"
#include "wutong/v1/sale_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{60};
constexpr std::size_t kRowsMax = 20'000;

/// A part of the difference: nothing is shown quietly.
Cell part(std::int64_t e4, bool loud = false) {
    return {e4 == 0 ? std::string{kDash} : money_change(e4),
            e4 == 0 ? Tone::quiet
            : loud  ? Tone::danger
                    : Tone::normal,
            {},
            e4};
}

std::string name_of(const v1::MeterBalance& one) {
    return clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40);
}

ProofSummary summary_of(const v1::BalanceProof& proof) {
    ProofSummary summary;
    summary.there = true;
    summary.ledger = money(proof.ledger_e4());
    summary.meters = money(proof.meter_e4());
    summary.difference = money_change(proof.difference_e4());
    summary.unexplained = count(proof.unexplained());
    summary.taken = moment(to_time_point(proof.finished_at()));
    summary.alarming = proof.unexplained() > 0;
    return summary;
}

}  // namespace

std::string cause_name(const std::string& cause) {
    if (cause == "in_flight") {
        return tr("On its way");
    }
    if (cause == "use_not_booked") {
        return tr("Used, not booked yet");
    }
    if (cause == "price_change") {
        return tr("Price change");
    }
    if (cause == "rounding") {
        return tr("Rounding");
    }
    if (cause == "foreign_write") {
        return tr("Written by others");
    }
    if (cause == "ledger") {
        return tr("Ledger");
    }
    return cause == "unexplained" ? tr("Unexplained") : clipped(cause, 40);
}

BalancesPresenter::BalancesPresenter(Context& context) : ItemList{context, kEvery, kRowsMax} {}
BalancesPresenter::~BalancesPresenter() = default;

void BalancesPresenter::forget() {
    ItemList::forget();
    proof_ = {};
}

void BalancesPresenter::fetch() {
    auto request = of_property<v1::ListBalancesRequest>();
    request.set_unexplained_only(unexplained_only_);
    request.set_order(v1::BALANCE_ORDER_METER);
    fetch_items(method::list_balances, request, &v1::ListBalancesResponse::balances, {},
                [this](const v1::ListBalancesResponse& answer) {
                    if (answer.has_last_proof()) {
                        proof_ = summary_of(answer.last_proof());
                    }
                });
}

void BalancesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 8},
                      {tr("Customer"), 11, false, true},
                      {tr("Ledger"), 10, true},
                      {tr("Meter"), 10, true},
                      {tr("Difference"), 9, true},
                      {tr("Not booked"), 9, true},
                      {tr("On its way"), 9, true},
                      {tr("Price change"), 10, true},
                      {tr("Rounding"), 8, true},
                      {tr("By others"), 8, true},
                      {tr("Unexplained"), 10, true},
                      {tr("Read"), 7, true}};
    screen.total = items_.size();
    screen.filtered = unexplained_only_ || !text_.empty();
    for (const auto& one : items_) {
        const auto name = name_of(one);
        const auto customer = clipped(one.customer(), 60);
        if (!text_.empty() &&
            (name + "\n" + customer + "\n" + one.account_number() + "\n" + one.meter_code()).find(text_) ==
                std::string::npos) {
            continue;
        }
        ListRow row{one.meter_id(), {}};
        const auto& causes = one.causes();
        const Cell unknown{kDash, Tone::quiet};
        const bool known = one.has_causes();
        row.cells = {
            {name, Tone::strong},
            {customer},
            {money(one.ledger_e4()), Tone::normal, {}, one.ledger_e4()},
            one.has_meter_e4() ? Cell{money(one.meter_e4()), Tone::normal, {}, one.meter_e4()} : unknown,
            one.has_difference_e4() ? part(one.difference_e4()) : unknown,
            known ? part(causes.use_not_booked_e4()) : unknown,
            known ? part(causes.in_flight_e4()) : unknown,
            known ? part(causes.price_change_e4()) : unknown,
            known ? part(causes.rounding_e4()) : unknown,
            known ? part(causes.foreign_write_e4(), true) : unknown,
            known ? part(causes.unexplained_e4(), true) : unknown,
            one.has_read_at() ? Cell{age(std::chrono::seconds{one.age_s()}), Tone::quiet, {}, one.age_s()}
                              : Cell{tr("never"), Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = unexplained_only_ && text_.empty()
                       ? tr("Everything is explained: each difference has its cause.")
                   : screen.filtered ? tr("No meter matches.")
                                     : tr("No meter holds a tenant's credit yet.");
}

void BalancesPresenter::show_unexplained_only(bool only) {
    if (unexplained_only_ != only) {
        unexplained_only_ = only;
        restart();
    }
}

void BalancesPresenter::search(const std::string& text) {
    if (text_ != text) {
        text_ = text;
        redraw();
    }
}

void BalancesPresenter::clear_filter() {
    text_.clear();
    if (unexplained_only_) {
        unexplained_only_ = false;
        restart();
    } else {
        redraw();
    }
}

std::string BalancesPresenter::status() const {
    const auto unexplained = std::count_if(items_.begin(), items_.end(), [](const auto& one) {
        return one.causes().unexplained_e4() != 0 || one.causes().foreign_write_e4() != 0;
    });
    if (screen().phase != ListPhase::ready) {
        return {};
    }
    return fill(tr("{n} of {all} meters have a part that none of us has caused"),
                fmt::arg("n", count(unexplained)),
                fmt::arg("all", count(static_cast<std::int64_t>(items_.size()))));
}

ProofsPresenter::ProofsPresenter(Context& context)
    : ItemList{context, kEvery, 2'000}, change_{context.server, context.timers} {}
ProofsPresenter::~ProofsPresenter() = default;

void ProofsPresenter::fetch() {
    fetch_items(method::list_proofs, of_property<v1::ListProofsRequest>(), &v1::ListProofsResponse::proofs);
}

void ProofsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Day"), 12},
                      {tr("Taken"), 19},
                      {tr("By"), 14},
                      {tr("Meters"), 9, true},
                      {tr("Not read"), 9, true},
                      {tr("Ledger"), 14, true},
                      {tr("Meters hold"), 14, true},
                      {tr("Difference"), 12, true},
                      {tr("Unexplained"), 12, true},
                      {tr("Outcome"), 22, false, true, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        ListRow row{one.proof_id(), {}};
        const bool good = one.unexplained() == 0;
        row.cells = {
            {clipped(one.day(), 20), Tone::strong},
            {table_time(to_time_point(one.finished_at())), Tone::quiet, {}, one.finished_at().seconds()},
            {one.scheduled() ? tr("every night") : clipped(one.operator_(), 40), Tone::quiet},
            {count(one.meters()), Tone::normal, {}, one.meters()},
            {count(one.not_read()), one.not_read() > 0 ? Tone::warn : Tone::quiet, {}, one.not_read()},
            {money(one.ledger_e4()), Tone::normal, {}, one.ledger_e4()},
            {money(one.meter_e4()), Tone::normal, {}, one.meter_e4()},
            part(one.difference_e4()),
            part(one.causes().unexplained_e4(), true),
            good ? Cell{tr("All explained"), Tone::ok, "circle-check"}
                 : Cell{fill(tr_n("{n} meter unexplained", "{n} meters unexplained",
                                  static_cast<unsigned>(std::max<std::int64_t>(one.unexplained(), 0))),
                             fmt::arg("n", count(one.unexplained()))),
                        Tone::danger, "alert-triangle"}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No proof was taken yet. One is taken every night.");
}

void ProofsPresenter::prove() {
    if (change_.busy() || !may_prove() || !context_.connection.online()) {
        return;
    }
    v1::ProveBalancesRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    said_ = tr("The proof is being taken.");
    change_.start<v1::ProveBalancesRequest, v1::BalanceProof>(
        method::prove_balances, std::move(request), [this](Result<v1::BalanceProof> result) {
            said_ = !result ? describe_with_code(result.fault())
                    : result->unexplained() == 0
                        ? fill(tr("{n} meters compared: everything is explained."),
                               fmt::arg("n", count(result->meters())))
                        : fill(tr("{n} meters compared, {bad} of them have an unexplained part."),
                               fmt::arg("n", count(result->meters())),
                               fmt::arg("bad", count(result->unexplained())));
            refresh();
            redraw();
        });
    redraw();
}

QuestionsPresenter::QuestionsPresenter(Context& context)
    : ItemList{context, std::chrono::seconds{20}, 2'000} {}
QuestionsPresenter::~QuestionsPresenter() = default;

void QuestionsPresenter::fetch() {
    auto request = of_property<v1::ListDeliveriesRequest>();
    request.set_state("quarantined");
    fetch_items(method::list_deliveries, request, &v1::ListDeliveriesResponse::deliveries);
}

void QuestionsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 12},
                      {tr("Customer"), 18},
                      {tr("Since"), 19},
                      {tr("Receipt"), 16},
                      {tr("Amount"), 13, true},
                      {tr("Sold by"), 14},
                      {tr("Reason"), 24, false, true}};
    screen.total = items_.size();
    const auto now = context_.live.server_now();
    const auto or_dash = [](const std::string& text) { return text.empty() ? std::string{kDash} : text; };
    for (const auto& one : items_) {
        ListRow row{one.delivery_id(), {}};
        row.cells = {
            {clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40), Tone::strong},
            {clipped(one.customer(), 60)},
            {moment(to_time_point(one.queued_at()), now), Tone::quiet, {}, one.queued_at().seconds()},
            {or_dash(clipped(one.receipt_number(), 40))},
            {money(one.amount_e4()), Tone::normal, {}, one.amount_e4()},
            {or_dash(clipped(one.operator_(), 40)), Tone::quiet},
            {or_dash(clipped(describe_server_text(one.reason()), 200)), Tone::warn}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No credit is in question.");
}

BalancePresenter::BalancePresenter(Context& context, std::int64_t meter_id, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)} {
    v1::GetBalanceRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id);
    call_ = context_.server.call(
        method::get_balance, request,
        std::function<void(Result<v1::BalancePage>)>{[this](Result<v1::BalancePage> result) {
            screen_.loading = false;
            if (!result) {
                screen_.failure = describe_with_code(result.fault());
                return changed_();
            }
            const auto& one = result->balance();
            const auto& causes = one.causes();
            screen_.title = name_of(one) + "  ·  " + clipped(one.customer(), 60);
            screen_.unexplained = causes.unexplained_e4() != 0;
            screen_.facts = {{tr("Meter"), one.has_meter_e4() ? money(one.meter_e4()) : std::string{kDash}},
                             {tr("Ledger"), money(one.ledger_e4())},
                             {tr("Difference"), one.has_difference_e4() ? money_change(one.difference_e4())
                                                                        : std::string{kDash}}};
            const std::array<std::pair<const char*, std::int64_t>, 6> parts{
                {{"in_flight", causes.in_flight_e4()},
                 {"use_not_booked", causes.use_not_booked_e4()},
                 {"price_change", causes.price_change_e4()},
                 {"rounding", causes.rounding_e4()},
                 {"foreign_write", causes.foreign_write_e4()},
                 {"unexplained", causes.unexplained_e4()}}};
            for (const auto& [cause, e4] : parts) {
                screen_.facts.emplace_back(cause_name(cause),
                                           one.has_causes() ? money_change(e4) : std::string{kDash});
            }
            for (const auto& e : result->evidence()) {
                const auto ids =
                    e.delivery_id() != 0  ? fill(tr("delivery {id}"), fmt::arg("id", e.delivery_id()))
                    : e.command_id() != 0 ? fill(tr("command {id}"), fmt::arg("id", e.command_id()))
                    : e.entry_id() != 0   ? fill(tr("entry {id}"), fmt::arg("id", e.entry_id()))
                                          : std::string{kDash};
                screen_.evidence.push_back(
                    {{.text = cause_name(e.cause())},
                     {.text = e.has_at() ? table_time(to_time_point(e.at())) : std::string{kDash},
                      .ink = Ink::quiet},
                     {.text = e.amount_e4() == 0 ? std::string{kDash} : money_change(e.amount_e4()),
                      .bold = true},
                     {.text = ids, .ink = Ink::quiet},
                     {.text = clipped(describe_server_text(e.text()), 300)}});
            }
            changed_();
        }});
}

}  // namespace wutong::client
