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

namespace {

std::string name_of(const v1::HeldMeter& one) {
    return clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40);
}

}  // namespace

HeldMetersPresenter::HeldMetersPresenter(Context& context) : ItemList{context, kEvery} {}
HeldMetersPresenter::~HeldMetersPresenter() = default;

void HeldMetersPresenter::fetch() {
    fetch_items(method::list_held_meters, of_property<v1::ListHeldMetersRequest>(),
                &v1::ListHeldMetersResponse::meters);
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
    for (const auto& one : items_) {
        ListRow row{one.meter_id(), {}};
        const auto account = clipped(one.account_number(), 40);
        const Cell charging = !one.stopped().empty() ? Cell{describe_server_text(clipped(one.stopped(), 300)),
                                                            Tone::danger, "alert-triangle-filled"}
                              : account.empty()      ? Cell{tr("No account"), Tone::quiet, "user-off"}
                                                     : Cell{tr("Charged"), Tone::ok, "circle-check"};
        row.cells = {{name_of(one), Tone::strong},
                     {account.empty() ? kDash : account},
                     {table_date(to_time_point(one.since()))},
                     {clipped(one.decided_by(), 40), Tone::quiet},
                     {charged_words(one)},
                     charging,
                     {clipped(one.reason(), 200), Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("The server keeps the credit of no meter: every meter keeps its own.");
}

std::unique_ptr<Form> HeldMetersPresenter::new_form() {
    return run_server_held_form(context_, 0, {});
}

std::unique_ptr<Form> HeldMetersPresenter::go_on_form(std::int64_t meter) {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [&](const v1::HeldMeter& one) { return one.meter_id() == meter; });
    if (found == items_.end()) {
        return nullptr;
    }
    if (found->stopped().empty()) {
        context_.navigator.toast(tr("This meter is charged as it should be."));
        return nullptr;
    }
    return go_on_charging_form(context_, meter, name_of(*found),
                               describe_server_text(clipped(found->stopped(), 300)));
}

void HeldMetersPresenter::open_meter(std::int64_t meter) {
    context_.navigator.open({Page::meter, meter, "settings"});
}

GuardedUnitsPresenter::GuardedUnitsPresenter(Context& context) : ItemList{context, kEvery} {}

void GuardedUnitsPresenter::fetch() {
    fetch_items(method::list_guarded_units, of_property<v1::ListGuardedUnitsRequest>(),
                &v1::ListGuardedUnitsResponse::units, [](const v1::GuardedUnit& one) {
                    return UnitGuard{one.unit_id(),
                                     one.unit_code(),
                                     one.kind(),
                                     clipped(one.note(), 500),
                                     clipped(one.decided_by(), 60),
                                     to_time_point(one.since())};
                });
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
