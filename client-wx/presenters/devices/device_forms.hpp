#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client-wx/presenters/forms/form.hpp"

namespace wutong::v1 {
class Channel;
class Meter;
}  // namespace wutong::v1

/// The forms of the devices pages. Field keys are those of the server's requests.
namespace wutong::client {

[[nodiscard]] std::unique_ptr<Form> property_form(Context& context);
[[nodiscard]] std::unique_ptr<Form> building_form(Context& context);
/// @param next the number that stands there at first
[[nodiscard]] std::unique_ptr<Form> floor_form(Context& context, std::int64_t building_id,
                                               const std::string& building, int next);
[[nodiscard]] std::unique_ptr<Form> unit_form(Context& context, std::int64_t floor_id,
                                              const std::string& where);
[[nodiscard]] std::unique_ptr<Form> gateway_form(Context& context);
/// @param channel the one to change; null: a new one
[[nodiscard]] std::unique_ptr<Form> channel_form(Context& context, const v1::Channel* channel);
[[nodiscard]] std::unique_ptr<Form> meter_form(Context& context, const v1::Meter* meter);

}  // namespace wutong::client
