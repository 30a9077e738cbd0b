#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "client-wx/presenters/kiosk/kiosk_screen.hpp"

namespace wutong::client {

/// What somebody types at a kiosk: bounded, and overwritten when it is no longer needed.
class KioskEntry {
public:
    explicit KioskEntry(std::size_t signs_max = 0) : max_{signs_max} {}
    KioskEntry(const KioskEntry&) = delete;
    KioskEntry& operator=(const KioskEntry&) = delete;
    ~KioskEntry() { wipe(); }

    /// One sign or several, UTF-8; control characters and what would be too much are left out.
    /// @param only the signs that are taken; empty: any
    void type(std::string_view utf8, std::string_view only = {});
    void erase();
    void wipe();
    void set_max(std::size_t signs) { max_ = signs; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] std::size_t signs() const;
    /// A bullet for each sign.
    [[nodiscard]] std::string hidden() const;

private:
    std::size_t max_;
    std::string text_;
};

/// A part of the kiosk that asks one question after the other.
class KioskStep {
public:
    virtual ~KioskStep() = default;
    virtual void type(std::string_view utf8) = 0;
    virtual void erase() = 0;
    virtual void clear() = 0;
    virtual void go_on() = 0;
    virtual void go_back() = 0;
    virtual void choose(std::size_t /*choice*/) {}
    virtual void fill(KioskScreen& screen) const = 0;
};

}  // namespace wutong::client
