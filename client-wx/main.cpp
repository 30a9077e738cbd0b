#include <wx/app.h>
#include <wx/cmdline.h>
#include <wx/eventfilter.h>
#include <wx/msgout.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "client-wx/api/grpc_server.hpp"
#include "client-wx/platform/private_file.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/shell/sign_in_presenter.hpp"
#include "client-wx/theme/theme.hpp"
#include "client-wx/views/kiosk/kiosk_frame.hpp"
#include "client-wx/views/languages.hpp"
#include "client-wx/views/screen_report.hpp"
#include "client-wx/views/shell/main_frame.hpp"
#include "client-wx/views/shell/settings_page.hpp"
#include "client-wx/views/wx_seams.hpp"

// wutong-client: the operators' desktop, and with --kiosk the tenants' screen. This file wires, nothing else.
namespace wutong::client {
namespace {

struct Options {
    std::filesystem::path profile;
    std::string server, fingerprint;
    std::optional<Language> language;
    std::optional<ThemeChoice> theme;
    std::string sign_in_file;
    std::filesystem::path status_file;
    bool kiosk{false};
    wxSize size{1440, 900};
};

/// The frame comes after the context that names the navigator.
class FrameNavigator final : public Navigator {
public:
    using Navigator::toast;
    void attach(MainFrame* frame) { frame_ = frame; }
    void open(const Place& place) override {
        if (frame_) {
            frame_->open(place);
        }
    }
    void back() override {
        if (frame_) {
            frame_->back();
        }
    }
    void toast(const std::string& text, std::function<void()> undo) override {
        if (frame_) {
            frame_->toast(wxs(text), std::move(undo));
        }
    }

private:
    wxWeakRef<MainFrame> frame_;
};

std::filesystem::path preferences_file(const Options& options) {
    return options.profile.empty() ? FilePreferences::default_file() : options.profile / "client.conf";
}

/// Everything that lives as long as the program, in the order in which it is needed.
class Client : private wxEventFilter {
public:
    explicit Client(const Options& options) : preferences_{preferences_file(options)} {
        use_language(options.language.value_or(preferences_.language()));
        tell_language();
        language_changes_ = on_language_change([this] { tell_language(); });
        theme::start(mode_of(options.theme.value_or(preferences_.theme())), preferences_.text_scale());
        wxEvtHandler::AddFilter(this);
        if (!options.status_file.empty()) {
            report_.emplace(options.status_file);
        }
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() override { wxEvtHandler::RemoveFilter(this); }

    /// @return what is wrong with the options; empty: it runs
    std::string open(const Options& options) {
        std::optional<ServerAddress> server;
        std::string address;
        if (!options.server.empty()) {
            address = normal_address(options.server);
            if (address.empty()) {
                return "--server: " + options.server + " is no HOST:PORT";
            }
            if (!options.fingerprint.empty()) {
                server = ServerAddress{address, options.fingerprint};
            }
        } else if (!options.fingerprint.empty()) {
            return "--fingerprint needs --server";
        }
        if (options.kiosk) {
            if (server) {
                preferences_.set_server(*server);
            }
            open_kiosk(context_);
            return {};
        }
        std::vector<std::string> who;
        if (!options.sign_in_file.empty()) {
            auto kept = read_private_lines(options.sign_in_file);
            if (kept.error.empty() && kept.lines.size() < 2) {
                kept.error = options.sign_in_file + ": the operator stands on line 1, the password on line 2";
            }
            if (!kept.error.empty()) {
                return "--sign-in-from-file: " + kept.error;
            }
            who = std::move(kept.lines);
        }
        auto* frame = new MainFrame{context_, sign_in_, options.size};
        frame_ = frame;
        navigator_.attach(frame);
        frame->Show();
        sign_in_.start(server, address);
        if (!who.empty()) {
            sign_in_.sign_in_when_reached(who[0], who[1]);
        }
        return {};
    }

private:
    void tell_language() { server_.use_language(language_in_use() == Language::chinese ? "zh" : "en"); }

    int FilterEvent(wxEvent& event) override {
        const auto type = event.GetEventType();
        if (type == wxEVT_KEY_DOWN || type == wxEVT_LEFT_DOWN || type == wxEVT_MOUSEWHEEL ||
            type == wxEVT_MOTION) {
            session_.active();
        }
        return Event_Skip;
    }

    WxTimers timers_;
    WxUiQueue queue_;
    FilePreferences preferences_;
    GrpcServer server_{queue_};
    Connection connection_{timers_, server_};
    Session session_{server_, timers_, preferences_};
    LiveMeters live_{server_, timers_, connection_};
    FrameNavigator navigator_;
    ShiftWatch shift_{server_, timers_, session_, connection_};
    GuardWatch guards_{server_, timers_, session_, connection_};
    Context context_{server_,      timers_,     session_, live_,  navigator_,
                     preferences_, connection_, shift_,   guards_};
    wxWeakRef<MainFrame> frame_;
    SignInPresenter sign_in_{context_, [this] {
                                 if (frame_) {
                                     frame_->sign_in_changed();
                                 }
                             }};
    Subscription language_changes_;
    std::optional<ScreenReport> report_;
};

class ClientApp final : public wxApp {
public:
    void OnInitCmdLine(wxCmdLineParser& parser) override {
        parser.SetLogo("wutong-client " WUTONG_VERSION ": prepaid electricity, the operators' desktop");
        parser.AddSwitch("h", "help", "this text", wxCMD_LINE_OPTION_HELP);
        parser.AddOption("", "profile", "folder of the seat's settings");
        parser.AddOption("", "server", "HOST:PORT");
        parser.AddOption("", "fingerprint",
                         "SHA-256 of the server's certificate, trusted without a question");
        parser.AddOption("", "language", "zh or en");
        parser.AddOption("", "theme", "light or dark");
        parser.AddOption("", "size", "WIDTHxHEIGHT of the window");
        parser.AddOption("", "sign-in-from-file",
                         "operator on line 1, password on line 2; readable by its owner only");
        parser.AddOption("", "status-file", "for tests: what is on the screen, as JSON");
        parser.AddSwitch("", "kiosk", "the tenants' screen");
    }

