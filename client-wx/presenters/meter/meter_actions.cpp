#include "client-wx/presenters/meter/meter_actions.hpp"

#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

bool guaranteed(const LiveMeter& meter) {
    return meter.forced && meter.relay_closed.value_or(false);
}

bool forced_off(const LiveMeter& meter) {
    return meter.forced && meter.relay_closed && !*meter.relay_closed;
}

const std::string& unit_of(const LiveMeter& meter) {
    return meter.unit_code.empty() ? meter.code : meter.unit_code;
}

}  // namespace

MeterActionsScreen meter_actions(const LiveMeter& meter, const Context& context, bool busy) {
    MeterActionsScreen screen;
    screen.sell = {tr("Sell electricity"), "shopping-bag", "F2", true, true, {}};
    screen.query = {tr("Query now"), "refresh", "F5", true, true, {}};
    screen.guarantee = {guaranteed(meter) ? tr("End guarantee") : tr("Guarantee power"),
                        guaranteed(meter) ? "shield-off" : "shield-check-filled",
                        "Ctrl+G",
                        true,
                        true,
                        {}};
    screen.cut_is_danger = !forced_off(meter);
    screen.cut = {forced_off(meter) ? tr("Give power back") : tr("Switch off…"),
                  forced_off(meter) ? "plug-connected" : "power",
                  "Ctrl+D",
                  true,
                  true,
                  {}};

    screen.sell.shown = context.session.may("sale.write");
    const bool may_control = context.session.may("control.write");
    screen.query.shown = screen.guarantee.shown = screen.cut.shown = may_control;
    const auto off = [](MeterAction& action, const std::string& why) {
        if (action.enabled) {
            action.enabled = false;
            action.why_not = why;
        }
    };
    if (!meter.prepaid()) {
        screen.guarantee.shown = screen.cut.shown = screen.sell.shown = false;
    }
    if (meter.account_id == 0 && meter.account_number.empty()) {
        off(screen.sell, tr("There is no account. Open one first (F3)."));
    }
    if (!context.connection.online()) {
        const auto why = tr("No connection to the server.");
        off(screen.query, why);
        off(screen.guarantee, why);
        off(screen.cut, why);
    } else if (busy) {
        const auto why = tr("The command before is still under way.");
        off(screen.query, why);
        off(screen.guarantee, why);
        off(screen.cut, why);
    }
    if (const auto* guard = context.guards.of(meter.unit_code); guard != nullptr && screen.cut.shown) {
        screen.guard = guard_badge_words(*guard);
        screen.guard_note = guard->note;
    }
    if (meter.delivering && !forced_off(meter)) {
        off(screen.cut, tr("A payment is on its way to this meter."));
    }
    return screen;
}

MeterCommands::MeterCommands(Context& context) : context_{context}, batch_{context} {
    batch_.on_changed = [this] { batch_changed(); };
    batch_.on_ask = [this](const CutQuestion& question) {
        if (on_ask) {
            on_ask(question);
        }
    };
    batch_.on_finished = [this] { finished(); };
}

std::int64_t MeterCommands::busy_with() const {
    const auto stage = batch_.screen().stage;
    const bool busy = stage == BulkScreen::Stage::checking || stage == BulkScreen::Stage::sending ||
                      stage == BulkScreen::Stage::running;
    return busy ? meter_id_ : 0;
}

void MeterCommands::start(const LiveMeter& meter, CommandVerb verb) {
    if (busy_with() != 0) {
        return;
    }
    meter_id_ = meter.meter_id;
    unit_ = unit_of(meter);
    failed_ = false;
    wish_ = {};
    wish_.verb = verb;
    wish_.meters = {meter.meter_id};
    batch_.prepare(wish_);
}

void MeterCommands::query(const LiveMeter& meter) {
    undoing_ = false;
    start(meter, CommandVerb::read_now);
}

void MeterCommands::guarantee(const LiveMeter& meter) {
    undoing_ = false;
    start(meter, guaranteed(meter) ? CommandVerb::restore : CommandVerb::guarantee);
}

void MeterCommands::cut(const LiveMeter& meter) {
    undoing_ = false;
    start(meter, forced_off(meter) ? CommandVerb::restore : CommandVerb::switch_off);
}

void MeterCommands::answer_cut(bool go_on) {
    if (go_on) {
        batch_.confirm();
    } else {
        batch_.close();
        forget_sentence();
    }
}

void MeterCommands::forget_sentence() {
    sentence_.clear();
    failed_ = false;
    if (on_changed) {
        on_changed();
    }
}

void MeterCommands::batch_changed() {
    const auto& screen = batch_.screen();
    switch (screen.stage) {
        case BulkScreen::Stage::checking:
        case BulkScreen::Stage::sending:
            sentence_ = screen.waiting.empty() ? verb_going_on(wish_) + "…" : screen.waiting;
            break;
        case BulkScreen::Stage::preview:
            if (!screen.fault.empty()) {
                sentence_ = screen.fault;
                failed_ = true;
            } else if (!screen.needs_you.empty()) {
                const auto& line = screen.needs_you.front();
                sentence_ = client::fill(tr("Nothing was sent. {}: {}"), line.text, line.detail);
                failed_ = true;
            }
            break;
        case BulkScreen::Stage::running: {
            const auto badge = batch_.badge_of(meter_id_);
            sentence_ = badge == WallBadge::under_way
                            ? verb_going_on(wish_) + "…"
                            : client::fill(tr("{}: waits for its turn on the line"), verb_words(wish_));
            break;
        }
        case BulkScreen::Stage::none:
        case BulkScreen::Stage::finished:
            break;
    }
    if (on_changed) {
        on_changed();
    }
}

void MeterCommands::finished() {
    const auto badge = batch_.badge_of(meter_id_);
    const auto& lines = batch_.screen().needs_you;
    if (badge == WallBadge::done) {
        sentence_.clear();
        failed_ = false;
        const auto words = verb_done(wish_, unit_);
        const bool reversible = wish_.verb == CommandVerb::guarantee && !undoing_;
        if (reversible) {
            const auto id = meter_id_;
            context_.navigator.toast(words, [this, id] {
                if (const auto* meter = context_.live.find(id)) {
                    undoing_ = true;
                    start(*meter, CommandVerb::restore);
                }
            });
        } else {
            context_.navigator.toast(words);
        }
    } else {
        failed_ = true;
        const auto why = lines.empty() ? tr("Failed") : lines.front().text;
        sentence_ = client::fill(tr("{} did not work: {}"), verb_words(wish_), why);
    }
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
