#include <algorithm>

#include "client-wx/presenters/control/bulk_command.hpp"
#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

/// What the panel of a batch says.
namespace wutong::client {

namespace {

constexpr std::size_t kUnitsListed = 8;

std::string rough_time(std::chrono::seconds left) {
    if (left.count() <= 5) {
        return tr("a few seconds left");
    }
    if (left.count() < 90) {
        return client::fill(tr("about {} s left"), (left.count() + 4) / 5 * 5);
    }
    const auto minutes = (left.count() + 30) / 60;
    return client::fill(tr_n("about {} minute left", "about {} minutes left", static_cast<unsigned>(minutes)),
                        minutes);
}

std::string short_state(WallBadge badge) {
    switch (badge) {
        case WallBadge::done:
            return tr("Confirmed");
        case WallBadge::under_way:
            return tr("On the way");
        case WallBadge::waiting:
            return tr("Waiting");
        case WallBadge::skipped:
            return tr("Skipped");
        case WallBadge::failed:
            return tr("Failed");
        case WallBadge::none:
            break;
    }
    return {};
}

}  // namespace

std::string BulkCommand::name_of(std::int64_t meter_id, const std::string& code) const {
    if (!code.empty()) {
        return clipped(code, 40);
    }
    const auto* meter = context_.live.find(meter_id);
    return meter != nullptr ? meter->code : client::fill(tr("meter {}"), meter_id);
}

std::map<WallBadge, std::size_t> BulkCommand::counted() const {
    std::map<WallBadge, std::size_t> counts{{WallBadge::done, 0},    {WallBadge::under_way, 0},
                                            {WallBadge::waiting, 0}, {WallBadge::skipped, 0},
                                            {WallBadge::failed, 0},  {WallBadge::none, 0}};
    for (const auto& [id, row] : rows_) {
        ++counts[row.badge];
    }
    return counts;
}

void BulkCommand::update() {
    auto& s = screen_;
    s.waiting = change_.open() && change_.waiting()
                    ? tr("No connection. It is asked again by itself; nothing is done twice.")
                    : std::string{};
    s.busy = change_.open();
    const bool live = s.stage == BulkScreen::Stage::running;
    const bool over = s.stage == BulkScreen::Stage::finished;
    if (live || over) {
        const auto counts = counted();
        const auto total = rows_.size();
        const auto open = counts.at(WallBadge::waiting) + counts.at(WallBadge::under_way);
        const auto failed = counts.at(WallBadge::failed), skipped = counts.at(WallBadge::skipped);
        s.title = verb_going_on(wish_);
        s.subtitle = client::fill(tr_n("{} meter", "{} meters", static_cast<unsigned>(total)),
                                  count(static_cast<std::int64_t>(total)));
        if (started_at_) {
            s.subtitle += " · " + client::fill(tr("started {}"), clock_time(*started_at_));
        }
        const double whole = std::max<double>(1, static_cast<double>(total));
        s.share_done = static_cast<double>(counts.at(WallBadge::done)) / whole;
        s.share_skipped = static_cast<double>(skipped) / whole;
        s.share_failed = static_cast<double>(failed) / whole;
        s.progress = client::fill(tr("{} of {}"), count(static_cast<std::int64_t>(total - open)),
                                  count(static_cast<std::int64_t>(total)));
        if (batch_state_ == "paused") {
            s.progress += " · " + tr("paused");
        } else if (live && eta_) {
            s.progress += " · " + rough_time(std::chrono::duration_cast<std::chrono::seconds>(
                                      *eta_ - context_.live.server_now()));
        } else if (over) {
            s.progress += " · " + tr("finished");
        }
        s.counts.clear();
        for (const auto badge : {WallBadge::done, WallBadge::under_way, WallBadge::waiting,
                                 WallBadge::skipped, WallBadge::failed}) {
            s.counts.push_back({badge, count(static_cast<std::int64_t>(counts.at(badge))), short_state(badge),
                                counts.at(badge)});
        }
        const bool free = !change_.open();
        s.can_pause = live && free && batch_state_ == "running" && counts.at(WallBadge::waiting) > 0;
        s.can_resume = live && free && batch_state_ == "paused";
        s.can_stop = live && free && counts.at(WallBadge::waiting) > 0 && batch_state_ != "stopped";
        s.can_export = total > 0;
        s.retry = failed > 0 && free ? client::fill(tr_n("Try {} failed again", "Try {} failed again",
                                                         static_cast<unsigned>(failed)),
                                                    count(static_cast<std::int64_t>(failed)))
                                     : std::string{};
    } else if (s.stage == BulkScreen::Stage::preview || s.stage == BulkScreen::Stage::sending ||
               s.stage == BulkScreen::Stage::checking) {
        s.subtitle = client::fill(
            tr_n("{} meter chosen", "{} meters chosen", static_cast<unsigned>(wish_.meters.size())),
            count(static_cast<std::int64_t>(wish_.meters.size())));
    }
    update_lines();
    if (on_changed) {
        on_changed();
    }
}

void BulkCommand::update_lines() {
    auto& s = screen_;
    s.needs_you.clear();
    std::size_t all = 0;
    for (const auto wanted : {WallBadge::failed, WallBadge::skipped}) {
        for (const auto id : order_) {
            const auto& row = rows_.at(id);
            if (row.badge != wanted) {
                continue;
            }
            ++all;
            if (s.needs_you.size() < kLinesShown) {
                s.needs_you.push_back({id, row.badge, row.code, row.reason, row.detail});
            }
        }
    }
    s.needs_you_title = s.stage == BulkScreen::Stage::preview || s.stage == BulkScreen::Stage::sending
                            ? tr("Skipped")
                            : tr("Needs you");
    const auto more = all - s.needs_you.size();
    s.and_more = more > 0 ? client::fill(tr("and {} more, in the exported result"),
                                         count(static_cast<std::int64_t>(more)))
                          : std::string{};
}

std::string BulkCommand::guard_words() const {
    // The rules never switch these off; a person does it knowing whom it hits.
    std::vector<const UnitGuard*> guards;
    for (const auto id : accepted_) {
        const auto* meter = context_.live.find(id);
        if (const auto* guard = meter == nullptr ? nullptr : context_.guards.of(meter->unit_code)) {
            guards.push_back(guard);
        }
    }
    if (guards.empty()) {
        return {};
    }
    const auto why = guard_whole_words(*guards.front());
    return accepted_.size() == 1 ? why
                                 : client::fill(tr_n("{n} of them is guarded: {unit}, {why}",
                                                     "{n} of them are guarded: {unit}, {why}",
                                                     static_cast<unsigned>(guards.size())),
                                                fmt::arg("n", guards.size()),
                                                fmt::arg("unit", guards.front()->unit), fmt::arg("why", why));
}

CutQuestion BulkCommand::question() const {
    CutQuestion q;
    q.count = static_cast<unsigned>(accepted_.size());
    const auto number = count(q.count);
    std::int64_t load_w = 0;
    std::size_t unknown = 0, guaranteed = 0, off = 0;
    for (const auto id : accepted_) {
        const auto* meter = context_.live.find(id);
        if (meter == nullptr) {
            ++unknown;
            continue;
        }
        const auto name = meter->unit_code.empty() ? meter->code : meter->unit_code;
        if (q.units.size() < kUnitsListed) {
            q.units.push_back(meter->customer.empty() ? name : name + " · " + clipped(meter->customer, 40));
        }
        if (meter->power_w) {
            load_w += std::max<std::int64_t>(0, *meter->power_w);
        } else {
            ++unknown;
        }
        guaranteed += meter->forced && meter->relay_closed.value_or(false) ? 1U : 0U;
        off += meter->relay_closed && !*meter->relay_closed ? 1U : 0U;
    }
    const auto* only = q.count == 1 ? context_.live.find(accepted_.front()) : nullptr;
    const auto unit = only == nullptr           ? std::string{}
                      : only->unit_code.empty() ? only->code
                                                : only->unit_code;
    q.title = q.count == 1
                  ? client::fill(tr("Switch off {}?"), unit)
                  : client::fill(tr_n("Switch off {} unit?", "Switch off {} units?", q.count), number);
    q.sentence =
        tr("The power goes off within seconds and stays off, whatever the balance, until somebody puts the "
           "meter back to prepaid.");
    q.facts.emplace_back(tr("Load now"), unknown == accepted_.size() ? kDash : power(load_w));
    if (only != nullptr) {
        q.facts.emplace_back(tr("Balance on meter"), money_or_dash(only->balance_e4));
        const auto since = context_.live.age_of(*only);
        q.facts.emplace_back(tr("Last reading"),
                             since ? client::fill(tr("{} ago"), age(*since)) : tr("never"));
    } else if (unknown > 0) {
        q.facts.emplace_back(
            tr("Load unknown"),
            client::fill(tr_n("{} meter", "{} meters", static_cast<unsigned>(unknown)), unknown));
    }
    q.facts.emplace_back(tr("Guarantee"),
                         guaranteed > 0
                             ? q.count == 1 ? tr("power is guaranteed; this ends it")
                                            : client::fill(tr("{} are guaranteed; this ends it"), guaranteed)
                             : tr("no payment on the way, not guaranteed"));
    if (off > 0) {
        q.facts.emplace_back(tr("Off already"),
                             client::fill(tr_n("{} meter", "{} meters", static_cast<unsigned>(off)), off));
    }
    q.warning = guard_words();
    if (!screen_.needs_you.empty()) {
        const auto skipped = static_cast<unsigned>(rows_.size());
        q.warning +=
            (q.warning.empty() ? "" : "\n") +
            client::fill(tr_n("{} more meter is skipped", "{} more meters are skipped", skipped), skipped) +
            ": " + screen_.needs_you.front().text;
    }
    if (accepted_.size() > q.units.size() && !q.units.empty()) {
        q.and_more = client::fill(tr("and {} more"),
                                  count(static_cast<std::int64_t>(accepted_.size() - q.units.size())));
    }
    q.cancel = tr("Keep power on");
    q.commit = q.count == 1 ? client::fill(tr("Switch off {}"), unit) : verb_button(wish_, accepted_.size());
    q.type_label = client::fill(tr("Type {} to go on"), q.count);
    return q;
}

Spreadsheet BulkCommand::result() const {
    Spreadsheet sheet;
    sheet.title = tr("Result");
    sheet.columns = {tr("Unit"), tr("Command"), tr("Outcome"), tr("Reason"), tr("Tries"), tr("Finished")};
    const auto command = verb_words(wish_);
    for (const auto id : order_) {
        const auto& row = rows_.at(id);
        sheet.rows.push_back({row.code, command, short_state(row.badge), row.reason,
                              static_cast<double>(row.attempts),
                              row.finished_at ? table_time(*row.finished_at) : std::string{}});
    }
    return sheet;
}

}  // namespace wutong::client
