#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kiosk/kiosk_operator.hpp"
#include "client-wx/presenters/kiosk/kiosk_screen.hpp"
#include "client-wx/presenters/kiosk/kiosk_setup.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::v1 {
class KioskHome;
class StartVisitResponse;
class VisitAccount;
}  // namespace wutong::v1

namespace wutong::client {

/// Preference: what the start page said last, for the time when the server is away at our start.
inline constexpr const char* kiosk_home_kept = "kiosk.home";

/// What a kiosk stands on: the frame, and in tests a record of what was asked of it.
class KioskHost {
public:
    virtual ~KioskHost() = default;
    virtual void show(const KioskScreen& screen) = 0;
    /// Translations and formats from now on; the presenter shows everything anew afterwards.
    virtual void use_language(bool chinese) = 0;
    /// Type × 1.25 and high contrast.
    virtual void use_larger(bool larger) = 0;
    virtual void use_full_screen(bool on) = 0;
    virtual void quit() = 0;
};

/// A tenant's visit at the kiosk: start → unit → PIN → account, and back to the start whatever happens.
///
/// What a visitor typed or saw is gone when the visit ends: at Finish, after kIdle and kAsk without a touch,
/// when the server says that it is over, or when the server is away for longer than kGrace. Answers to what
/// was asked before are dropped. The language and Larger fall back with it.
class KioskPresenter {
public:
    static constexpr std::chrono::seconds kIdle{60};
    static constexpr std::chrono::seconds kAsk{20};
    /// An account stays on the screen for so long without a server: a restart takes less.
    static constexpr std::chrono::seconds kGrace{30};
    static constexpr std::chrono::seconds kAccountEvery{10};
    static constexpr std::chrono::seconds kHomeEvery{30};
    static constexpr int kLogoTouches = 5;
    static constexpr std::chrono::seconds kLogoWithin{4};
    static constexpr std::size_t kPinDigits = 6;

    KioskPresenter(Context& context, KioskHost& host);
    ~KioskPresenter();
    KioskPresenter(const KioskPresenter&) = delete;
    KioskPresenter& operator=(const KioskPresenter&) = delete;

    /// Shows the first screen: what was registered before goes on by itself.
    void begin();
    [[nodiscard]] const KioskScreen& screen() const { return screen_; }

    /// Any touch, before what it means: somebody is there. Answers "Still there?".
    void touched();
    void touch_to_begin();
    void type(std::string_view utf8);
    void erase();
    void clear();
    void go_on();
    void go_back();
    void choose(std::size_t choice);
    void choose_meter(std::size_t meter);
    void finish();
    void choose_language(bool chinese);
    void toggle_larger();
    /// Staff's door: kLogoTouches within kLogoWithin.
    void touch_logo();
    /// The same, from a keyboard that staff plugged in.
    void ask_operator();

private:
    struct Visit;

    [[nodiscard]] KioskStep* step();
    [[nodiscard]] const KioskStep* step() const;
    [[nodiscard]] bool somebody_there() const;
    void enter(KioskStage stage);
    void show();
    void fill_visit(KioskScreen& screen) const;
    void fill_idle(KioskScreen& screen) const;
    [[nodiscard]] std::string away_detail() const;

    void connection_changed();
    void ask_home();
    void take_home(const v1::KioskHome& home);
    void home_failed(const Fault& fault);
    void start_visit();
    void visit_begun(const v1::StartVisitResponse& answer);
    void visit_refused(const Fault& fault);
    void ask_account();
    void account_failed(const Fault& fault);
    /// Nothing of the visit stays. Ends at the start page, or out of service.
    void wipe();
    void operator_wants(KioskOperator::Wish wish);
    void set_up();
    void tick();
    [[nodiscard]] std::chrono::milliseconds idle_for() const;

    Context& context_;
    KioskHost& host_;
    KioskScreen screen_;
    KioskStage stage_{KioskStage::away};
    std::unique_ptr<v1::KioskHome> home_;  ///< what was said last; also of an earlier run of the program
    bool home_is_fresh_{false};            ///< the server said so since it was away
    bool revoked_{false};
    bool chinese_{true};
    bool larger_{false};
    bool full_screen_{true};

    KioskEntry unit_{32};
    KioskEntry pin_{kPinDigits};
    std::string message_;
    bool busy_{false};
    std::unique_ptr<Visit> visit_;
    std::uint64_t generation_{0};  ///< grows with every wipe: answers of older ones are dropped

    TimePoint touched_at_{};
    std::optional<TimePoint> lost_at_;
    TimePoint home_asked_at_{};
    int logo_touches_{0};
    TimePoint logo_since_{};

    KioskSetup setup_;
    KioskOperator operator_;
    Call home_call_;
    Call visit_call_;
    Call farewell_;
    Timer ticking_;
    Subscription connection_changes_;
};

}  // namespace wutong::client
