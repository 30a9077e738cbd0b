#include "client-wx/theme/palette.hpp"

namespace wutong::client::theme {

Pair palette(Token token) {
    switch (token) {
        case Token::bg:
            return {0xF2F4F6, 0x11161B};
        case Token::surface:
            return {0xFFFFFF, 0x1A2128};
        case Token::surface_2:
            return {0xF7F9FA, 0x212A32};
        case Token::line:
            return {0xDDE3E8, 0x303B45};
        case Token::line_strong:
            return {0x7C8995, 0x728292};
        case Token::ink:
            return {0x16202A, 0xE7ECF0};
        case Token::ink_2:
            return {0x4A5763, 0xAAB6C1};
        case Token::ink_3:
            return {0x5F6C78, 0x8B98A4};
        case Token::accent:
        case Token::focus:
            return {0x0B6B60, 0x45BFAE};
        case Token::on_accent:
            return {0xFFFFFF, 0x05211D};
        case Token::accent_hover:
            return {0x08574E, 0x62D2C2};
        case Token::accent_soft:
            return {0xDCF0EC, 0x16352F};
        case Token::info:
            return {0x1D5FB4, 0x7CB4FF};
        case Token::ok:
            return {0x1B7544, 0x5CCB8B};
        case Token::warn:
            return {0x855600, 0xF0C04A};
        case Token::danger:
            return {0xB3261E, 0xFF8B80};
        case Token::danger_fill:
            return {0xB3261E, 0xC4352B};
        case Token::on_danger:
            return {0xFFFFFF, 0xFFFFFF};
        case Token::rail:
            return {0x10262B, 0x0B1013};
        case Token::rail_ink:
            return {0xC7D5D7, 0xAFBDC6};
        case Token::rail_active:
            return {0x1D3E44, 0x1B2A2F};
        case Token::rail_mark:
            return {0x5CC9B8, 0x45BFAE};
        case Token::on_rail:
            return {0xFFFFFF, 0xFFFFFF};
        case Token::rail_line:
            return {0x2B464B, 0x243037};
        case Token::rail_disc:
            return {0x2E6E69, 0x1F5A55};
        case Token::chart_bar:
            return {0x2B8A7E, 0x3AA597};
        case Token::series_2:
            return {0xB7781A, 0xB3F4F4};
        case Token::series_3:
            return {0x9055E7, 0xDDF094};
        case Token::series_4:
            return {0x1C0D59, 0x816ECF};
        case Token::series_5:
            return {0x4D2419, 0x989816};
        case Token::tip:
            return {0x16202A, 0xE7ECF0};
        case Token::on_tip:
            return {0xFFFFFF, 0x16202A};
        case Token::tip_action:
            return {0x62D2C2, 0x0B6B60};
        case Token::count_:
            break;
    }
    return {0x000000, 0x000000};
}

StateColours state_colours(MeterStatus status) {
    switch (status) {
        case MeterStatus::normal:
            break;
        case MeterStatus::alarm_1:
            return {{0xFFDD66, 0xF5CE4E}, {0x3A2A00, 0x2B2000}, {0xA87900, 0xF5CE4E}};
        case MeterStatus::alarm_2:
            return {{0xF08A24, 0xE07B1F}, {0x2A1500, 0x1E0E00}, {0xA85400, 0xF59A4A}};
        case MeterStatus::arrears:
            return {{0xB3261E, 0xC4352B}, {0xFFFFFF, 0xFFFFFF}, {0x7F1510, 0xFF8B80}};
        case MeterStatus::no_account:
            return {{0xEBEEF1, 0x11161B}, {0x4A5763, 0xAAB6C1}, {0x788591, 0x728292}};
        case MeterStatus::lost:
            return {{0xC3CCD4, 0x3D4751}, {0x26313B, 0xE7ECF0}, {0x66737F, 0x8B98A4}};
        case MeterStatus::guaranteed:
            return {{0x6D48C9, 0x7252D8}, {0xFFFFFF, 0xFFFFFF}, {0x4B2C9B, 0xB49CF5}};
        case MeterStatus::forced_off:
            return {{0x2C3742, 0x93A1AE}, {0xFFFFFF, 0x0B0F13}, {0x2C3742, 0xC6D0D9}};
        case MeterStatus::delivering:
            return {{0xD3E6FF, 0x143A66}, {0x0F4A94, 0xCFE4FF}, {0x1D5FB4, 0x7CB4FF}};
    }
    return {{0xFFFFFF, 0x1A2128}, {0x16202A, 0xE7ECF0}, {0xDDE3E8, 0x303B45}};
}

}  // namespace wutong::client::theme
