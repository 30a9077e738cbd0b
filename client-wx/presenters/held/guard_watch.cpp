#include "client-wx/presenters/held/guard_watch.hpp"

#include <wutong/v1/held_service.pb.h>

#include <utility>

#include "client-wx/api/held_methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{60};
constexpr int kPage = 500;
constexpr std::size_t kUnitsMax = 20'000;

}  // namespace

GuardWatch::GuardWatch(Server& server, Timers& timers, Session& session, Connection& connection)
    : server_{server}, timers_{timers}, session_{session} {
    session_changes_ = session.on_change([this] { session_changed(); });
    connection_changes_ = connection.on_change([this, &connection] {
        if (connection.online() && may()) {
            refresh();
        }
    });
}

const UnitGuard* GuardWatch::of(const std::string& unit_code) const {
    const auto found = units_.find(unit_code);
    return unit_code.empty() || found == units_.end() ? nullptr : &found->second;
}

bool GuardWatch::may() const {
    return session_.signed_in() && session_.property_id() != 0 && session_.may("held.read");
}

void GuardWatch::session_changed() {
    const auto property = may() ? session_.property_id() : 0;
    if (property == property_id_) {
        return;
    }
    property_id_ = property;
    call_.cancel();
    again_.stop();
    const bool had = !units_.empty();
    units_.clear();
    known_ = false;
    refresh();
    if (had) {
        listeners_.tell();
    }
}

void GuardWatch::refresh() {
    if (may()) {
        fresh_.clear();
        fetch({});
    }
}

void GuardWatch::fetch(const std::string& page_token) {
    v1::ListGuardedUnitsRequest request;
    request.set_property_id(session_.property_id());
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(page_token);
    call_ = server_.call(method::list_guarded_units, request,
                         std::function<void(Result<v1::ListGuardedUnitsResponse>)>{
                             [this](Result<v1::ListGuardedUnitsResponse> result) {
                                 again_ = timers_.after(kEvery, [this] { refresh(); });
                                 if (!result) {
                                     return;  // what was known stays
                                 }
                                 for (const auto& unit : result->units()) {
                                     fresh_[unit.unit_code()] = {unit.unit_id(),
                                                                 unit.unit_code(),
                                                                 unit.kind(),
                                                                 clipped(unit.note(), 500),
                                                                 clipped(unit.decided_by(), 60),
                                                                 to_time_point(unit.since())};
                                 }
                                 if (!result->next_page_token().empty() && fresh_.size() < kUnitsMax) {
                                     return fetch(result->next_page_token());
                                 }
                                 units_ = std::move(fresh_);
                                 fresh_.clear();
                                 known_ = true;
                                 listeners_.tell();
                             }});
}

}  // namespace wutong::client
