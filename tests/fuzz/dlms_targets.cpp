#include <algorithm>

#include "collector/protocols/dlms_association.hpp"
#include "collector/protocols/dlms_link.hpp"
#include "collector/protocols/dlms_profile.hpp"
#include "collector/protocols/dlms_security.hpp"
#include "collector/protocols/dlms_wrapper.hpp"
#include "fuzz/targets.hpp"

namespace wutong::fuzz {

using namespace protocols;
namespace co = protocols::dlms;

void dlms_hdlc(ByteView bytes) {
    // Both ends hear the same; neither may break, whatever the order of the frames.
    const co::HdlcAddress client{16, std::nullopt};
    const co::HdlcAddress meter{1, 17};
    co::HdlcLink asking{co::HdlcLink::Role::client, client, meter, {}};
    co::HdlcLink answering{co::HdlcLink::Role::meter, meter, {}, {}};
    static_cast<void>(asking.connect());
    const auto hear = [&](const co::HdlcFrame& frame) {
        static_cast<void>(co::decode_hdlc_limits(frame.information));
        for (auto* end : {&asking, &answering}) {
            const auto step = end->take(frame);
            if (std::holds_alternative<co::HdlcLink::Apdu>(step) ||
                std::holds_alternative<co::HdlcLink::Connected>(step)) {
                static_cast<void>(end->send(Bytes(300, 0xC0)));
            }
        }
    };
    walk(bytes, co::kHdlcLengthMax + 2, co::match_hdlc, [&](ByteView whole) {
        const auto frame = co::decode_hdlc(whole);
        hold(co::decode_hdlc(co::encode_hdlc(frame)) == frame,
             "a frame that was read is written as the same");
        hear(frame);
    });
    // A conversation of frames whose checks hold: direction and length, control byte, information.
    while (bytes.size() >= 2) {
        const bool from_client = (bytes[0] & 0x80U) != 0;
        const auto length = std::min<std::size_t>(bytes[0] & 0x3FU, bytes.size() - 2);
        co::HdlcFrame frame{from_client ? meter : client,
                            from_client ? client : meter,
                            bytes[1],
                            (bytes[0] & 0x40U) != 0,
                            {}};
        const auto information = bytes.subspan(2, length);
        frame.information.assign(information.begin(), information.end());
        bytes = bytes.subspan(2 + length);
        hear(frame);
    }
}

void dlms_wrapper(ByteView bytes) {
    walk(bytes, co::kWrapperHeader + co::kWrapperApduMax, co::match_wrapper, [](ByteView whole) {
        hold(co::encode_wrapper(co::decode_wrapper(whole)) == Bytes(whole.begin(), whole.end()),
             "a frame is written as it was read");
    });
}

void dlms_services(ByteView bytes) {
    // Compared as bytes: a float may be "not a number", which is not even equal to itself.
    const auto request = co::parse_request(bytes);
    if (const auto* known = std::get_if<co::Request>(&request)) {
        const auto written = co::encode_request(*known);
        const auto again = co::parse_request(written);
        hold(std::holds_alternative<co::Request>(again) &&
                 co::encode_request(std::get<co::Request>(again)) == written,
             "a request that was read is written as the same");
        if (const auto* get = std::get_if<co::GetRequest>(known); get != nullptr && get->read.part) {
            static_cast<void>(co::decode_selection(*get->read.part));
        }
    }
    const auto response = co::parse_response(bytes);
    if (const auto* known = std::get_if<co::Response>(&response)) {
        const auto written = co::encode_response(*known);
        const auto again = co::parse_response(written);
        hold(std::holds_alternative<co::Response>(again) &&
                 co::encode_response(std::get<co::Response>(again)) == written,
             "a response that was read is written as the same");
        if (const auto* block = std::get_if<co::GetBlockResponse>(known)) {
            co::LongGet get;
            static_cast<void>(get.take(*block));
        }
    }
    const auto value = co::decode_data(bytes);
    if (const auto* data = std::get_if<co::Data>(&value)) {
        const auto written = co::encode_data(*data);
        const auto again = co::decode_data(written);
        hold(std::holds_alternative<co::Data>(again) && co::encode_data(std::get<co::Data>(again)) == written,
             "a value that was read is written as the same");
        static_cast<void>(co::decode_profile(*data, 0, std::chrono::minutes{15}));
        static_cast<void>(co::decode_capture_objects(*data));
        static_cast<void>(co::decode_scaler_unit(*data));
        static_cast<void>(co::as_integer(*data));
    }
    static_cast<void>(co::decode_result_list(bytes));
    const auto moment = co::decode_date_time(bytes);
    if (const auto* told = std::get_if<co::DateTime>(&moment)) {
        hold(std::get<co::DateTime>(co::decode_date_time(co::encode_date_time(*told))) == *told,
             "a moment that was read is written as the same");
    }
}

void dlms_association(ByteView bytes) {
    const auto request = co::parse_association_request(bytes);
    if (const auto* known = std::get_if<co::AssociationRequest>(&request)) {
        static_cast<void>(co::parse_initiate_request(known->initiate));
    }
    const auto response = co::parse_association_response(bytes);
    if (const auto* known = std::get_if<co::AssociationResponse>(&response)) {
        hold(!co::to_string(*known).empty(), "an answer has words");
        static_cast<void>(co::parse_initiate_response(known->initiate));
    }
    const auto initiate = co::parse_initiate_response(bytes);
    if (const auto* known = std::get_if<co::InitiateResponse>(&initiate)) {
        hold(std::get<co::InitiateResponse>(co::parse_initiate_response(co::encode_initiate(*known))) ==
                 *known,
             "an initiate that was read is written as the same");
    }
    static_cast<void>(co::parse_initiate_request(bytes));
    static_cast<void>(co::is_release_request(bytes));
    static_cast<void>(co::is_release_response(bytes));
}

void dlms_security(ByteView bytes) {
    const co::SecurityKeys keys{
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}};
    const co::SystemTitle title{0x4D, 0x4D, 0x4D, 0, 0, 0xBC, 0x61, 0x4E};
    const auto opened = co::unprotect(bytes, title, keys);
    if (const auto* told = std::get_if<co::Unprotected>(&opened)) {
        const auto again = co::unprotect(
            co::protect(told->tag, told->security_control, title, told->counter, keys, told->plain), title,
            keys);
        hold(told->tag == 0xDB || (std::holds_alternative<co::Unprotected>(again) &&
                                   std::get<co::Unprotected>(again).plain == told->plain),
             "what was opened is sealed as the same");
    }
    static_cast<void>(co::check_answer(bytes, bytes, title, keys));
}

}  // namespace wutong::fuzz
