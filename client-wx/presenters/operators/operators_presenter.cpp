#include "client-wx/presenters/operators/operators_presenter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/operators/operator_forms.hpp"
#include "client-wx/presenters/operators/operator_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/operator_service.pb.h"

namespace wutong::client {

OperatorsPresenter::OperatorsPresenter(Context& context)
    : ItemList{context, std::chrono::milliseconds{30'000}}, change_{context.server, context.timers} {}

OperatorsPresenter::~OperatorsPresenter() = default;

bool OperatorsPresenter::may_change() const {
    return context_.session.may("operator.write");
}

void OperatorsPresenter::fetch() {
    fetch_items(method::list_operators, v1::ListOperatorsRequest{}, &v1::ListOperatorsResponse::operators);
}

const v1::Operator* OperatorsPresenter::find(std::int64_t id) const {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [&](const v1::Operator& one) { return one.operator_id() == id; });
    return found == items_.end() ? nullptr : &*found;
}

void OperatorsPresenter::select(std::int64_t id) {
    chosen_ = {};
    if (const auto* one = find(id); one != nullptr) {
        chosen_ = {id, one->name(), one->enabled(),
                   one->has_locked_until() && to_time_point(one->locked_until()) > context_.live.server_now(),
                   id == context_.session.who().operator_id};
    }
    failure_.clear();
    if (on_changed) {
        on_changed();
    }
}

void OperatorsPresenter::forget() {}  // they are the same for all properties

void OperatorsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Signs in as"), 16},
                      {tr("Name"), 20},
                      {tr("State"), 24, false, false, true},
                      {tr("Roles"), 24, false, true},
                      {tr("Properties"), 24}};
    screen.total = items_.size();
    const auto now = context_.live.server_now();
    for (const auto& one : items_) {
        ListRow row{one.operator_id(), {}};
        std::string roles;
        for (const auto& role : one.roles()) {
            roles += (roles.empty() ? "" : ", ") + role_words(role);
        }
        std::string properties;
        for (const auto id : one.property_ids()) {
            const auto& known = context_.session.properties();
            const auto named = std::find_if(known.begin(), known.end(),
                                            [&](const auto& property) { return property.property_id == id; });
            properties += (properties.empty() ? "" : ", ") +
                          (named == known.end() ? "#" + std::to_string(id) : named->name);
        }
        const bool locked = one.has_locked_until() && to_time_point(one.locked_until()) > now;
        const Cell state =
            !one.enabled() ? Cell{tr("Disabled"), Tone::quiet, "user-off"}
            : locked       ? Cell{fill(tr("Locked until {}"), clock_time(to_time_point(one.locked_until()))),
                            Tone::warn, "lock"}
                           : Cell{tr("May sign in"), Tone::ok, "circle-check"};
        row.cells = {
            {one.name(), Tone::strong},
            {one.full_name().empty() ? kDash : one.full_name()},
            state,
            {roles.empty() ? tr("none: may do nothing") : roles, roles.empty() ? Tone::warn : Tone::normal},
            {one.all_properties() ? tr("all")
             : properties.empty() ? tr("none")
                                  : properties,
             Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No operators.");
    if (chosen_.id != 0) {
        if (const auto* one = find(chosen_.id); one != nullptr) {
            chosen_.enabled = one->enabled();
            chosen_.locked = one->has_locked_until() && to_time_point(one->locked_until()) > now;
        }
    }
}

std::unique_ptr<Form> OperatorsPresenter::new_form() {
    return operator_form(context_, nullptr);
}

std::unique_ptr<Form> OperatorsPresenter::edit_form(std::int64_t id) {
    const auto* one = find(id);
    return one == nullptr ? nullptr : operator_form(context_, one);
}

std::unique_ptr<Form> OperatorsPresenter::password_form(std::int64_t id) {
    const auto* one = find(id);
    return one == nullptr ? nullptr : reset_password_form(context_, id, one->name());
}

void OperatorsPresenter::enable(bool on) {
    if (chosen_.id != 0 && may_change()) {
        set_enabled(chosen_.id, chosen_.name, on, true);
    }
}

void OperatorsPresenter::set_enabled(std::int64_t id, const std::string& name, bool on, bool offer_undo) {
    if (change_.busy()) {
        return;
    }
    v1::UpdateOperatorRequest request;
    request.set_request_id(new_request_id());
    request.set_operator_id(id);
    request.set_enabled(on);
    change_.start<v1::UpdateOperatorRequest, v1::Operator>(
        method::update_operator, std::move(request),
        [this, id, name, on, offer_undo](Result<v1::Operator> result) {
            failure_ = result ? std::string{} : describe_with_code(result.fault());
            if (result) {
                const auto said =
                    fmt::format(fmt::runtime(on ? tr("{} may sign in again.")
                                                : tr("{} is disabled and signed out everywhere.")),
                                name);
                context_.navigator.toast(said, offer_undo ? std::function<void()>{[this, id, name, on] {
                                             set_enabled(id, name, !on, false);
                                         }}
                                                          : std::function<void()>{});
            }
            refresh();
            redraw();
        });
    redraw();
}

void OperatorsPresenter::unlock() {
    if (chosen_.id == 0 || !may_change() || change_.busy()) {
        return;
    }
    v1::UpdateOperatorRequest request;
    request.set_request_id(new_request_id());
    request.set_operator_id(chosen_.id);
    request.set_unlock(true);
    const auto name = chosen_.name;
    change_.start<v1::UpdateOperatorRequest, v1::Operator>(
        method::update_operator, std::move(request), [this, name](Result<v1::Operator> result) {
            failure_ = result ? std::string{} : describe_with_code(result.fault());
            if (result) {
                context_.navigator.toast(fill(tr("{} is unlocked."), name));
            }
            refresh();
            redraw();
        });
    redraw();
}

RolesPresenter::RolesPresenter(Context& context) : ListPresenter{context, std::chrono::milliseconds{0}} {}

void RolesPresenter::fetch() {
    call_ = context_.server.call(
        method::list_roles, google::protobuf::Empty{},
        std::function<void(Result<v1::ListRolesResponse>)>{[this](Result<v1::ListRolesResponse> result) {
            if (!result) {
                refused(result.fault());
                return;
            }
            items_.clear();
            for (const auto& role : result->roles()) {
                items_.push_back({role.code(), {role.permissions().begin(), role.permissions().end()}});
            }
            answered();
        }});
}

void RolesPresenter::forget() {}

void RolesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Permission"), 40, false, true}};
    std::vector<std::string> permissions;
    for (const auto& item : items_) {
        screen.columns.push_back({role_words(item.code), 14, false, false, true});
        for (const auto& permission : item.permissions) {
            if (permission != "*" &&
                std::find(permissions.begin(), permissions.end(), permission) == permissions.end()) {
                permissions.push_back(permission);
            }
        }
    }
    for (const auto* only_administrators : {"site.write", "operator.write", "sale.settle"}) {
        if (std::find(permissions.begin(), permissions.end(), only_administrators) == permissions.end()) {
            permissions.emplace_back(only_administrators);
        }
    }
    std::sort(permissions.begin(), permissions.end());
    std::int64_t number = 0;
    for (const auto& permission : permissions) {
        ListRow row{++number, {{permission_words(permission)}}};
        for (const auto& item : items_) {
            const bool has = std::any_of(item.permissions.begin(), item.permissions.end(),
                                         [&](const auto& one) { return one == "*" || one == permission; });
            row.cells.push_back(has ? Cell{tr("yes"), Tone::ok, "check"} : Cell{kDash, Tone::quiet});
        }
        screen.rows.push_back(std::move(row));
    }
    screen.total = items_.empty() ? 0 : screen.rows.size();
    if (items_.empty()) {
        screen.rows.clear();
    }
    screen.empty = tr("No roles.");
}

}  // namespace wutong::client
