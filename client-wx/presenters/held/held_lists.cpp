#include "client-wx/presenters/held/held_lists.hpp"

#include <wutong/v1/held_service.pb.h>

#include <algorithm>

#include "client-wx/api/held_methods.hpp"
#include "client-wx/presenters/held/held_forms.hpp"
#include "client-wx/presenters/held/held_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

HeldMetersPresenter::HeldMetersPresenter(Context& context) : ListPresenter{context, kEvery} {}

void HeldMetersPresenter::fetch() {
    v1::ListHeldMetersRequest request;
    request.set_property_id(context_.session.property_id());
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(
        method::list_held_meters, request, [this, fresh](const v1::ListHeldMetersResponse& answer, bool) {
            for (const auto& one : answer.meters()) {
                fresh->push_back({one.meter_id(),
                                  clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40),
                                  table_date(to_time_point(one.since())), clipped(one.decided_by(), 40),
                                  clipped(one.reason(), 200), clipped(one.account_number(), 40),
                                  charged_words(one), clipped(one.stopped(), 300)});
            }
            const auto rows = fresh->size();
            if (answer.next_page_token().empty()) {
                items_ = std::move(*fresh);
            }
            return rows;
        });
}

void HeldMetersPresenter::forget() {
    items_.clear();
}

void HeldMetersPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 12},
                      {tr("Account"), 12},
                      {tr("Decided"), 12},
                      {tr("By"), 12},
                      {tr("Charged up to"), 34},
                      {tr("Charging"), 26, false, false, true},
                      {tr("Reason"), 20, false, true}};
    screen.total = items_.size();
    for (const auto& item : items_) {
        ListRow row{item.id, {}};
        const Cell charging = !item.stopped.empty()  ? Cell{describe_server_text(item.stopped), Tone::danger,
                                                           "alert-triangle-filled"}
                              : item.account.empty() ? Cell{tr("No account"), Tone::quiet, "user-off"}
                                                     : Cell{tr("Charged"), Tone::ok, "circle-check"};
        row.cells = {{item.name, Tone::strong},
                     {item.account.empty() ? kDash : item.account},
                     {item.since},
                     {item.by, Tone::quiet},
                     {item.charged},
                     charging,
                     {item.reason, Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("The server keeps the credit of no meter: every meter keeps its own.");
}

std::unique_ptr<Form> HeldMetersPresenter::new_form() {
    return run_server_held_form(context_, 0, {});
}

std::unique_ptr<Form> HeldMetersPresenter::go_on_form(std::int64_t meter) {
    const auto found =
        std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.id == meter; });
    if (found == items_.end()) {
        return nullptr;
    }
    if (found->stopped.empty()) {
        context_.navigator.toast(tr("This meter is charged as it should be."));
        return nullptr;
    }
    return go_on_charging_form(context_, meter, found->name, describe_server_text(found->stopped));
}

void HeldMetersPresenter::open_meter(std::int64_t meter) {
    context_.navigator.open({Page::meter, meter, "settings"});
}

GuardedUnitsPresenter::GuardedUnitsPresenter(Context& context) : ListPresenter{context, kEvery} {}

void GuardedUnitsPresenter::fetch() {
    v1::ListGuardedUnitsRequest request;
    request.set_property_id(context_.session.property_id());
    auto fresh = std::make_shared<std::vector<UnitGuard>>();
    fetch_pages(
        method::list_guarded_units, request, [this, fresh](const v1::ListGuardedUnitsResponse& answer, bool) {
            for (const auto& one : answer.units()) {
                fresh->push_back({one.unit_id(), one.unit_code(), one.kind(), clipped(one.note(), 500),
                                  clipped(one.decided_by(), 60), to_time_point(one.since())});
            }
            const auto rows = fresh->size();
            if (answer.next_page_token().empty()) {
                items_ = std::move(*fresh);
            }
            return rows;
        });
}

void GuardedUnitsPresenter::forget() {
    items_.clear();
}

void GuardedUnitsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 14},
                      {tr("Why it is guarded"), 22, false, false, true},
                      {tr("Note"), 40, false, true},
                      {tr("By"), 14},
                      {tr("Decided"), 14}};
    screen.total = items_.size();
    for (const auto& item : items_) {
        ListRow row{item.unit_id, {}};
        row.cells = {{clipped(item.unit, 40), Tone::strong},
                     {guard_kind_words(item.kind), Tone::warn, "shield"},
                     {item.note},
                     {item.decided_by, Tone::quiet},
                     {table_date(item.since)}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No unit is guarded. Guard those whose power somebody's life or safety depends on.");
}

std::unique_ptr<Form> GuardedUnitsPresenter::new_form() {
    return guard_form(context_, {}, nullptr);
}

std::unique_ptr<Form> GuardedUnitsPresenter::edit_form(std::int64_t unit) {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [&](const UnitGuard& item) { return item.unit_id == unit; });
    return found == items_.end() ? nullptr : guard_form(context_, found->unit, &*found);
}

}  // namespace wutong::client
