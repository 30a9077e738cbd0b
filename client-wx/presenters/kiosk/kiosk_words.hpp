#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "client-wx/api/fault.hpp"
#include "client-wx/presenters/kiosk/kiosk_screen.hpp"

namespace wutong::v1 {
class KioskHome;
class VisitAccount;
}  // namespace wutong::v1

/// The kiosk's sentences: plain words for people who read them once a month.
namespace wutong::client {

/// What the kiosk shows of an account. @param meter which of its meters; @param since since the answer came,
/// because ages go on
[[nodiscard]] KioskAccount kiosk_account(const v1::VisitAccount& account, std::size_t meter,
                                         std::chrono::milliseconds since);

/// "counter East", or what to say when nobody has said where.
[[nodiscard]] std::string kiosk_pay_where(const v1::KioskHome& home, bool chinese);
/// "Pay at counter East, 08:00–20:00."
[[nodiscard]] std::string kiosk_pay_sentence(const v1::KioskHome& home, bool chinese);

/// Why a visit could not begin.
[[nodiscard]] std::string kiosk_refusal(const Fault& fault, const std::string& pay_where);

/// "1 min", "12 min": what is left of a lock, rounded up.
[[nodiscard]] std::string kiosk_wait(const std::string& seconds);

}  // namespace wutong::client
