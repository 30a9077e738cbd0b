#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/meter_status.hpp"

/// What a kiosk shows, ready to draw: every text is translated, every figure formatted.
namespace wutong::client {

enum class KioskStage {
    server,        ///< first start: which server
    certificate,   ///< … and is this its certificate
    registration,  ///< … and the code that an operator made
    start,         ///< touch to begin
    unit,          ///< unit or account number
    pin,
    account,
    away,  ///< out of service; goes on by itself
    operator_name,
    operator_password,
    operator_menu
};

enum class KioskKeys {
    none,
    digits,
    unit,  ///< digits, and the letters of this property's units
    full   ///< letters, digits, signs: for operators
};

/// One recharge, sale, refund or opening.
struct KioskRecharge {
    enum class State { arrived, on_its_way, trouble };
    std::string when;
    std::string amount;
    std::string words;
    State state = State::arrived;
};

struct KioskBar {
    std::optional<double> kwh;  ///< none: nothing was read that day
    std::string label;          ///< below the axis
    std::string figure;         ///< "12.1"
    bool so_far = false;        ///< today
};

struct KioskFact {
    std::string label;
    std::string value;
};

struct KioskAccount {
    std::string title;     ///< "C-312 · Noodle House"
    std::string subtitle;  ///< "Account 100731"
    core::MeterStatus status = core::MeterStatus::normal;
    bool status_known = false;
    std::string status_words;
    std::string balance;      ///< "¥18.20", or a dash
    std::string balance_age;  ///< "Read 40 s ago"
    bool balance_old = false;
    std::string days;       ///< "2", "<1", or a dash
    std::string days_unit;  ///< "days"
    std::string days_detail;
    std::vector<KioskBar> bars;
    std::string unit{"kWh"};               ///< of the bars
    std::vector<KioskFact> facts;          ///< price, alarms, ledger…
    std::vector<std::string> alarms;       ///< live ones, in plain words
    std::vector<KioskRecharge> recharges;  ///< newest first
    std::size_t meter = 0;                 ///< which one is shown
    std::vector<std::string> meters;       ///< their codes; to choose from when there are several
};

struct KioskScreen {
    KioskStage stage = KioskStage::away;

    // Header: always there.
    std::string property;
    std::string caption;  ///< below the property's name
    bool chinese = true;
    bool larger = false;
    bool can_finish = false;

    // One question at a time.
    std::string title;
    std::string detail;      ///< a sentence or two below the title
    std::string entry;       ///< what was typed; signs of a PIN or password are bullets
    std::size_t places = 0;  ///< so many boxes; 0: one line
    std::string message;     ///< what was wrong
    bool busy = false;
    KioskKeys keys = KioskKeys::none;
    std::string letters;     ///< for KioskKeys::unit
    bool can_go_on = false;  ///< the key OK
    std::string go_on;       ///< its words
    bool can_go_back = false;
    std::vector<std::string> choices;  ///< buttons, top to bottom; the first one is the one that is meant

    std::optional<KioskAccount> account;

    // Where and when to pay until the kiosk can take money.
    std::string pay_where;
    std::string pay_hours;
    std::string help;  ///< "Help: counter East 08:00–20:00"

    // Bottom: how long until it ends by itself.
    std::string idle_words;
    std::optional<double> idle_share;  ///< what is left, 0 to 1
    /// "Still there?": drawn over the stage.
    bool still_there = false;
    std::string still_there_title;
    std::string still_there_detail;
    std::string still_there_yes;
};

}  // namespace wutong::client
