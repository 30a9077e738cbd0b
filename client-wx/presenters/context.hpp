#pragma once

#include "client-wx/api/connection.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "client-wx/presenters/held/guard_watch.hpp"
#include "client-wx/presenters/live_meters.hpp"
#include "client-wx/presenters/navigator.hpp"
#include "client-wx/presenters/preferences.hpp"
#include "client-wx/presenters/session.hpp"
#include "client-wx/presenters/shifts/shift_watch.hpp"

namespace wutong::client {

/// What every presenter may use. Made by main.cpp, outlives all presenters.
struct Context {
    Server& server;
    Timers& timers;
    Session& session;
    LiveMeters& live;
    Navigator& navigator;
    Preferences& preferences;
    Connection& connection;
    ShiftWatch& shift;
    GuardWatch& guards;
};

}  // namespace wutong::client
