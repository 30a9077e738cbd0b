// Bench `ui_wall`: the page of the wall with 10 000 live meters. Prints lines "NAME value unit (limit …)".
//   first wall      from the whole snapshot's arrival to the pixels
//   scroll step     one notch of the wheel until the X server is done, p50 and p95, at 1700×950
//   updates         200 state changes a second: share of a core that the UI thread is busy
//   memory          resident set afterwards
// --show keeps the window instead, to be looked at; --theme dark, --language zh, --density, --size WxH.
#include <dlfcn.h>
#include <fmt/format.h>
#include <wutong/v1/live_service.pb.h>
#include <wx/app.h>
#include <wx/cmdline.h>
#include <wx/frame.h>
#include <wx/sizer.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <vector>

#include "client-wx/controls/wall_canvas.hpp"
#include "client-wx/theme/theme.hpp"
#include "client-wx/views/languages.hpp"
#include "client-wx/views/wall/wall_page.hpp"
#include "client-wx/views/wx_seams.hpp"
#include "tests/support/client_scene.hpp"

namespace wutong::client {
namespace {

constexpr int kMeters = 10'000;
constexpr int kFloorSize = 50;
constexpr int kScrollSteps = 400;
constexpr int kWarmSteps = 20;
constexpr int kNotch = 48;
constexpr int kBeatEvery = 20;
constexpr int kChangesPerTick = 10, kTickMs = 50, kTicks = 200;  // 200 a second for ten seconds
constexpr double kStepLimitMs = 33, kBusyLimit = 30, kFirstLimitMs = 1000;

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration length) {
    return std::chrono::duration<double, std::milli>(length).count();
}

/// Waits until the X server has drawn everything (GDK is loaded already; no GTK headers are needed for this).
void wait_for_display() {
    using GetDisplay = void* (*)();
    using Sync = void (*)(void*);
    static const auto display = reinterpret_cast<GetDisplay>(dlsym(RTLD_DEFAULT, "gdk_display_get_default"));
    static const auto sync = reinterpret_cast<Sync>(dlsym(RTLD_DEFAULT, "gdk_display_sync"));
    if (display != nullptr && sync != nullptr) {
        sync(display());
    }
}

double cpu_of_this_thread_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double resident_mb() {
    std::ifstream file{"/proc/self/statm"};
    long pages = 0, resident = 0;
    file >> pages >> resident;
    return static_cast<double>(resident) * 4096 / 1e6;
}

WallCanvas* find_canvas(wxWindow& window) {
    for (auto* child : window.GetChildren()) {
        if (auto* canvas = dynamic_cast<WallCanvas*>(child)) {
            return canvas;
        }
        if (auto* canvas = find_canvas(*child)) {
            return canvas;
        }
    }
    return nullptr;
}

/// A tower full of meters in all states, always the same ones.
class Building {
public:
    explicit Building(int meters) : meters_{meters} {}

