#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "client-wx/api/fault.hpp"
#include "client-wx/api/listeners.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"

namespace wutong::client {

/// Which server, and which certificate it must show.
struct ServerAddress {
    std::string address;      ///< "host:port"
    std::string fingerprint;  ///< SHA-256, 64 hex digits
    friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

/// What a server presents at first contact, for the question whether to trust it.
struct PresentedCertificate {
    std::string fingerprint;
};

/// The wire below Connection: GrpcServer in the client, ScriptedLink in tests.
/// Everything is called, and calls back, on the UI thread.
class Link {
public:
    struct Dialled {
        std::chrono::milliseconds round_trip{0};
    };
    virtual ~Link() = default;
    /// Asks for the certificate without trusting it. Fault: unreachable.
    [[nodiscard]] virtual Call fetch_certificate(const std::string& address,
                                                 std::function<void(Result<PresentedCertificate>)> done) = 0;
    /// One attempt. Fault: unreachable, timed_out, certificate_changed (details: pinned, presented).
    [[nodiscard]] virtual Call dial(const ServerAddress& server,
                                    std::function<void(Result<Dialled>)> done) = 0;
    /// Calls under way end as unreachable or outcome_unknown.
    virtual void hang_up() = 0;
    /// Told once after a successful dial, when the server stops answering.
    virtual void on_lost(std::function<void(const Fault&)> lost) = 0;
};

/// Whether the server answers: for the banner, the dot in the header and the sign-in page.
/// After a loss it tries again by itself after 1, 2, 4, 8, 16, 30, 30… seconds.
class Connection {
public:
    enum class State {
        idle,        ///< no server chosen
        connecting,  ///< first attempt, or one after a loss
        online,
        offline,  ///< waiting for the next attempt
        refused   ///< the certificate is not the pinned one: a hard stop, nothing is tried by itself
    };
    static constexpr std::chrono::seconds kFirstWait{1};
    static constexpr std::chrono::seconds kLongestWait{30};

    using TimePoint = std::chrono::system_clock::time_point;

    Connection(Timers& timers, Link& link);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Leaves whatever server there was.
    void connect(const ServerAddress& server);
    void disconnect();
    /// The button of the banner. Does nothing unless offline.
    void try_now();

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool online() const { return state_ == State::online; }
    /// True from a loss until the server answers again, whatever is being tried meanwhile.
    [[nodiscard]] bool lost() const { return lost_since_.has_value(); }
    [[nodiscard]] std::optional<TimePoint> lost_since() const { return lost_since_; }
    /// How long until the next attempt; none unless offline.
    [[nodiscard]] std::optional<std::chrono::seconds> next_try_in() const;
    /// Of the last dial.
    [[nodiscard]] std::optional<std::chrono::milliseconds> round_trip() const { return round_trip_; }
    /// Why the last attempt, or the link, failed; none while online.
    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
    [[nodiscard]] const ServerAddress& server() const { return server_; }
    [[nodiscard]] Link& link() { return link_; }

    /// Told when the state changes, and each second while offline (next_try_in counts down).
    Subscription on_change(std::function<void()> changed) { return listeners_.add(std::move(changed)); }

private:
    void dial();
    void failed(const Fault& fault);
    void enter(State state);

    Timers& timers_;
    Link& link_;
    ServerAddress server_;
    State state_{State::idle};
    std::optional<TimePoint> lost_since_;
    std::optional<TimePoint> next_try_at_;
    std::optional<std::chrono::milliseconds> round_trip_;
    std::optional<Fault> fault_;
    std::chrono::seconds wait_{kFirstWait};
    Call dialling_;
    Timer retry_;
    Timer countdown_;
    Listeners<> listeners_;
};

}  // namespace wutong::client
