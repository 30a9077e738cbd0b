#pragma once

#include "collector/protocols/dlms_apdu.hpp"
#include "tests/unit/protocols/random_bytes.hpp"

/// Random values, requests and responses of DLMS.
namespace wutong::protocols::random {

inline dlms::Data any_data(Dice& dice, int depth) {
    using enum dlms::Type;
    constexpr dlms::Type kLeaves[] = {null,      boolean, bit_string, int32,   uint32,         octet_string,
                                      int8,      int16,   uint8,      uint16,  visible_string, utf8_string,
                                      bcd,       int64,   uint64,     float32, float64,        enumeration,
                                      date_time, date,    time};
    dlms::Data data;
    if (depth > 0 && dice.number(0, 2) == 0) {
        data.type = dice.coin() ? array : structure;
        const auto count = dice.number(0, 5);
        for (int i = 0; i < count; ++i) {
            data.items.push_back(any_data(dice, depth - 1));
        }
        return data;
    }
    data.type = kLeaves[dice.number(0, static_cast<int>(std::size(kLeaves)) - 1)];
    switch (data.type) {
        case null:
            return data;
        case boolean:
            return dlms::number(boolean, dice.number(0, 1));
        case int8:
        case bcd:
            return dlms::number(data.type, dice.number(-128, 127));
        case uint8:
        case enumeration:
            return dlms::number(data.type, dice.number(0, 255));
        case int16:
            return dlms::number(data.type, dice.number(-32'768, 32'767));
        case uint16:
            return dlms::number(data.type, dice.number(0, 65'535));
        case int32:
            return dlms::number(data.type, static_cast<std::int32_t>(dice.number32()));
        case uint32:
            return dlms::number(data.type, dice.number32());
        case int64:
        case uint64:
            data.bits = std::uint64_t{dice.number32()} << 32 | dice.number32();
            return data;
        case float32:
        case float64:
            data.real = dice.number(-100'000, 100'000) / 16.0;
            return data;
        case bit_string:
            data.bits = static_cast<std::uint64_t>(dice.number(0, 200));
            data.bytes = dice.bytes(static_cast<std::size_t>((data.bits + 7) / 8));
            return data;
        case date_time:
            data.bytes = dice.bytes(12);
            return data;
        case date:
            data.bytes = dice.bytes(5);
            return data;
        case time:
            data.bytes = dice.bytes(4);
            return data;
        default:
            data.bytes = dice.bytes_up_to(dice.number(0, 20) == 0 ? 400 : 20);
            return data;
    }
}

inline dlms::Obis obis(Dice& dice) {
    dlms::Obis name;
    for (auto& part : name.code) {
        part = dice.byte();
    }
    return name;
}

inline dlms::AttributeRead read(Dice& dice) {
    dlms::AttributeRead one{{static_cast<std::uint16_t>(dice.number32(0xFFFF)), obis(dice), dice.byte()},
                            std::nullopt};
    if (dice.coin()) {
        one.part = dlms::Selection{dice.byte(), any_data(dice, 3)};
    }
    return one;
}

inline dlms::ReadResult result(Dice& dice) {
    if (dice.coin()) {
        return any_data(dice, 4);
    }
    return static_cast<dlms::AccessResult>(dice.byte());
}

inline dlms::Request dlms_request(Dice& dice) {
    const auto invoke = dice.byte();
    switch (dice.number(0, 4)) {
        case 0:
            return dlms::GetRequest{read(dice), invoke};
        case 1:
            return dlms::GetNextRequest{dice.number32(), invoke};
        case 2: {
            dlms::GetListRequest list;
            list.invoke_id = invoke;
            for (int i = dice.number(1, 6); i > 0; --i) {
                list.reads.push_back(read(dice));
            }
            return list;
        }
        case 3: {
            auto one = read(dice);
            return dlms::SetRequest{one.what, one.part, any_data(dice, 3), invoke};
        }
        default: {
            dlms::ActionRequest action{7, obis(dice), dice.byte(), std::nullopt, invoke};
            if (dice.coin()) {
                action.parameters = any_data(dice, 3);
            }
            return action;
        }
    }
}

inline dlms::Response dlms_response(Dice& dice) {
    const auto invoke = dice.byte();
    switch (dice.number(0, 5)) {
        case 0:
            return dlms::GetResponse{result(dice), invoke};
        case 1: {
            dlms::GetBlockResponse block{dice.coin(), dice.number32(), {}, invoke};
            if (dice.coin()) {
                block.part = static_cast<dlms::AccessResult>(dice.byte());
            } else {
                block.part = dice.bytes_up_to(300);
            }
            return block;
        }
        case 2: {
            dlms::GetListResponse list;
            list.invoke_id = invoke;
            for (int i = dice.number(0, 6); i > 0; --i) {
                list.results.push_back(result(dice));
            }
            return list;
        }
        case 3:
            return dlms::SetResponse{static_cast<dlms::AccessResult>(dice.byte()), invoke};
        case 4: {
            dlms::ActionResponse action{static_cast<dlms::AccessResult>(dice.byte()), std::nullopt, invoke};
            if (dice.coin()) {
                action.returned = result(dice);
            }
            return action;
        }
        default:
            return dice.coin() ? dlms::ExceptionResponse{1, 2, std::nullopt}
                               : dlms::ExceptionResponse{2, 6, dice.number32()};
    }
}

}  // namespace wutong::protocols::random
