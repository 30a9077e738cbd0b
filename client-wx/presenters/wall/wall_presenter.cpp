#include "client-wx/presenters/wall/wall_presenter.hpp"

#include <algorithm>

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kAgesEvery{10};
constexpr const char* kListKey = "wall.list";

}  // namespace

WallPresenter::WallPresenter(Context& context)
    : context_{context}, model_{context.live}, inspector_{context}, batch_{context} {
    screen_.list = context_.preferences.get(kListKey) == "1";
    live_ = context_.live.subscribe([this](const LiveChange& change) { live_changed(change); });
    connection_ = context_.connection.on_change([this] { update_screen(); });
    session_ = context_.session.on_change([this] { update_screen(); });
    ages_ = context_.timers.every(kAgesEvery, [this] {
        // Ages of lost meters and of the status line go on without news.
        std::vector<std::size_t> lost;
        for (std::size_t i = 0; i < model_.shown().size(); ++i) {
            if (model_.at(i).status == MeterStatus::lost) {
                lost.push_back(i);
            }
        }
        if (!lost.empty() && on_cells) {
            on_cells(lost);
        }
        update_screen();
    });
    inspector_.on_ask = [this](const CutQuestion& question) {
        asking_for_one_ = true;
        if (on_ask) {
            on_ask(question);
        }
    };
    batch_.on_ask = [this](const CutQuestion& question) {
        asking_for_one_ = false;
        if (on_ask) {
            on_ask(question);
        }
    };
    batch_.on_badges = [this](const std::vector<std::int64_t>& meters) {
        std::vector<std::size_t> positions;
        for (const auto id : meters) {
            if (const auto position = model_.position_of(id)) {
                positions.push_back(*position);
            }
        }
        if (on_cells && !positions.empty()) {
            on_cells(positions);
        }
    };
    batch_.on_changed = [this] { update_screen(); };
    model_.rebuild();
    sort_now();
    update_screen();
}

WallSelection::Order WallPresenter::order() const {
    return {model_.shown().size(), [this](std::size_t position) { return model_.at(position).meter_id; },
            [this](std::int64_t id) { return model_.position_of(id); }};
}

void WallPresenter::live_changed(const LiveChange& change) {
    std::vector<std::size_t> positions;
    if (change.all) {
        model_.rebuild();
        selection_.keep_only([this](std::int64_t id) { return context_.live.find(id) != nullptr; });
        rebuilt();
    } else if (!change.indices.empty()) {
        if (model_.update(change.indices, positions)) {
            rebuilt();
        } else {
            if (screen_.list && sort_column_ != Column::unit) {
                sort_now();
            }
            if (on_cells) {
                on_cells(positions);
            }
        }
    }
    inspector_.live_changed(change.all, change.indices);
    update_screen();
}

void WallPresenter::rebuilt() {
    sort_now();
    if (on_cells_reset) {
        on_cells_reset();
    }
    if (on_selection) {
        on_selection();
    }
}

void WallPresenter::choose_chip(std::optional<MeterStatus> status, bool add) {
    auto filter = model_.filter();
    if (!status) {
        filter.states.clear();
    } else if (filter.states.contains(*status)) {
        if (add || filter.states.size() == 1) {
            filter.states.erase(*status);
        } else {
            filter.states = {*status};
        }
    } else {
        // A chip filters, a second adds.
        filter.states.insert(*status);
    }
    model_.set_filter(std::move(filter));
    rebuilt();
    update_screen();
}

void WallPresenter::choose_building(int index) {
    auto filter = model_.filter();
    const auto& buildings = model_.buildings();
    filter.building = index <= 0 || static_cast<std::size_t>(index) > buildings.size()
                          ? std::string{}
                          : buildings[static_cast<std::size_t>(index) - 1].code;
    model_.set_filter(std::move(filter));
    rebuilt();
    update_screen();
}

void WallPresenter::choose_property(std::int64_t property_id) {
    if (property_id == context_.session.property_id()) {
        return;
    }
    if (batch_.shown()) {
        batch_.close();
    }
    selection_.select_only(0);
    inspector_.show(0, {});
    model_.set_filter({});
    context_.session.choose_property(property_id);
    update_screen();
}

void WallPresenter::search(const std::string& text) {
    auto filter = model_.filter();
    filter.search = clipped(text, 60);
    if (filter == model_.filter()) {
        return;
    }
    model_.set_filter(std::move(filter));
    rebuilt();
    update_screen();
}