    void snapshot(v1::LiveUpdate& update) const {
        update.set_snapshot(true);
        update.set_snapshot_complete(true);
        stamp(update);
        auto& summary = *update.mutable_summary();
        summary.set_meter_count(meters_);
        summary.set_answered_count(meters_ - meters_ / 80);
        summary.set_deliveries_under_way(6);
        summary.mutable_oldest_answer_at()->set_seconds(update.at().seconds() - 161);
        for (int i = 0; i < meters_; ++i) {
            auto& meter = *update.add_meters();
            const int floor = i / kFloorSize, building = floor / 40;
            meter.set_building_code(std::string(1, static_cast<char>('A' + building)));
            meter.set_floor_number(floor % 40 + 1);
            const auto code =
                fmt::format("{}-{}{:02}", meter.building_code(), floor % 40 + 1, i % kFloorSize + 1);
            meter.set_code("M" + code);
            meter.set_unit_code(code);
            meter.set_serial_number(fmt::format("00024187{:04}", i % 10'000));
            meter.set_role("prepaid");
            meter.set_introduced(true);
            fill(meter, i, 0);
        }
    }
    /// The next `count` changes, spread over the tower.
    void change(v1::LiveUpdate& update, int count) {
        stamp(update);
        for (int k = 0; k < count; ++k) {
            next_ = (next_ + 3'571) % meters_;
            fill(*update.add_meters(), next_, ++round_);
        }
    }

private:
    static void stamp(v1::LiveUpdate& update) { update.mutable_at()->set_seconds(std::time(nullptr)); }
    static void fill(v1::LiveMeter& meter, int i, int round) {
        const auto dice = static_cast<unsigned>(i) * 2'654'435'761U + static_cast<unsigned>(round) * 40'503U;
        const auto roll = dice % 1'000;
        auto status = v1::METER_STATUS_NORMAL;
        for (const auto& [below, other] :
             std::vector<std::pair<unsigned, v1::MeterStatus>>{{5, v1::METER_STATUS_DELIVERING},
                                                               {9, v1::METER_STATUS_FORCED_OFF},
                                                               {19, v1::METER_STATUS_GUARANTEED},
                                                               {32, v1::METER_STATUS_LOST},
                                                               {67, v1::METER_STATUS_NO_ACCOUNT},
                                                               {82, v1::METER_STATUS_ARREARS},
                                                               {127, v1::METER_STATUS_ALARM_2},
                                                               {190, v1::METER_STATUS_ALARM_1}}) {
            if (roll < below) {
                status = other;
                break;
            }
        }
        meter.set_meter_id(i + 1);
        auto& state = *meter.mutable_state();
        state.set_status(status);
        const auto now = std::time(nullptr);
        state.mutable_answered_at()->set_seconds(status == v1::METER_STATUS_LOST ? now - 3'700 : now - 60);
        state.mutable_attempted_at()->set_seconds(now - 10);
        const bool account = status != v1::METER_STATUS_NO_ACCOUNT;
        std::int64_t balance_e4 = 300'000 + static_cast<std::int64_t>(dice % 7'000'000);
        if (status == v1::METER_STATUS_ARREARS) {
            balance_e4 = -5'400;
        } else if (status == v1::METER_STATUS_ALARM_2) {
            balance_e4 = 116'400;
        } else if (status == v1::METER_STATUS_ALARM_1) {
            balance_e4 = 204'400;
        }
        state.set_balance_e4(balance_e4);
        state.set_power_w(static_cast<std::int64_t>(dice % 4'000));
        state.set_relay_closed(status != v1::METER_STATUS_ARREARS && status != v1::METER_STATUS_FORCED_OFF);
        state.set_purchase_number(27);
        meter.set_price_e4(10'500);
        if (account) {
            meter.set_account_id(100'000 + i);
            meter.set_account_number(std::to_string(100'000 + i));
            meter.set_customer(i % 3 == 0 ? "Lamp Shop" : "Tenant " + std::to_string(i));
            meter.set_daily_use_wh(9'800);
            meter.set_days_left(static_cast<int>(std::max<std::int64_t>(0, balance_e4 / 98'000)));
        }
    }

    int meters_;
    int next_{0};
    int round_{0};
};

class Bench : public wxApp {
public:
    bool OnInit() override {
        wxCmdLineParser line{argc, argv};
        line.AddSwitch({}, "show");
        line.AddOption({}, "theme");
        line.AddOption({}, "language");
        line.AddOption({}, "density");
        line.AddOption({}, "size");
        line.AddOption({}, "text");
        line.AddOption({}, "meters", {}, wxCMD_LINE_VAL_NUMBER);
        if (line.Parse() != 0) {
            return false;
        }
        show_ = line.Found("show");
        wxString theme_name, language, density, size, text;
        line.Found("theme", &theme_name);
        line.Found("language", &language);
        line.Found("text", &text);
        long meters = kMeters;
        line.Found("meters", &meters);
        building_ = std::make_unique<Building>(static_cast<int>(meters));
        double scale = 1;
        text.ToCDouble(&scale);
        theme::start(theme_name == "dark" ? theme::Mode::dark : theme::Mode::light, text.empty() ? 1 : scale);
        use_language(language == "zh" ? Language::chinese : Language::english);
        if (line.Found("density", &density)) {
            preferences_.set_density(density == "dots"     ? Density::dots
                                     : density == "detail" ? Density::detail
                                                           : Density::compact);
        }
        long width = 1700, height = 950;
        if (line.Found("size", &size)) {
            size.BeforeFirst('x').ToLong(&width);
            size.AfterFirst('x').ToLong(&height);
        }
        sign_in();
        frame_ = new wxFrame{nullptr, wxID_ANY, "Wall"};
        page_ = new WallPage{frame_, context_};
        page_->Show();
        auto* sizer = new wxBoxSizer{wxVERTICAL};
        sizer->Add(page_, 1, wxEXPAND);
        frame_->SetSizer(sizer);
        frame_->SetClientSize(static_cast<int>(width), static_cast<int>(height));
        frame_->Show();
        frame_->Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
            if (!page_->key(event)) {
                event.Skip();
            }
        });
        CallAfter([this] { first_wall(); });
        return true;
    }

private:
    void sign_in() {
        connection_.connect({"localhost:7443", std::string(64, 'a')});
        link_.succeed();
        v1::SignInResponse answer;
        answer.set_token("token");
        for (const char* permission : {"site.read", "device.read", "control.write", "sale.write"}) {
            answer.mutable_who()->add_permissions(permission);
        }
        answer.mutable_who()->add_property_ids(1);
        v1::ListPropertiesResponse properties;
        auto& property = *properties.add_properties();
        property.set_property_id(1);
        property.set_name("Harbour Plaza");
        property.set_time_zone("Asia/Shanghai");
        property.set_currency("CNY");
        session_.sign_in("bench", "password", [](const Fault*) {});
        server_.answer(method::sign_in, answer);
        server_.answer(method::list_properties, properties);
        live_.watch(1);
    }

    void first_wall() {
        canvas_ = find_canvas(*page_);
        v1::LiveUpdate update;
        building_->snapshot(update);
        const auto start = Clock::now();
        first_at_ = start;
        server_.push(method::watch_live, update);
        waiting_ = timers_.every(std::chrono::milliseconds{5}, [this] {
            if (!canvas_->IsShownOnScreen()) {
                return;
            }
            frame_->Layout();
            canvas_->Update();
            wait_for_display();
            first_ms_ = milliseconds(Clock::now() - first_at_);
            waiting_.stop();
            if (!show_) {
                CallAfter([this] { scroll(); });
            }
        });
    }

    void scroll() {
        std::vector<double> steps;
        int y = 0;
        for (int step = 0; step < kScrollSteps + kWarmSteps; ++step) {
            y += kNotch;
            if (step % kBeatEvery ==
                0) {  // no event loop turns here: without it the stream would count as silent
                v1::LiveUpdate beat;
                beat.mutable_at()->set_seconds(std::time(nullptr));
                server_.push(method::watch_live, beat);
            }
            const auto start = Clock::now();
            canvas_->scroll_to(y);
            canvas_->Refresh(false);
            canvas_->Update();
            wait_for_display();
            if (step >= kWarmSteps) {
                steps.push_back(milliseconds(Clock::now() - start));
            }
        }
        std::sort(steps.begin(), steps.end());
        p50_ = steps[steps.size() / 2];
        p95_ = steps[steps.size() * 95 / 100];
        const auto [first, last] = canvas_->visible();
        visible_ = static_cast<int>(last - first);
        canvas_->scroll_to(0);
        canvas_->SetFocus();
        updates();
    }

    void updates() {
        updates_at_ = Clock::now();
        cpu_before_ = cpu_of_this_thread_ms();
        ticking_ = timers_.every(std::chrono::milliseconds{kTickMs}, [this] {
            v1::LiveUpdate update;
            const double before = cpu_of_this_thread_ms();
            building_->change(update, kChangesPerTick);
            making_ms_ += cpu_of_this_thread_ms() - before;  // the bench's own work does not count
            server_.push(method::watch_live, update);
            if (++ticks_ == kTicks) {
                ticking_.stop();
                CallAfter([this] { report(); });
            }
        });
    }

    void report() {
        const double seconds = milliseconds(Clock::now() - updates_at_);
        const double busy = (cpu_of_this_thread_ms() - cpu_before_ - making_ms_) / seconds * 100;
        fmt::print("ui_wall.first_wall {:.1f} ms (limit {:.0f} ms, {:.2f})\n", first_ms_, kFirstLimitMs,
                   first_ms_ / kFirstLimitMs);
        fmt::print("ui_wall.cells_visible {} cells\n", visible_);
        fmt::print("ui_wall.scroll_p50 {:.1f} ms\n", p50_);
        fmt::print("ui_wall.scroll_p95 {:.1f} ms (limit {:.0f} ms, {:.2f})\n", p95_, kStepLimitMs,
                   p95_ / kStepLimitMs);
        fmt::print("ui_wall.updates_busy {:.1f} % (limit {:.0f} %, {:.2f})\n", busy, kBusyLimit,
                   busy / kBusyLimit);
        fmt::print("ui_wall.memory {:.1f} MB\n", resident_mb());
        std::fflush(stdout);
        failed_ = p95_ > kStepLimitMs || busy > kBusyLimit || first_ms_ > kFirstLimitMs;
        frame_->Destroy();
    }

    int OnExit() override { return wxApp::OnExit(); }
    int OnRun() override {
        const int result = wxApp::OnRun();
        return result != 0 ? result : failed_ ? 1 : 0;
    }

    WxTimers timers_;
    test::ScriptedServer server_;
    test::ScriptedLink link_;
    test::MemoryPreferences preferences_;
    test::RecordedNavigator navigator_;
    Connection connection_{timers_, link_};
    Session session_{server_, timers_, preferences_};
    LiveMeters live_{server_, timers_, connection_};
    ShiftWatch shift_{server_, timers_, session_, connection_};
    GuardWatch guards_{server_, timers_, session_, connection_};
    Context context_{server_,      timers_,     session_, live_,  navigator_,
                     preferences_, connection_, shift_,   guards_};
    std::unique_ptr<Building> building_;
    wxFrame* frame_{nullptr};
    WallPage* page_{nullptr};
    WallCanvas* canvas_{nullptr};
    Timer waiting_, ticking_;
    Clock::time_point first_at_, updates_at_;
    double first_ms_{0}, p50_{0}, p95_{0}, cpu_before_{0}, making_ms_{0};
    int visible_{0}, ticks_{0};
    bool show_{false}, failed_{false};
};

}  // namespace
}  // namespace wutong::client

wxIMPLEMENT_APP(wutong::client::Bench);  // NOLINT
