#include "client-wx/presenters/held/held_words.hpp"

#include <wutong/v1/held_service.pb.h>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string guard_kind_words(const std::string& kind) {
    return kind == "medical" ? tr("Medical") : kind == "safety" ? tr("Safety") : clipped(kind, 30);
}

std::string guard_badge_words(const UnitGuard& guard) {
    return guard.kind == "medical"  ? tr("Guarded: medical")
           : guard.kind == "safety" ? tr("Guarded: safety")
                                    : tr("Guarded");
}

std::string guard_whole_words(const UnitGuard& guard) {
    return guard_badge_words(guard) + (guard.note.empty() ? "" : " · " + clipped(guard.note, 120));
}

std::string charged_words(const v1::HeldMeter& meter) {
    if (!meter.has_charged_at()) {
        return kDash;
    }
    return table_time(to_time_point(meter.charged_at())) +
           (meter.has_energy_wh() ? " · " + quantity(meter.energy_wh(), commodity_of(meter.commodity()))
                                  : std::string{});
}

}  // namespace wutong::client