    bool OnCmdLineParsed(wxCmdLineParser& parser) override {
        const auto value_of = [&parser](const char* name) {
            wxString value;
            return parser.Found(name, &value) ? value.utf8_string() : std::string{};
        };
        options_.profile = value_of("profile");
        options_.server = value_of("server");
        options_.fingerprint = value_of("fingerprint");
        options_.sign_in_file = value_of("sign-in-from-file");
        options_.status_file = value_of("status-file");
        options_.kiosk = parser.Found("kiosk");
        if (const auto language = value_of("language"); language == "zh" || language == "en") {
            options_.language = language == "zh" ? Language::chinese : Language::english;
        } else if (!language.empty()) {
            return refuse("--language: zh or en");
        }
        if (const auto theme = value_of("theme"); theme == "light" || theme == "dark") {
            options_.theme = theme == "light" ? ThemeChoice::light : ThemeChoice::dark;
        } else if (!theme.empty()) {
            return refuse("--theme: light or dark");
        }
        if (const auto size = wxs(value_of("size")); !size.empty()) {
            long width = 0;
            long height = 0;
            if (!size.BeforeFirst('x').ToLong(&width) || !size.AfterFirst('x').ToLong(&height) ||
                width < 320 || height < 240 || width > 20'000 || height > 20'000) {
                return refuse("--size: WIDTHxHEIGHT, such as 1366x768");
            }
            options_.size = {static_cast<int>(width), static_cast<int>(height)};
        }
        return true;
    }

    bool OnInit() override {
        SetAppName("wutong-client");
        if (!wxApp::OnInit()) {
            return false;
        }
        client_ = std::make_unique<Client>(options_);
        if (const auto wrong = client_->open(options_); !wrong.empty()) {
            return refuse(wrong);
        }
        return true;
    }

    int OnExit() override {
        DeletePendingObjects();  // windows that still know the presenters
        client_.reset();
        return wxApp::OnExit();
    }

private:
    static bool refuse(const std::string& why) {
        wxMessageOutputStderr{}.Printf("wutong-client: %s", wxs(why));
        return false;
    }

    Options options_;
    std::unique_ptr<Client> client_;
};

}  // namespace
}  // namespace wutong::client

wxIMPLEMENT_APP(wutong::client::ClientApp);
