#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/listeners.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "client-wx/presenters/session.hpp"

namespace wutong::client {

/// A unit that is never switched off without a person, and why.
struct UnitGuard {
    std::int64_t unit_id{0};
    std::string unit;  ///< its code
    std::string kind;  ///< medical | safety
    std::string note, decided_by;
    std::chrono::system_clock::time_point since{};
};

/// The guarded units of the property, for every page that offers to switch something off. Kept fresh while
/// somebody is signed in who may see them.
class GuardWatch {
public:
    GuardWatch(Server& server, Timers& timers, Session& session, Connection& connection);
    GuardWatch(const GuardWatch&) = delete;
    GuardWatch& operator=(const GuardWatch&) = delete;

    /// Null: not guarded, or not known yet.
    [[nodiscard]] const UnitGuard* of(const std::string& unit_code) const;
    /// All units were heard of at least once.
    [[nodiscard]] bool known() const { return known_; }
    /// Asks again, after a guard was set.
    void refresh();
    Subscription on_change(std::function<void()> changed) { return listeners_.add(std::move(changed)); }

private:
    [[nodiscard]] bool may() const;
    void session_changed();
    void fetch(const std::string& page_token);

    Server& server_;
    Timers& timers_;
    Session& session_;
    std::map<std::string, UnitGuard> units_, fresh_;
    bool known_{false};
    std::int64_t property_id_{0};
    Call call_;
    Timer again_;
    Subscription session_changes_, connection_changes_;
    Listeners<> listeners_;
};

}  // namespace wutong::client
