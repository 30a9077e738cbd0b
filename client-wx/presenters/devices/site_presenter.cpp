#include "client-wx/presenters/devices/site_presenter.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/site_service.pb.h"

namespace wutong::client {

namespace {

// Rows of three kinds in one list: the kind is the last part of the number.
constexpr std::int64_t kKinds = 4;
std::int64_t building_row(std::int64_t id) {
    return id * kKinds + 1;
}
std::int64_t floor_row(std::int64_t id) {
    return id * kKinds + 2;
}
std::int64_t unit_row(std::int64_t id) {
    return id * kKinds + 3;
}

std::string folded(const std::string& text) {
    std::string small = text;
    for (auto& c : small) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return small;
}

/// "▾ Tower A" at the edge, "    ▸ 12F" inside of it; EM SPACE, which every font has in the same width.
std::string indented(int level, const char* mark, const std::string& text) {
    std::string out;
    for (int i = 0; i < level; ++i) {
        out += "\u2003\u2003";
    }
    return out + mark + "\u2002" + text;
}

}  // namespace

SitePresenter::SitePresenter(Context& context)
    : ListPresenter{context, std::chrono::milliseconds{0}, kUnitsMax} {}

void SitePresenter::fetch() {
    v1::GetSiteRequest request;
    request.set_property_id(context_.session.property_id());
    call_ = context_.server.call(
        method::get_site, request,
        std::function<void(Result<v1::GetSiteResponse>)>{[this](Result<v1::GetSiteResponse> result) {
            if (!result) {
                refused(result.fault());
                return;
            }
            auto fresh = std::make_shared<std::vector<Building>>();
            for (const auto& building : result->buildings()) {
                auto& to = fresh->emplace_back(
                    Building{building.building_id(), building.code(), building.name(), {}});
                for (const auto& floor : building.floors()) {
                    to.floors.push_back({floor.floor_id(), floor.number(), floor.name(), {}});
                }
                std::sort(to.floors.begin(), to.floors.end(),
                          [](const Floor& a, const Floor& b) { return a.number < b.number; });
            }
            auto seen = std::make_shared<std::size_t>(0);
            v1::ListUnitsRequest units;
            units.set_property_id(context_.session.property_id());
            fetch_pages(
                method::list_units, units, [this, fresh, seen](const v1::ListUnitsResponse& answer, bool) {
                    std::unordered_map<std::int64_t, Floor*> floors;
                    for (auto& building : *fresh) {
                        for (auto& floor : building.floors) {
                            floors[floor.id] = &floor;
                        }
                    }
                    for (const auto& unit : answer.units()) {
                        ++*seen;
                        if (const auto floor = floors.find(unit.floor_id()); floor != floors.end()) {
                            floor->second->units.push_back({unit.unit_id(), unit.code(), unit.name()});
                        }
                    }
                    if (answer.next_page_token().empty() || *seen >= kUnitsMax) {
                        buildings_ = std::move(*fresh);
                        if (!std::exchange(opened_once_, true) && buildings_.size() == 1) {
                            open_rows_.insert(building_row(buildings_.front().id));
                        }
                    }
                    return *seen;
                });
        }});
}

void SitePresenter::forget() {
    buildings_.clear();
    open_rows_.clear();
    opened_once_ = false;
    selected_ = 0;
    chosen_ = {};
}

SitePresenter::Found SitePresenter::find(std::int64_t row) const {
    for (const auto& building : buildings_) {
        if (building_row(building.id) == row) {
            return {&building};
        }
        for (const auto& floor : building.floors) {
            if (floor_row(floor.id) == row) {
                return {&building, &floor};
            }
            for (const auto& unit : floor.units) {
                if (unit_row(unit.id) == row) {
                    return {&building, &floor, &unit};
                }
            }
        }
    }
    return {};
}

void SitePresenter::select(std::int64_t row) {
    selected_ = row;
    const auto found = find(row);
    const auto before = chosen_.kind;
    chosen_ = found.unit != nullptr       ? Chosen{Kind::unit, found.unit->code}
              : found.floor != nullptr    ? Chosen{Kind::floor, found.floor->name}
              : found.building != nullptr ? Chosen{Kind::building, found.building->name}
                                          : Chosen{};
    if (before != chosen_.kind && on_changed) {
        on_changed();
    }
}

void SitePresenter::toggle(std::int64_t row) {
    set_open(row, !open_rows_.contains(row));
}

bool SitePresenter::set_open(std::int64_t row, bool open) {
    const auto found = find(row);
    if (found.building == nullptr || found.unit != nullptr || open_rows_.contains(row) == open) {
        return false;
    }
    if (open) {
        open_rows_.insert(row);
    } else {
        open_rows_.erase(row);
    }
    redraw();
    return true;
}

void SitePresenter::search(const std::string& text) {
    if (text_ != text) {
        text_ = text;
        redraw();
    }
}

void SitePresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Building, floor, unit"), 34, false, true},
                      {tr("Name"), 26},
                      {tr("Floors"), 9, true},
                      {tr("Units"), 9, true},
                      {tr("Meters"), 9, true}};
    screen.sort_column = -1;  // a tree keeps its order
    std::unordered_map<std::string, std::int64_t> meters;
    for (const auto& meter : context_.live.meters()) {
        ++meters[meter.unit_code];
    }
    const auto wanted = folded(text_);
    const auto meters_of = [&](const Floor& floor) {
        std::int64_t sum = 0;
        for (const auto& unit : floor.units) {
            const auto known = meters.find(unit.code);
            sum += known == meters.end() ? 0 : known->second;
        }
        return sum;
    };
    std::size_t units_all = 0;
    for (const auto& building : buildings_) {
        std::int64_t units = 0;
        std::int64_t meters_here = 0;
        std::vector<ListRow> below;
        const bool open = !wanted.empty() || open_rows_.contains(building_row(building.id));
        for (const auto& floor : building.floors) {
            const auto meters_on_floor = meters_of(floor);
            units += static_cast<std::int64_t>(floor.units.size());
            meters_here += meters_on_floor;
            std::vector<ListRow> inside;
            for (const auto& unit : floor.units) {
                if (!wanted.empty() &&
                    folded(unit.code + " " + unit.name).find(wanted) == std::string::npos) {
                    continue;
                }
                ListRow row{unit_row(unit.id), {}};
                const auto known = meters.find(unit.code);
                row.cells = {{indented(2, "·", unit.code)},
                             {unit.name.empty() ? kDash : unit.name, Tone::quiet},
                             {},
                             {},
                             {known == meters.end() ? kDash : count(known->second)}};
                inside.push_back(std::move(row));
            }
            if (!wanted.empty() && inside.empty()) {
                continue;
            }
            const bool floor_open = !wanted.empty() || open_rows_.contains(floor_row(floor.id));
            ListRow row{floor_row(floor.id), {}};
            row.cells = {{indented(1, floor_open ? "▾" : "▸", floor.name)},
                         {fill(tr("floor {}"), floor.number), Tone::quiet},
                         {},
                         {count(static_cast<std::int64_t>(floor.units.size()))},
                         {count(meters_on_floor)}};
            below.push_back(std::move(row));
            if (floor_open) {
                std::move(inside.begin(), inside.end(), std::back_inserter(below));
            }
        }
        units_all += static_cast<std::size_t>(units);
        if (!wanted.empty() && below.empty()) {
            continue;
        }
        ListRow row{building_row(building.id), {}, true};
        row.cells = {{indented(0, open ? "▾" : "▸", building.code), Tone::strong},
                     {building.name},
                     {count(static_cast<std::int64_t>(building.floors.size()))},
                     {count(units)},
                     {count(meters_here)}};
        screen.rows.push_back(std::move(row));
        if (open) {
            std::move(below.begin(), below.end(), std::back_inserter(screen.rows));
        }
    }
    screen.total = units_all;
    screen.filtered = !wanted.empty();
    screen.empty = screen.filtered && !buildings_.empty()
                       ? fill(tr("None of {} units match."), count(static_cast<std::int64_t>(units_all)))
                       : tr("No buildings yet. Add the first one, or import the site from a file.");
}

