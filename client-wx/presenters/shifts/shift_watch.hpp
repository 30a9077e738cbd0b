#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/listeners.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "client-wx/presenters/session.hpp"

namespace wutong::v1 {
class Shift;
}

namespace wutong::client {

/// The shift that the operator of this seat has open, and whether the property takes money in shifts only.
/// Kept fresh while somebody is signed in who works shifts.
class ShiftWatch {
public:
    enum class State {
        unknown,  ///< not heard yet, or the operator works no shifts
        none,
        open
    };

    ShiftWatch(Server& server, Timers& timers, Session& session, Connection& connection);
    ShiftWatch(const ShiftWatch&) = delete;
    ShiftWatch& operator=(const ShiftWatch&) = delete;
    ~ShiftWatch();

    [[nodiscard]] State state() const { return state_; }
    /// Null unless open.
    [[nodiscard]] const v1::Shift* shift() const { return shift_.get(); }
    /// Nothing can be sold: the property wants a shift, and none is open.
    [[nodiscard]] bool needed() const { return required_ && state_ == State::none; }
    /// Asks again, soon after something was sold or paid.
    void refresh();
    /// What the server answered to a change of the operator's own shift.
    void take(const v1::Shift& shift);
    /// A sale was refused for want of a shift.
    void learn_required();
    Subscription on_change(std::function<void()> changed) { return listeners_.add(std::move(changed)); }

private:
    void session_changed();
    void ask_required();
    [[nodiscard]] bool works() const;

    Server& server_;
    Timers& timers_;
    Session& session_;
    State state_{State::unknown};
    std::unique_ptr<v1::Shift> shift_;
    bool required_{false};
    std::int64_t operator_id_{0};
    std::int64_t property_id_{0};
    Call shift_call_;
    Call parameters_call_;
    Timer again_;
    Subscription session_changes_;
    Subscription connection_changes_;
    Listeners<> listeners_;
};

}  // namespace wutong::client