void WallPresenter::clear_filter() {
    if (!model_.filter().none()) {
        model_.set_filter({});
        rebuilt();
        update_screen();
    }
}

void WallPresenter::show_list(bool list) {
    if (screen_.list != list) {
        screen_.list = list;
        context_.preferences.set(kListKey, list ? "1" : "0");
        sort_now();
        update_screen();
        if (on_selection) {
            on_selection();
        }
    }
}

void WallPresenter::pick(std::size_t position, WallPick pick) {
    const std::vector<std::int64_t> before{selection_.ids().begin(), selection_.ids().end()};
    selection_.pick(order(), position, pick);
    selection_changed(before);
}

void WallPresenter::select_all() {
    selection_.select_all(order());
    selection_changed({});
}

void WallPresenter::select_positions(const std::vector<std::size_t>& positions) {
    const std::vector<std::int64_t> before{selection_.ids().begin(), selection_.ids().end()};
    std::vector<std::int64_t> ids;
    for (const auto position : positions) {
        if (position < model_.shown().size()) {
            ids.push_back(model_.at(position).meter_id);
        }
    }
    selection_.select(ids);
    selection_changed(before);
}

bool WallPresenter::leave_one() {
    const std::vector<std::int64_t> before{selection_.ids().begin(), selection_.ids().end()};
    if (batch_.shown()) {
        batch_.close();
        update_screen();
        return true;
    }
    if (selection_.clear()) {
        selection_changed(before);
        return true;
    }
    if (!model_.filter().none()) {
        clear_filter();
        return true;
    }
    return false;
}

void WallPresenter::selection_changed(const std::vector<std::int64_t>& before) {
    std::vector<std::size_t> positions;
    const auto add = [&](std::int64_t id) {
        if (const auto position = model_.position_of(id)) {
            positions.push_back(*position);
        }
    };
    for (const auto id : before) {
        add(id);
    }
    for (const auto id : selection_.ids()) {
        add(id);
    }
    if (on_cells) {
        on_cells(positions);
    }
    const auto* one = selection_.size() == 1 ? context_.live.find(*selection_.ids().begin()) : nullptr;
    inspector_.show(one != nullptr ? one->meter_id : 0,
                    one != nullptr ? model_.name_of(*one) : std::string{});
    update_screen();
    if (on_selection) {
        on_selection();
    }
}

std::optional<std::size_t> WallPresenter::typed(const std::string& letters) const {
    return model_.find_typed(letters, letters.size() > 1 ? current().value_or(0) : 0);
}

void WallPresenter::open(std::size_t position) {
    if (position < model_.shown().size()) {
        context_.navigator.open({Page::meter, model_.at(position).meter_id, {}});
    }
}

void WallPresenter::go_to(std::int64_t meter_id) {
    if (context_.live.find(meter_id) == nullptr) {
        return;
    }
    if (!model_.position_of(meter_id)) {
        clear_filter();
    }
    const std::vector<std::int64_t> before{selection_.ids().begin(), selection_.ids().end()};
    selection_.select_only(meter_id);
    selection_changed(before);
    if (on_goto) {
        on_goto(model_.position_of(meter_id));
    }
}

std::vector<std::int64_t> WallPresenter::selected_in_order() const {
    std::vector<std::int64_t> ids;
    for (const auto& meter : context_.live.meters()) {
        if (selection_.contains(meter.meter_id)) {
            ids.push_back(meter.meter_id);
        }
    }
    return ids;
}

void WallPresenter::sell() {
    if (!selection_.several()) {
        inspector_.sell();
    }
}

void WallPresenter::query() {
    if (selection_.several()) {
        send_to_selected({});
    } else {
        inspector_.query();
    }
}

void WallPresenter::guarantee() {
    if (selection_.several()) {
        CommandWish wish;
        wish.verb = CommandVerb::guarantee;
        send_to_selected(wish);
    } else {
        inspector_.guarantee();
    }
}

void WallPresenter::cut() {
    if (selection_.several()) {
        CommandWish wish;
        wish.verb = CommandVerb::switch_off;
        send_to_selected(wish);
    } else {
        inspector_.cut();
    }
}

void WallPresenter::send_to_selected(CommandWish wish) {
    if (!several().can_send) {
        return;
    }
    wish.meters = selected_in_order();
    batch_.prepare(std::move(wish));
}

void WallPresenter::answer_cut(bool go_on) {
    if (asking_for_one_) {
        inspector_.answer_cut(go_on);
    } else if (go_on) {
        batch_.confirm();
    }  // else the preview stays: one may still look who is in it
}

}  // namespace wutong::client
