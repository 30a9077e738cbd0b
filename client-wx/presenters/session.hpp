#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/listeners.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"
#include "client-wx/presenters/preferences.hpp"

namespace wutong::v1 {
class ListPropertiesResponse;
class SignInResponse;
class WhoAmIResponse;
}  // namespace wutong::v1
namespace google::protobuf {
class Empty;
}

namespace wutong::client {

/// Who sits here, what they may do, and which property they look at.
class Session {
public:
    enum class State {
        signed_out,
        signed_in,
        locked,  ///< the same operator's password, or another operator, goes on; what was typed stays
        ended    ///< the server has ended the session: sign in again, what was typed stays
    };
    struct Operator {
        std::int64_t operator_id{0};
        std::string name;       ///< as signed in with
        std::string full_name;  ///< may be empty
        std::vector<std::string> roles;
        std::string server_version;
        [[nodiscard]] const std::string& shown() const { return full_name.empty() ? name : full_name; }
    };
    struct Property {
        std::int64_t property_id{0};
        std::string code;
        std::string name;
        std::string time_zone;
        std::string currency;
    };
    /// Without a key or a click for so long the screen locks.
    static constexpr std::chrono::minutes kIdleLimit{10};

    Session(Server& server, Timers& timers, Preferences& preferences);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Also goes on after locked and ended. `done` gets the fault, or null when signed in and the properties
    /// are known. Faults: unauthenticated wrong_credentials (details: tries_left), refused locked_out
    /// (details: retry_after_s)…
    void sign_in(const std::string& operator_name, const std::string& password,
                 std::function<void(const Fault*)> done);
    /// Goes on with a token that was kept, as run.sh does for the demo.
    void resume(const std::string& token, std::function<void(const Fault*)> done);
    void sign_out();
    void lock();
    /// Any key or click. Cheap.
    void active() { active_at_ = timers_.now(); }
    /// @param limit zero: never
    void set_idle_limit(std::chrono::minutes limit) { idle_limit_ = limit; }

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool signed_in() const { return state_ == State::signed_in; }
    [[nodiscard]] bool busy() const { return busy_; }
    [[nodiscard]] const Operator& who() const { return who_; }
    /// @param permission as in the proto: "sale.write"
    [[nodiscard]] bool may(std::string_view permission) const;

    [[nodiscard]] const std::vector<Property>& properties() const { return properties_; }
    /// The one that is looked at; id 0 when the operator has none.
    [[nodiscard]] const Property& property() const { return property_; }
    [[nodiscard]] std::int64_t property_id() const { return property_.property_id; }
    /// One of properties(); others are ignored. Sets the currency and time zone of text/format.hpp.
    void choose_property(std::int64_t property_id);

    /// State, operator or property changed.
    Subscription on_change(std::function<void()> changed) { return listeners_.add(std::move(changed)); }

private:
    void take(const v1::WhoAmIResponse& who);
    void load_properties(std::function<void(const Fault*)> done);
    void enter(State state);
    void forget();
    void watch_idleness();

    Server& server_;
    Timers& timers_;
    Preferences& preferences_;
    State state_{State::signed_out};
    bool busy_{false};
    Operator who_;
    std::set<std::string, std::less<>> permissions_;
    std::vector<std::int64_t> property_ids_;
    std::vector<Property> properties_;
    Property property_;
    std::chrono::minutes idle_limit_{kIdleLimit};
    std::chrono::system_clock::time_point active_at_;
    Timer idle_timer_;
    Call call_;
    Call farewell_;
    Listeners<> listeners_;
};

}  // namespace wutong::client
