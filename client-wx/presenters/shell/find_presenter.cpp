#include "client-wx/presenters/shell/find_presenter.hpp"

#include <wutong/v1/device_service.pb.h>

#include <algorithm>
#include <cctype>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

constexpr std::size_t text_max = 100;
constexpr int asked_max = 20;

// How well a name fits; 0: not at all.
int fit(const std::string& name, const std::string& wanted) {
    const auto plain = folded(name);
    if (plain == wanted) {
        return 4;
    }
    const auto at = plain.find(wanted);
    return at == std::string::npos ? 0 : at == 0 ? 3 : 1;
}

int fit(const LiveMeter& meter, const std::string& wanted) {
    return std::max({2 * fit(meter.unit_code, wanted), 2 * fit(meter.code, wanted) - 1,
                     fit(meter.account_number, wanted), fit(meter.customer, wanted),
                     fit(meter.serial_number, wanted)});
}

std::string detail_of(const std::string& customer, const std::string& account, const std::string& code) {
    std::string words = customer;
    const auto add = [&words](const std::string& part) { words += (words.empty() ? "" : "  ·  ") + part; };
    add(account.empty() ? tr("no account") : fill(tr("account {number}"), fmt::arg("number", account)));
    add(fill(tr("meter {code}"), fmt::arg("code", code)));
    return words;
}

FindScreen::Hit hit_of(const LiveMeter& meter) {
    FindScreen::Hit hit;
    hit.title = meter.unit_code.empty() ? meter.code : meter.unit_code;
    hit.detail = detail_of(meter.customer, meter.account_number, meter.code);
    hit.note = money_or_dash(meter.balance_e4);
    hit.has_status = true;
    hit.status = meter.status;
    hit.place = {Page::meter, meter.meter_id, {}};
    hit.can_be_sold_to = !meter.account_number.empty();
    return hit;
}

}  // namespace

std::string folded(const std::string& text) {
    std::string plain;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isspace(byte) == 0 && letter != '-' && letter != '.' && letter != '_') {
            plain += byte < 0x80 ? static_cast<char>(std::tolower(byte)) : letter;
        }
    }
    return plain;
}

FindPresenter::FindPresenter(Context& context, std::vector<NamedPage> pages, std::function<void()> on_changed)
    : context_{context}, pages_{std::move(pages)}, changed_{std::move(on_changed)} {}

void FindPresenter::type(const std::string& text) {
    text_ = text.substr(0, text_max);
    asking_.cancel();
    pause_.stop();
    screen_ = {};
    if (folded(text_).empty()) {
        finish();
        return;
    }
    look_in_memory();
    if (context_.connection.online() && context_.session.property_id() != 0 && folded(text_).size() >= 2 &&
        screen_.hits.size() < hits_max) {
        screen_.searching = true;
        pause_ = context_.timers.after(ask_after, [this] { ask_server(); });
    }
    finish();
}

void FindPresenter::look_in_memory() {
    const auto wanted = folded(text_);
    std::vector<std::pair<int, const LiveMeter*>> found;
    for (const auto& meter : context_.live.meters()) {
        if (const int score = fit(meter, wanted); score > 0) {
            found.emplace_back(score, &meter);
        }
    }
    const auto shown = std::min(found.size(), hits_max);
    // The wall's own order holds among those that fit equally well.
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < shown; ++i) {
        screen_.hits.push_back(hit_of(*found[i].second));
    }
    for (const auto& page : pages_) {
        if (fit(page.title, wanted) > 0 && screen_.hits.size() < hits_max) {
            FindScreen::Hit hit;
            hit.title = page.title;
            hit.detail = tr("Page");
            hit.icon = page.icon;
            hit.place = page.place;
            screen_.hits.push_back(std::move(hit));
        }
    }
}

void FindPresenter::ask_server() {
    v1::SearchMetersRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_text(text_);
    request.set_limit(asked_max);
    asking_ = context_.server.call(
        method::search_meters, request, [this](const Result<v1::ListMetersResponse>& result) {
            screen_.searching = false;
            if (result) {
                for (const auto& meter : result->meters()) {
                    const bool known =
                        std::any_of(screen_.hits.begin(), screen_.hits.end(), [&](const auto& hit) {
                            return hit.place == Place{Page::meter, meter.meter_id(), {}};
                        });
                    if (known || screen_.hits.size() >= hits_max) {
                        continue;
                    }
                    FindScreen::Hit hit;
                    hit.title = clipped(meter.unit_code().empty() ? meter.code() : meter.unit_code(), 40);
                    hit.detail = detail_of(clipped(meter.customer(), 80), clipped(meter.account_number(), 40),
                                           clipped(meter.code(), 40));
                    hit.place = {Page::meter, meter.meter_id(), {}};
                    hit.can_be_sold_to = !meter.account_number().empty();
                    if (meter.state().has_balance_e4()) {
                        hit.note = money(meter.state().balance_e4());
                    }
                    screen_.hits.push_back(std::move(hit));
                }
            }
            finish();
        });
}

void FindPresenter::finish() {
    const auto count = static_cast<int>(screen_.hits.size());
    screen_.chosen = count == 0 ? -1 : std::clamp(screen_.chosen, 0, count - 1);
    if (folded(text_).empty()) {
        screen_.footer = tr("Type a part of a unit, shop, meter, account or page");
    } else if (count == 0) {
        screen_.footer = screen_.searching ? tr("Searching") : tr("Nothing matches");
    } else {
        screen_.footer = fill(tr_n("{} match", "{} matches", static_cast<unsigned>(count)), count) + "  ·  " +
                         tr("↑ ↓ choose  ·  Enter opens  ·  F2 sells  ·  Esc closes");
    }
    changed_();
}

void FindPresenter::move(int by) {
    const auto count = static_cast<int>(screen_.hits.size());
    if (count > 0) {
        screen_.chosen = std::clamp(screen_.chosen + by, 0, count - 1);
        changed_();
    }
}

bool FindPresenter::open_chosen() {
    return screen_.chosen >= 0 && open_at(static_cast<std::size_t>(screen_.chosen));
}

bool FindPresenter::open_at(std::size_t index) {
    if (index >= screen_.hits.size()) {
        return false;
    }
    const auto place = screen_.hits[index].place;
    context_.navigator.open(place);
    return true;
}

bool FindPresenter::sell_to_chosen() {
    if (screen_.chosen < 0) {
        return false;
    }
    const auto& hit = screen_.hits[static_cast<std::size_t>(screen_.chosen)];
    if (!hit.can_be_sold_to || !context_.session.may("sale.write")) {
        return false;
    }
    const Place place{Page::sell, hit.place.id, {}};
    context_.navigator.open(place);
    return true;
}

}  // namespace wutong::client
