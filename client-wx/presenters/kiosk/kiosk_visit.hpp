#pragma once

#include <wutong/v1/kiosk_service.pb.h>

#include <cstddef>
#include <string>

#include "client-wx/presenters/kiosk/kiosk_presenter.hpp"

namespace wutong::client {

/// What the kiosk knows of the tenant who stands there; gone with the visit.
struct KioskPresenter::Visit {
    std::string token;
    v1::VisitAccount account;
    TimePoint answered_at;  ///< by our clock
    TimePoint asked_at;
    std::size_t meter = 0;
};

}  // namespace wutong::client
