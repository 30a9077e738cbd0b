#include <array>

#include "core/credit_delivery.hpp"
#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kStates = std::to_array<detail::Name<DeliveryState>>({
    {DeliveryState::queued, "queued"},
    {DeliveryState::sending, "sending"},
    {DeliveryState::unknown, "unknown"},
    {DeliveryState::delivered, "delivered"},
    {DeliveryState::refused, "refused"},
    {DeliveryState::quarantined, "quarantined"},
});

constexpr auto kKinds = std::to_array<detail::Name<DeliveryKind>>({
    {DeliveryKind::open, "open"},
    {DeliveryKind::top_up, "top_up"},
    {DeliveryKind::refund, "refund"},
    {DeliveryKind::reversal, "reversal"},
    {DeliveryKind::clear, "clear"},
});

constexpr auto kCreditKinds = std::to_array<detail::Name<CreditKind>>({
    {CreditKind::none, "none"},
    {CreditKind::absolute_counted, "absolute_counted"},
    {CreditKind::added_counted, "added_counted"},
    {CreditKind::uncounted, "uncounted"},
    {CreditKind::server_held, "server_held"},
});

}  // namespace

const char* to_string(DeliveryState state) {
    return detail::name_of(kStates, state, "delivery state");
}
const char* to_string(DeliveryKind kind) {
    return detail::name_of(kKinds, kind, "delivery kind");
}
DeliveryState parse_delivery_state(const std::string& text) {
    return detail::value_of(kStates, text, "delivery state");
}
DeliveryKind parse_delivery_kind(const std::string& text) {
    return detail::value_of(kKinds, text, "delivery kind");
}
const char* to_string(CreditKind kind) {
    return detail::name_of(kCreditKinds, kind, "credit kind");
}
CreditKind parse_credit_kind(const std::string& text) {
    return detail::value_of(kCreditKinds, text, "credit kind");
}

}  // namespace wutong::core
