#include "client-wx/presenters/accounts/accounts_presenter.hpp"

#include <wutong/v1/account_service.pb.h>

#include <algorithm>
#include <memory>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{30};
constexpr std::chrono::milliseconds kSearchAfter{200};
constexpr std::chrono::seconds kRedrawAfter{2};
constexpr std::size_t kRowsMax = 20'000;
constexpr std::size_t kUnitsNamed = 3;
constexpr std::size_t kTextMax = 100;

const char* state_of(AccountsPresenter::Show show) {
    switch (show) {
        case AccountsPresenter::Show::open:
            return "open";
        case AccountsPresenter::Show::closing:
            return "closing";
        case AccountsPresenter::Show::closed:
            return "closed";
        case AccountsPresenter::Show::all:
            break;
    }
    return "";
}

}  // namespace

AccountsPresenter::AccountsPresenter(Context& context) : ListPresenter{context, kEvery, kRowsMax} {
    live_ = context_.live.subscribe([this](const LiveChange&) {
        // Ten thousand rows are not written again five times a second.
        if (is_open() && !redraw_soon_.running()) {
            redraw_soon_ = context_.timers.after(kRedrawAfter, [this] {
                redraw_soon_.stop();
                redraw();
            });
        }
    });
}

void AccountsPresenter::search(const std::string& text) {
    const auto cut = clipped(text, kTextMax);
    if (cut == text_) {
        return;
    }
    text_ = cut;
    search_soon_ = context_.timers.after(kSearchAfter, [this] { restart(); });
}

void AccountsPresenter::show(Show what) {
    if (what != show_) {
        show_ = what;
        restart();
    }
}

void AccountsPresenter::clear_filter() {
    text_.clear();
    show_ = Show::all;
    restart();
}

void AccountsPresenter::fetch() {
    v1::ListAccountsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_state(state_of(show_));
    request.set_search(text_);
    request.set_newest_first(true);
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(method::list_accounts, request, [this, fresh](const v1::ListAccountsResponse& answer, bool) {
        for (const auto& account : answer.accounts()) {
            Item item;
            item.account_id = account.account_id();
            item.number = clipped(account.number(), 40);
            item.customer = clipped(account.customer().name(), 120);
            item.phone = clipped(account.customer().phone(), 40);
            item.state = account.state();
            item.opened_at = optional_time(account.has_opened_at(), account.opened_at());
            bool all_read = true;
            std::int64_t sum = 0;
            std::size_t linked = 0;
            for (const auto& meter : account.meters()) {
                if (meter.has_unlinked_at() && account.state() != "closed") {
                    continue;
                }
                ++linked;
                if (linked <= kUnitsNamed) {
                    item.units +=
                        (item.units.empty() ? "" : ", ") +
                        clipped(meter.unit_code().empty() ? meter.meter_code() : meter.unit_code(), 40);
                }
                item.meters.push_back(meter.meter_id());
                all_read = all_read && meter.has_meter_balance_e4() &&
                           !__builtin_add_overflow(sum, meter.meter_balance_e4(), &sum);
            }
            if (linked > kUnitsNamed) {
                item.units += fill(tr(" and {n} more"), fmt::arg("n", linked - kUnitsNamed));
            }
            if (all_read && linked > 0 && account.state() != "closed") {
                item.read_e4 = sum;
            }
            fresh->push_back(std::move(item));
        }
        const auto rows = fresh->size();
        if (answer.next_page_token().empty() || rows >= kRowsMax) {
            items_ = std::move(*fresh);
        }
        return rows;
    });
}

void AccountsPresenter::write(ListScreen& screen) {
    screen.columns = {{.title = tr("Unit"), .width_chars = 18, .badge = true},
                      {.title = tr("Customer"), .width_chars = 22, .stretch = true},
                      {.title = tr("Account"), .width_chars = 12},
                      {.title = tr("Phone"), .width_chars = 15},
                      {.title = tr("On meter"), .width_chars = 13, .right = true},
                      {.title = tr("Days left"), .width_chars = 10, .right = true},
                      {.title = tr("State"), .width_chars = 13},
                      {.title = tr("Opened"), .width_chars = 12}};
    screen.total = items_.size();
    screen.filtered = !text_.empty() || show_ != Show::all;
    screen.empty = text_.empty() && show_ == Show::all ? tr("No account yet. F3 opens the first one.")
                   : text_.empty()                     ? tr("No account in this state.")
                                                       : tr("No account matches.");
    for (const auto& item : items_) {
        std::optional<std::int64_t> balance = item.read_e4;
        std::optional<int> days_left;
        std::optional<core::MeterStatus> status;
        if (item.meters.size() == 1 && item.state == "open") {
            if (const auto* live = context_.live.find(item.meters.front())) {
                balance = live->balance_e4;
                days_left = live->days_left;
                if (live->status != core::MeterStatus::normal) {
                    status = live->status;
                }
            }
        }
        const auto state_tone = item.state == "open"      ? Tone::normal
                                : item.state == "closing" ? Tone::info
                                                          : Tone::quiet;
        screen.rows.push_back(
            {.id = item.account_id,
             .cells = {
                 {.text = item.units.empty() ? kDash : item.units, .tone = Tone::strong, .state = status},
                 {.text = item.customer},
                 {.text = item.number},
                 {.text = item.phone.empty() ? kDash : item.phone, .tone = Tone::quiet},
                 {.text = money_or_dash(balance),
                  .tone = balance && *balance < 0 ? Tone::danger : Tone::strong,
                  .order = balance},
                 {.text = days(days_left), .order = days_left},
                 {.text = account_state_name(item.state), .tone = state_tone},
                 {.text = item.opened_at ? table_date(*item.opened_at) : kDash, .tone = Tone::quiet}}});
    }
}

}  // namespace wutong::client
