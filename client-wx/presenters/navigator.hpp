#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace wutong::client {

enum class Page {
    sign_in,
    wall,
    sell,
    accounts,
    account,
    open_account,
    close_account,
    exchange_meter,
    transfer_account,
    statement,
    meter,
    alarms,
    commands,
    balances,
    tariffs,
    devices,
    operators,
    operation_log,
    parameters,
    shift,
    settings,
    energy
};

/// Where to go: a page, and what it is to show there.
struct Place {
    Page page{Page::wall};
    std::int64_t id{0};  ///< account, meter…; 0: none
    std::string text;    ///< what to look for, or which tab
    friend bool operator==(const Place&, const Place&) = default;
};

/// The shell, as presenters see it.
class Navigator {
public:
    virtual ~Navigator() = default;
    virtual void open(const Place& place) = 0;
    virtual void back() = 0;
    /// One sentence about an event, 5 s, or 10 s with the key Undo. Never for errors.
    virtual void toast(const std::string& text, std::function<void()> undo) = 0;
    void toast(const std::string& text) { toast(text, nullptr); }
};

}  // namespace wutong::client
