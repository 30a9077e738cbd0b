#include "client-wx/presenters/kiosk/kiosk_step.hpp"

#include <algorithm>

namespace wutong::client {

namespace {

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t KioskEntry::signs() const {
    return static_cast<std::size_t>(
        std::count_if(text_.begin(), text_.end(), [](char c) { return !continues(c); }));
}

void KioskEntry::type(std::string_view utf8, std::string_view only) {
    for (std::size_t at = 0; at < utf8.size();) {
        std::size_t length = 1;
        while (at + length < utf8.size() && continues(utf8[at + length])) {
            ++length;
        }
        const auto sign = utf8.substr(at, length);
        at += length;
        const bool control =
            sign.size() == 1 && (static_cast<unsigned char>(sign[0]) < 0x20 || sign[0] == 0x7F);
        const bool taken = only.empty() || (sign.size() == 1 && only.find(sign[0]) != std::string_view::npos);
        if (!control && taken && signs() < max_) {
            text_ += sign;
        }
    }
}

void KioskEntry::erase() {
    while (!text_.empty() && continues(text_.back())) {
        text_.pop_back();
    }
    if (!text_.empty()) {
        text_.pop_back();
    }
}

void KioskEntry::wipe() {
    // Volatile, or the compiler would leave out writes that nobody reads.
    volatile char* sign = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) {
        sign[i] = 0;
    }
    text_.clear();
}

std::string KioskEntry::hidden() const {
    std::string bullets;
    for (std::size_t i = 0; i < signs(); ++i) {
        bullets += "•";
    }
    return bullets;
}

}  // namespace wutong::client
