#include "client-wx/text/states.hpp"

#include "client-wx/text/translate.hpp"

namespace wutong::client {

std::string state_name(core::MeterStatus status) {
    using core::MeterStatus;
    switch (status) {
        case MeterStatus::normal:
            return tr("Normal");
        case MeterStatus::alarm_1:
            return tr("Alarm 1");
        case MeterStatus::alarm_2:
            return tr("Alarm 2");
        case MeterStatus::arrears:
            return tr("Arrears, off");
        case MeterStatus::no_account:
            return tr("No account");
        case MeterStatus::lost:
            return tr("Lost contact");
        case MeterStatus::guaranteed:
            return tr("Guaranteed");
        case MeterStatus::forced_off:
            return tr("Forced off");
        case MeterStatus::delivering:
            return tr("Delivering");
    }
    return {};
}

Ink state_ink(core::MeterStatus status) {
    using core::MeterStatus;
    switch (status) {
        case MeterStatus::alarm_1:
        case MeterStatus::alarm_2:
            return Ink::warn;
        case MeterStatus::arrears:
            return Ink::danger;
        case MeterStatus::no_account:
        case MeterStatus::lost:
            return Ink::quiet;
        case MeterStatus::delivering:
            return Ink::info;
        case MeterStatus::normal:
        case MeterStatus::guaranteed:
        case MeterStatus::forced_off:
            return Ink::normal;
    }
    return Ink::normal;
}

}  // namespace wutong::client
