#include "client-wx/presenters/shell/sign_in_presenter.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/fingerprint.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

constexpr const char* default_port = "7443";
constexpr std::size_t address_max = 260, password_max = 200;

std::string trimmed(std::string text) {
    const auto blank = [](unsigned char letter) { return std::isspace(letter) != 0; };
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), blank));
    text.erase(std::find_if_not(text.rbegin(), text.rend(), blank).base(), text.end());
    return text;
}

bool is_port(const std::string& text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char letter) { return std::isdigit(letter) != 0; }) &&
           std::atoi(text.c_str()) >= 1 && std::atoi(text.c_str()) <= 65535;
}

}  // namespace

std::string normal_address(const std::string& typed) {
    auto text = trimmed(typed);
    for (const auto* scheme : {"https://", "http://"}) {
        if (text.rfind(scheme, 0) == 0) {
            text.erase(0, std::string{scheme}.size());
        }
    }
    while (!text.empty() && text.back() == '/') {
        text.pop_back();
    }
    if (text.empty() || text.size() > address_max || text.find_first_of(" \t/\\@?#") != std::string::npos) {
        return {};
    }
    if (text.front() == '[') {  // [v6] or [v6]:port
        const auto end = text.find(']');
        if (end == std::string::npos || end == 1) {
            return {};
        }
        const auto rest = text.substr(end + 1);
        if (rest.empty()) {
            return text + ":" + default_port;
        }
        return rest.front() == ':' && is_port(rest.substr(1)) ? text : std::string{};
    }
    const auto colons = std::count(text.begin(), text.end(), ':');
    if (colons > 1) {
        return "[" + text + "]:" + default_port;
    }
    if (colons == 0) {
        return text + ":" + default_port;
    }
    const auto at = text.find(':');
    return at > 0 && is_port(text.substr(at + 1)) ? text : std::string{};
}

SignInPresenter::SignInPresenter(Context& context, std::function<void()> on_changed)
    : context_{context}, changed_{std::move(on_changed)} {
    connection_changes_ = context_.connection.on_change([this] { connected_or_lost(); });
    session_changes_ = context_.session.on_change([this] {
        if (context_.session.signed_in()) {
            fault_.reset();
        }
        refresh();
    });
}

void SignInPresenter::start(const std::optional<ServerAddress>& given, const std::string& address_only) {
    if (given) {
        context_.preferences.set_server(*given);
        context_.connection.connect(*given);
    } else if (!address_only.empty()) {
        use_address(address_only);
    } else if (const auto kept = context_.preferences.server()) {
        context_.connection.connect(*kept);
    } else {
        address_wanted_ = true;
    }
    refresh();
}

void SignInPresenter::sign_in_when_reached(const std::string& operator_name, const std::string& password) {
    waiting_sign_in_ = {operator_name, password};
    connected_or_lost();
}

void SignInPresenter::connected_or_lost() {
    if (context_.connection.online() && waiting_sign_in_) {
        const auto [name, password] = *waiting_sign_in_;
        waiting_sign_in_.reset();
        sign_in(name, password);
    }
    refresh();
}

bool SignInPresenter::has_server() const {
    return !context_.connection.server().address.empty();
}

void SignInPresenter::use_address(const std::string& address) {
    fault_.reset();
    const auto normal = normal_address(address);
    screen_.address = normal.empty() ? address : normal;
    if (normal.empty()) {
        screen_.address_error = tr("An address is a name or number and a port, such as wutong.example:7443");
        refresh();
        return;
    }
    screen_.address_error.clear();
    if (const auto pinned = context_.preferences.fingerprint_of(normal)) {
        address_wanted_ = false;
        const ServerAddress server{normal, *pinned};
        context_.preferences.set_server(server);
        context_.connection.connect(server);
        refresh();
        return;
    }
    address_wanted_ = true;
    screen_.address_busy = true;
    fetching_ = context_.connection.link().fetch_certificate(
        normal, [this](const Result<PresentedCertificate>& result) {
            screen_.address_busy = false;
            if (result) {
                presented_ = result->fingerprint;
            } else {
                screen_.address_error =
                    fill(tr("No Wutong server answers at {address}. Check the address and the network."),
                         fmt::arg("address", screen_.address));
            }
            refresh();
        });
    refresh();
}

void SignInPresenter::trust() {
    if (presented_.empty()) {
        return;
    }
    const ServerAddress server{screen_.address, presented_};
    presented_.clear();
    address_wanted_ = false;
    context_.preferences.set_server(server);
    context_.connection.connect(server);
    refresh();
}

void SignInPresenter::distrust() {
    presented_.clear();
    address_wanted_ = true;
    refresh();
}

void SignInPresenter::change_server() {
    presented_.clear();
    screen_.address = context_.connection.server().address;
    screen_.address_error.clear();
    address_wanted_ = true;
    refresh();
}

void SignInPresenter::keep_server() {
    fetching_.cancel();
    presented_.clear();
    screen_.address_busy = false;
    address_wanted_ = !has_server();
    refresh();
}

