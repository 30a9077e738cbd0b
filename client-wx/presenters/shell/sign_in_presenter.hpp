#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// What the sign-in page shows; ready to draw.
struct SignInScreen {
    enum class Step {
        address,              ///< no server yet, or another one is wanted
        first_contact,        ///< is this the right server? The fingerprint is shown
        form,                 ///< name and password
        certificate_changed,  ///< hard stop: nothing but another server goes on from here
    };
    enum class Dot { good, waiting, bad };

    Step step{Step::form};
    std::string title;        ///< "Sign in", "Locked", "Signed out by the server"
    std::string explanation;  ///< under the title; may be empty
    std::string address;
    std::string address_error;
    bool address_busy{false};
    std::string fingerprint;         ///< in groups, four lines
    std::string pinned_fingerprint;  ///< at certificate_changed
    std::string operator_name;
    bool locked{false};       ///< Cancel is not offered, the name is that of who sits here
    std::string server_line;  ///< "127.0.0.1:7443 reached, 12 ms"
    Dot server_dot{Dot::waiting};
    bool can_sign_in{false};
    std::string why_not;  ///< tip of the button while it is off
    bool busy{false};
    std::string error;
};

/// Server address, first contact, name and password; also unlocking and another operator's turn.
class SignInPresenter {
public:
    SignInPresenter(Context& context, std::function<void()> on_changed);
    SignInPresenter(const SignInPresenter&) = delete;
    SignInPresenter& operator=(const SignInPresenter&) = delete;

    /// @param given from the command line: pinned without a question
    void start(const std::optional<ServerAddress>& given = std::nullopt,
               const std::string& address_only = {});
    /// As soon as the server answers; once.
    void sign_in_when_reached(const std::string& operator_name, const std::string& password);

    void use_address(const std::string& address);
    void trust();
    void distrust();
    void change_server();
    void keep_server();  ///< back from address to the form, when there is a server
    [[nodiscard]] bool has_server() const;
    void sign_in(const std::string& operator_name, const std::string& password);

    [[nodiscard]] const SignInScreen& screen() const { return screen_; }

private:
    void refresh();
    void answered(const Fault* fault);
    void connected_or_lost();
    void count_down();

    Context& context_;
    std::function<void()> changed_;
    SignInScreen screen_;
    std::string presented_;
    bool address_wanted_{false};
    std::optional<Fault> fault_;
    std::optional<std::chrono::system_clock::time_point> locked_out_until_;
    std::optional<std::pair<std::string, std::string>> waiting_sign_in_;
    Timer tick_;
    Call fetching_;
    Subscription connection_changes_;
    Subscription session_changes_;
};

/// "host:port" of what was typed; the port is 7443 when it is left out. @return empty: no address
[[nodiscard]] std::string normal_address(const std::string& typed);

}  // namespace wutong::client