std::unique_ptr<Form> SitePresenter::new_building_form() {
    return building_form(context_);
}

std::unique_ptr<Form> SitePresenter::new_floor_form() {
    const auto found = find(selected_);
    if (found.building == nullptr) {
        return nullptr;
    }
    int highest = 0;
    for (const auto& floor : found.building->floors) {
        highest = std::max(highest, floor.number);
    }
    return floor_form(context_, found.building->id, found.building->name, highest + 1);
}

std::unique_ptr<Form> SitePresenter::new_unit_form() {
    const auto found = find(selected_);
    if (found.floor == nullptr) {
        return nullptr;
    }
    return unit_form(context_, found.floor->id, found.building->code + " · " + found.floor->name);
}

PropertiesPresenter::PropertiesPresenter(Context& context)
    : ListPresenter{context, std::chrono::milliseconds{0}} {}

void PropertiesPresenter::fetch() {
    call_ = context_.server.call(method::list_properties, google::protobuf::Empty{},
                                 std::function<void(Result<v1::ListPropertiesResponse>)>{
                                     [this](Result<v1::ListPropertiesResponse> result) {
                                         if (!result) {
                                             refused(result.fault());
                                             return;
                                         }
                                         items_.clear();
                                         for (const auto& one : result->properties()) {
                                             items_.push_back({one.property_id(), one.code(), one.name(),
                                                               one.time_zone(), one.currency()});
                                         }
                                         answered();
                                     }});
}

void PropertiesPresenter::forget() {}  // they are the same for all

void PropertiesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Code"), 14},
                      {tr("Name"), 28, false, true},
                      {tr("Time zone"), 20},
                      {tr("Currency"), 10},
                      {tr("Shown now"), 18, false, false, true}};
    screen.total = items_.size();
    for (const auto& item : items_) {
        const bool shown = item.id == context_.session.property_id();
        ListRow row{item.id, {}, shown};
        row.cells = {{item.code, Tone::strong},
                     {item.name},
                     {item.time_zone, Tone::quiet},
                     {item.currency, Tone::quiet},
                     shown ? Cell{tr("on every page"), Tone::ok, "circle-check"} : Cell{kDash, Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No property yet. Add the first one, or import a site from a file.");
}

std::unique_ptr<Form> PropertiesPresenter::new_form() {
    return property_form(context_);
}

void PropertiesPresenter::choose(std::int64_t property) {
    context_.session.choose_property(property);
    redraw();
}

}  // namespace wutong::client
