#pragma once

#include "client-wx/text/ink.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

/// The colour of what a presenter means.
[[nodiscard]] inline Token token_of(Ink ink) {
    switch (ink) {
        case Ink::normal:
            return Token::ink;
        case Ink::quiet:
            return Token::ink_2;
        case Ink::faint:
            return Token::ink_3;
        case Ink::accent:
            return Token::accent;
        case Ink::ok:
            return Token::ok;
        case Ink::warn:
            return Token::warn;
        case Ink::danger:
            return Token::danger;
        case Ink::info:
            return Token::info;
    }
    return Token::ink;
}

}  // namespace wutong::client
