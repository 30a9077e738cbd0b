#include <algorithm>

#include "collector/protocols/cjt188.hpp"
#include "collector/protocols/dlt645_replies.hpp"
#include "collector/protocols/iec62056.hpp"
#include "fuzz/targets.hpp"

namespace wutong::fuzz {

using namespace protocols;

void dlt645(ByteView bytes) {
    namespace dl = protocols::dlt645;
    const auto asked = dl::encode_request(dl::kAnyMeter, dl::ReadData{dl::Edition::of_2007, 0x00010000, {}});
    const auto following = dl::encode_request(dl::kAnyMeter, dl::ReadFollowing{0x04010001, 1});
    const auto top_up = dl::encode_request(dl::kAnyMeter, dl::Purchase{});
    const auto look = [&](const dl::Frame& frame) {
        const auto request = dl::parse_request(frame);
        if (const auto* known = std::get_if<dl::Request>(&request)) {
            const auto again = dl::parse_request(dl::encode_request(frame.address, *known));
            hold(std::holds_alternative<dl::Request>(again) && std::get<dl::Request>(again) == *known,
                 "a request that was read is written as the same");
        }
        for (const auto* question : {&asked, &following, &top_up, &frame}) {
            const auto reply = dl::parse_reply(frame, *question);
            if (const auto* good = std::get_if<dl::Reply>(&reply)) {
                static_cast<void>(dl::decode_status_word_3(good->data));
                static_cast<void>(decode_bcd(good->data, BcdSign::top_bit));
                const auto half = good->data.size() / 2;
                static_cast<void>(
                    dl::decode_clock(ByteView{good->data}.subspan(half), ByteView{good->data}.first(half)));
            }
        }
    };
    walk(bytes, dl::kFrameMax, dl::match_frame, [&](ByteView whole) {
        const auto frame = dl::decode_frame(whole);
        hold(dl::encode_frame(frame) == Bytes(whole.begin(), whole.end()),
             "a frame is written as it was read");
        look(frame);
    });
    // The same as what is inside of a frame, so that the sum keeps nothing out.
    dl::Frame inside;
    if (const auto head = inside.address.low_first.size();
        bytes.size() > head && bytes.size() - head <= dl::kDataMax) {
        std::copy_n(bytes.begin(), head, inside.address.low_first.begin());
        inside.control = bytes[head];
        inside.data.assign(bytes.begin() + static_cast<std::ptrdiff_t>(head) + 1, bytes.end());
        look(inside);
    }
}

void cjt188(ByteView bytes) {
    namespace cj = protocols::cjt188;
    const auto asked = cj::encode_request(cj::MeterKind::cold_water, cj::kAnyMeter, 0, cj::ReadData{});
    const auto look = [&](const cj::Frame& frame) {
        const auto request = cj::parse_request(frame);
        if (const auto* known = std::get_if<cj::Request>(&request)) {
            const auto again =
                cj::parse_request(cj::encode_request(frame.kind, frame.address, frame.data[2], *known));
            hold(std::holds_alternative<cj::Request>(again) && std::get<cj::Request>(again) == *known,
                 "a request that was read is written as the same");
        }
        const auto reply = cj::parse_reply(frame, asked);
        if (const auto* good = std::get_if<cj::Reply>(&reply)) {
            const auto read = cj::decode_water_reading(good->data);
            if (const auto* reading = std::get_if<cj::WaterReading>(&read)) {
                hold(cj::encode_water_reading(*reading) == good->data, "a reading is written as it was read");
                static_cast<void>(cj::decode_status(reading->status, cj::kStatusInHighBits));
            }
        }
    };
    walk(bytes, cj::kFrameMax, cj::match_frame, [&](ByteView whole) {
        const auto frame = cj::decode_frame(whole);
        hold(cj::encode_frame(frame) == Bytes(whole.begin(), whole.end()),
             "a frame is written as it was read");
        look(frame);
    });
    // The same as what is inside of a frame, so that the sum keeps nothing out.
    cj::Frame inside;
    if (!bytes.empty() && bytes.size() <= cj::kDataMax) {
        inside.control = bytes[0];
        inside.data.assign(bytes.begin() + 1, bytes.end());
        look(inside);
    }
}

void iec62056(ByteView bytes) {
    namespace iec = protocols::iec62056;
    walk(bytes, iec::kIdentificationMax, iec::match_identification, [](ByteView whole) {
        const auto told = iec::decode_identification(whole);
        if (const auto* good = std::get_if<iec::Identification>(&told)) {
            static_cast<void>(good->baud());
            const auto again = iec::decode_identification(iec::encode_identification(*good));
            hold(std::get<iec::Identification>(again) == *good,
                 "an identification is written as it was read");
        }
    });
    walk(bytes, iec::kMessageMax, iec::match_message, [](ByteView whole) {
        const auto told = iec::decode_data(whole);
        if (const auto* data = std::get_if<iec::DataSets>(&told)) {
            const auto again = iec::decode_data(iec::encode_data(*data, iec::DataEnd::readout));
            hold(std::get<iec::DataSets>(again) == *data, "data are written as they were read");
            hold(data->empty() || iec::find_data(*data, data->back().code) != nullptr,
                 "what is there is found");
        }
    });
    walk(bytes, iec::kMessageMax, iec::match_request, [](ByteView whole) {
        const auto told = iec::decode_request(whole);
        const auto* known = std::get_if<iec::Request>(&told);
        if (const auto* command = known == nullptr ? nullptr : std::get_if<iec::Command>(known)) {
            const auto again = iec::decode_command(iec::encode_command(*command));
            hold(std::get<iec::Command>(again) == *command, "a command is written as it was read");
        }
    });
    // The same as what is inside of a message, so that the check keeps nothing out.
    if (bytes.size() + 3 <= iec::kMessageMax) {
        Bytes inside{iec::kStx};
        std::uint8_t check = iec::kEtx;
        for (const auto byte : bytes) {
            const auto seven = static_cast<std::uint8_t>(byte & 0x7F);
            inside.push_back(seven);
            check = static_cast<std::uint8_t>(check ^ seven);
        }
        inside.push_back(iec::kEtx);
        inside.push_back(check);
        static_cast<void>(iec::decode_data(inside));
        inside[0] = iec::kSoh;
        static_cast<void>(iec::decode_command(inside));
    }
}

}  // namespace wutong::fuzz
