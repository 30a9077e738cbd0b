#include "client-wx/presenters/shifts/shift_watch.hpp"

#include <wutong/v1/cashier_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <utility>

#include "client-wx/api/methods.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{30};

}  // namespace

ShiftWatch::ShiftWatch(Server& server, Timers& timers, Session& session, Connection& connection)
    : server_{server}, timers_{timers}, session_{session} {
    session_changes_ = session.on_change([this] { session_changed(); });
    connection_changes_ = connection.on_change([this, &connection] {
        if (connection.online() && works() && state_ == State::unknown) {
            refresh();
        }
    });
}

ShiftWatch::~ShiftWatch() = default;

bool ShiftWatch::works() const {
    return session_.signed_in() && session_.property_id() != 0 && session_.may("shift.work");
}

void ShiftWatch::session_changed() {
    if (!works()) {
        if (session_.state() == Session::State::signed_out || session_.signed_in()) {
            shift_call_.cancel();
            parameters_call_.cancel();
            again_.stop();
            operator_id_ = property_id_ = 0;
            state_ = State::unknown;
            shift_.reset();
            required_ = false;
            listeners_.tell();
        }
        return;
    }
    if (operator_id_ == session_.who().operator_id && property_id_ == session_.property_id()) {
        refresh();
        return;
    }
    operator_id_ = session_.who().operator_id;
    property_id_ = session_.property_id();
    state_ = State::unknown;
    shift_.reset();
    required_ = false;
    refresh();
    listeners_.tell();
}

void ShiftWatch::refresh() {
    if (!works()) {
        return;
    }
    ask_required();
    v1::GetShiftRequest request;
    request.set_property_id(session_.property_id());
    shift_call_ = server_.call(method::get_shift, request,
                               std::function<void(Result<v1::Shift>)>{[this](Result<v1::Shift> result) {
                                   again_ = timers_.after(kEvery, [this] { refresh(); });
                                   if (result) {
                                       take(*result);
                                   } else if (result.fault().reason == "no_open_shift") {
                                       state_ = State::none;
                                       shift_.reset();
                                       listeners_.tell();
                                   }
                               }});
}

void ShiftWatch::ask_required() {
    if (!session_.may("parameter.read")) {
        return;
    }
    v1::GetParametersRequest request;
    request.set_property_id(session_.property_id());
    parameters_call_ =
        server_.call(method::get_parameters, request,
                     std::function<void(Result<v1::Parameters>)>{[this](Result<v1::Parameters> result) {
                         if (!result) {
                             return;
                         }
                         bool required = false;
                         for (const auto& one : result->parameters()) {
                             required |= one.key() == "shift_required" && one.value() == "1";
                         }
                         if (std::exchange(required_, required) != required) {
                             listeners_.tell();
                         }
                     }});
}

void ShiftWatch::take(const v1::Shift& shift) {
    if (shift.state() == "open") {
        state_ = State::open;
        shift_ = std::make_unique<v1::Shift>(shift);
    } else {
        state_ = State::none;
        shift_.reset();
    }
    listeners_.tell();
}

void ShiftWatch::learn_required() {
    required_ = true;
    refresh();
    listeners_.tell();
}

}  // namespace wutong::client
