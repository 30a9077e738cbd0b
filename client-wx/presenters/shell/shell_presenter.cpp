#include "client-wx/presenters/shell/shell_presenter.hpp"

#include <wutong/v1/cashier_service.pb.h>

#include <algorithm>
#include <cctype>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/shifts/shift_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

// The letters of a UTF-8 text, as they are.
std::vector<std::string> letters_of(const std::string& text) {
    std::vector<std::string> letters;
    for (const char byte : text) {
        const bool continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
        if (continues && !letters.empty()) {
            letters.back() += byte;
        } else {
            letters.emplace_back(1, byte);
        }
    }
    return letters;
}

std::string upper(std::string letter) {
    if (letter.size() == 1) {
        letter[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(letter[0])));
    }
    return letter;
}

}  // namespace

std::string initials(const std::string& name) {
    std::string digits;
    for (auto at = name.rbegin(); at != name.rend() && std::isdigit(static_cast<unsigned char>(*at)) != 0;
         ++at) {
        digits.insert(digits.begin(), *at);
    }
    if (!digits.empty()) {
        return digits.substr(digits.size() - std::min<std::size_t>(digits.size(), 2));
    }
    const auto letters = letters_of(name);
    if (letters.empty()) {
        return {};
    }
    if (letters.back().size() > 1) {  // Chinese: the last letter of the given name
        return letters.back();
    }
    std::string result = upper(letters.front());
    const auto blank = std::find_if(letters.rbegin(), letters.rend(), [](const auto& letter) {
        return letter == " " || letter == "." || letter == "_" || letter == "-";
    });
    if (blank != letters.rend() && blank != letters.rbegin()) {
        result += upper(*std::prev(blank));
    } else if (letters.size() > 1) {
        result += upper(letters[1]);
    }
    return result;
}

void History::visit(const Place& before, const Place& now) {
    if (before == now || before.page == Page::sign_in) {
        return;
    }
    if (before.page == now.page && before.id == now.id) {
        return;  // another tab, another search
    }
    places_.push_back(before);
    if (places_.size() > kept_max) {
        places_.erase(places_.begin());
    }
}

std::optional<Place> History::back() {
    if (places_.empty()) {
        return std::nullopt;
    }
    auto place = places_.back();
    places_.pop_back();
    return place;
}

ShellPresenter::ShellPresenter(Context& context, std::function<void()> on_changed)
    : context_{context}, changed_{std::move(on_changed)} {
    connection_changes_ = context_.connection.on_change([this] { refresh(); });
    session_changes_ = context_.session.on_change([this] { refresh(); });
    shift_changes_ = context_.shift.on_change([this] { refresh(); });
    live_changes_ = context_.live.subscribe([this](const LiveChange& change) {
        if (change.totals || change.all) {
            refresh();
        }
    });
}

void ShellPresenter::refresh() {
    const auto& connection = context_.connection;
    const auto& session = context_.session;
    const auto& live = context_.live;
    using State = Connection::State;

    screen_.banner = screen_.banner_is_stop = false;
    screen_.banner_action.clear();
    if (connection.state() == State::refused) {
        screen_.live = ShellScreen::Live::offline;
        screen_.live_words = tr("Offline");
        screen_.banner = screen_.banner_is_stop = true;
        screen_.banner_words =
            tr("The server shows another certificate than the one you trusted. Nothing is sent to it. Call "
               "whoever runs it.");
    } else if (!connection.online()) {
        screen_.live = ShellScreen::Live::offline;
        screen_.live_words = tr("Offline");
        screen_.banner = true;
        const auto since = connection.lost_since().value_or(context_.timers.now());
        const auto heard = live.heard_at();
        screen_.banner_words =
            heard ? fill(tr("No connection since {since}. Values are from {heard}. What sends waits until it "
                            "is back."),
                         fmt::arg("since", clock_time(since)), fmt::arg("heard", clock_time(*heard)))
                  : fill(tr("No connection since {since}. What sends waits until it is back."),
                         fmt::arg("since", clock_time(since)));
        const auto next = connection.next_try_in();
        screen_.banner_action =
            next ? fill(tr("Try now, next in {seconds} s"), fmt::arg("seconds", next->count()))
                 : tr("Trying now");
    } else if (live.state() == LiveMeters::State::live) {
        screen_.live = ShellScreen::Live::live;
        screen_.live_words = tr("Live");
    } else {
        screen_.live = ShellScreen::Live::waiting;
        screen_.live_words = live.state() == LiveMeters::State::interrupted ? tr("Waiting") : tr("Loading");
    }

    const auto& summary = live.summary();
    screen_.alarms = summary ? summary->unacknowledged_alarms : 0;
    screen_.commands = summary ? summary->unfinished_commands : 0;
    screen_.operator_name = session.who().shown();
    screen_.operator_initials =
        initials(session.who().full_name.empty() ? session.who().name : session.who().full_name);
    screen_.shift.clear();
    screen_.shift_detail.clear();
    if (const auto* shift = context_.shift.shift()) {
        screen_.shift =
            clipped(shift->point_code(), 12) + " · " +
            fill(tr("since {time}"), fmt::arg("time", clock_time(to_time_point(shift->opened_at()))));
        screen_.shift_detail =
            money(sums_of(*shift).sold_e4) + " · " + receipts_words(shift->receipt_count());
    } else if (context_.shift.state() == ShiftWatch::State::none) {
        screen_.shift = tr("No shift open");
        screen_.shift_detail = tr("F7 opens one");
    }
    screen_.property_name = session.property().name;
    screen_.window_title =
        screen_.property_name.empty() ? tr("Wutong") : tr("Wutong") + " - " + screen_.property_name;
    changed_();
}

std::string ShellPresenter::status() const {
    const auto& summary = context_.live.summary();
    if (!summary) {
        return {};
    }
    std::string words;
    const auto add = [&words](const std::string& part) { words += (words.empty() ? "" : "  ·  ") + part; };
    if (summary->oldest_answer_at) {
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(context_.live.server_now() -
                                                                                 *summary->oldest_answer_at);
        add(fill(tr("Oldest answering meter {age} ago"), fmt::arg("age", age(since))));
    }
    const auto all = static_cast<std::int64_t>(context_.live.meters().size());
    if (all > 0) {
        add(fill(tr("last round {answered} of {all} ({share})"),
                 fmt::arg("answered", count(summary->answered)), fmt::arg("all", count(all)),
                 fmt::arg("share", permille_as_percent(1000LL * summary->answered / all))));
    }
    if (summary->deliveries_under_way > 0) {
        add(fill(tr_n("{} credit on the way", "{} credits on the way",
                      static_cast<unsigned>(summary->deliveries_under_way)),
                 summary->deliveries_under_way));
    }
    return words;
}

}  // namespace wutong::client
