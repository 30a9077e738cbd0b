#pragma once

#include <optional>
#include <string>

#include "client-wx/text/ink.hpp"
#include "core/meter_status.hpp"

namespace wutong::client {

/// One cell of a list, ready to be drawn; no wx here, so that presenters can say it.
struct TableCell {
    std::string text{};  ///< UTF-8
    Ink ink = Ink::normal;
    bool bold = false;
    std::optional<core::MeterStatus> state{};  ///< in badge columns: the state's mark before the text
    std::string icon{};                        ///< in badge columns: an icon in `ink` before the text
};

}  // namespace wutong::client