void SignInPresenter::sign_in(const std::string& operator_name, const std::string& password) {
    const auto name = trimmed(operator_name);
    screen_.operator_name = name;
    if (name.empty() || password.empty()) {
        Fault fault;
        fault.kind = Fault::Kind::invalid;
        fault.text = name.empty() ? tr("Type the operator's name") : tr("Type the password");
        fault_ = fault;
        refresh();
        return;
    }
    if (context_.session.busy() || !context_.connection.online() || password.size() > password_max) {
        return;
    }
    fault_.reset();
    context_.session.sign_in(name, password, [this](const Fault* fault) { answered(fault); });
    refresh();
}

void SignInPresenter::answered(const Fault* fault) {
    fault_.reset();
    if (fault != nullptr) {
        fault_ = *fault;
        const auto wait = fault->details.find("retry_after_s");
        if (fault->reason == "locked_out" && wait != fault->details.end()) {
            const auto seconds = std::clamp(std::atol(wait->second.c_str()), 1L, 24L * 3600);
            locked_out_until_ = context_.timers.now() + std::chrono::seconds{seconds};
            tick_ = context_.timers.every(std::chrono::seconds{1}, [this] { count_down(); });
        }
    }
    refresh();
}

void SignInPresenter::count_down() {
    if (locked_out_until_ && context_.timers.now() >= *locked_out_until_) {
        locked_out_until_.reset();
        fault_.reset();
        tick_.stop();
    }
    refresh();
}

void SignInPresenter::refresh() {
    const auto& connection = context_.connection;
    const auto& session = context_.session;
    using State = Connection::State;

    screen_.locked = session.state() == Session::State::locked;
    screen_.explanation.clear();
    if (screen_.locked) {
        screen_.title = tr("Locked");
        screen_.explanation = fill(tr("{name} is signed in. What was typed is still there."),
                                   fmt::arg("name", session.who().shown()));
    } else if (session.state() == Session::State::ended) {
        screen_.title = tr("Signed out by the server");
        screen_.explanation = tr("Sign in again to go on. What was typed is still there.");
    } else {
        screen_.title = tr("Sign in");
    }
    if (screen_.operator_name.empty()) {
        screen_.operator_name =
            session.who().name.empty() ? context_.preferences.operator_name() : session.who().name;
    }

    if (!presented_.empty()) {
        screen_.step = SignInScreen::Step::first_contact;
        screen_.fingerprint = grouped_fingerprint(presented_);
    } else if (address_wanted_) {
        screen_.step = SignInScreen::Step::address;
    } else if (connection.state() == State::refused) {
        screen_.step = SignInScreen::Step::certificate_changed;
        screen_.pinned_fingerprint = grouped_fingerprint(connection.server().fingerprint);
        screen_.fingerprint.clear();
        if (connection.fault()) {
            if (const auto found = connection.fault()->details.find("presented");
                found != connection.fault()->details.end()) {
                screen_.fingerprint = grouped_fingerprint(found->second);
            }
        }
    } else {
        screen_.step = SignInScreen::Step::form;
        screen_.address = connection.server().address;
    }

    const auto address = fmt::arg("address", connection.server().address);
    switch (connection.state()) {
        case State::online:
            screen_.server_dot = SignInScreen::Dot::good;
            screen_.server_line = fill(
                tr("{address} reached, {time}"), address,
                fmt::arg(
                    "time",
                    fmt::format("{} ms",
                                connection.round_trip().value_or(std::chrono::milliseconds{0}).count())));
            break;
        case State::idle:
        case State::connecting:
            screen_.server_dot = SignInScreen::Dot::waiting;
            screen_.server_line = fill(tr("Reaching {address}"), address);
            break;
        case State::offline:
            screen_.server_dot = SignInScreen::Dot::bad;
            screen_.server_line =
                fill(tr("{address} does not answer, next try in {seconds} s"), address,
                     fmt::arg("seconds", connection.next_try_in().value_or(std::chrono::seconds{0}).count()));
            break;
        case State::refused:
            screen_.server_dot = SignInScreen::Dot::bad;
            screen_.server_line = fill(tr("{address} shows another certificate"), address);
            break;
    }

    screen_.busy = session.busy();
    screen_.error.clear();
    screen_.why_not.clear();
    if (locked_out_until_) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(*locked_out_until_ - context_.timers.now());
        screen_.error =
            fill(tr("Too many wrong passwords. You can try again in {wait}."), fmt::arg("wait", age(left)));
        screen_.why_not = screen_.error;
    } else if (fault_) {
        screen_.error =
            fault_->kind == Fault::Kind::invalid && fault_->reason.empty() ? fault_->text : describe(*fault_);
    }
    if (screen_.why_not.empty() && !connection.online()) {
        screen_.why_not = tr("The server does not answer");
    }
    screen_.can_sign_in = screen_.why_not.empty() && !screen_.busy;
    changed_();
}

}  // namespace wutong::client
