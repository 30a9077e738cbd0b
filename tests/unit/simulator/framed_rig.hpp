#pragma once

#include <catch2/catch.hpp>

#include "collector/protocols/cjt188.hpp"
#include "collector/protocols/dlms_wrapper.hpp"
#include "collector/protocols/dlt645_replies.hpp"
#include "sim_fixture.hpp"

/// A building of meters that don't speak Modbus, asked in frames as a collector would.
namespace wutong::simulator::test {

using namespace std::chrono_literals;
using protocols::Bytes;
using protocols::ByteView;
namespace dl = protocols::dlt645;
namespace cj = protocols::cjt188;
namespace co = protocols::dlms;

/// A line for each framing, with one or two meters.
inline BuildingPlan framed_plan() {
    BuildingPlan plan;
    const auto premises = curves().of_use(Use::apartment).front()->premises_id;
    const auto line = [&](const char* name, LineFraming framing) {
        LinePlan one;
        one.name = name;
        one.kind = LineKind::rtu_over_tcp;
        one.framing = framing;
        one.baud = 115'200;
        plan.lines.push_back(one);
    };
    const auto meter = [&](const char* serial, Model model, const char* on, int address) {
        MeterPlan one;
        one.serial = serial;
        one.code = serial;
        one.unit = serial;
        one.model = model;
        one.line = on;
        one.address = address;
        one.premises_id = premises;
        plan.meters.push_back(one);
    };
    line("dl", LineFraming::dlt645);
    line("cj", LineFraming::cjt188);
    line("hdlc", LineFraming::hdlc);
    line("tcp", LineFraming::dlms_wrapper);
    meter("202600000001", Model::dlt645_single_phase, "dl", 0);
    meter("202600000002", Model::dlt645_three_phase, "dl", 0);
    meter("202600000003", Model::cjt188_valve_water, "cj", 0);
    meter("202600000004", Model::dlms_single_phase, "hdlc", 17);
    meter("202600000005", Model::dlms_three_phase, "tcp", 1);
    return plan;
}

struct Rig {
    Building building{framed_plan(), curves(), noon()};
    core::Timestamp now = noon();

    Rig() { check_plan(building.plan(), curves()); }
    [[nodiscard]] const LinePlan& line(const char* name) const {
        for (const auto& one : building.plan().lines) {
            if (one.name == name) {
                return one;
            }
        }
        throw std::logic_error("no such line");
    }
    FrameAnswer ask(const char* name, const Bytes& frame) {
        return building.exchange_frame(line(name), frame, now);
    }
    InstalledMeter& meter(const char* serial) { return *building.find(serial); }

    std::variant<dl::Reply, dl::ReplyFault> ask645(const char* address, const dl::Request& request) {
        const auto question = dl::encode_request(dl::parse_address(address), request);
        const auto answer = ask("dl", dl::encode_frame(question));
        REQUIRE(answer.answered);
        return dl::parse_reply(dl::decode_frame(answer.frame), question);
    }
    Bytes read645(const char* address, std::uint32_t id) {
        const auto reply = ask645(address, dl::ReadData{dl::Edition::of_2007, id, {}});
        REQUIRE(std::holds_alternative<dl::Reply>(reply));
        return std::get<dl::Reply>(reply).data;
    }
    std::uint16_t refused645(const char* address, const dl::Request& request) {
        const auto reply = ask645(address, request);
        const auto* fault = std::get_if<dl::ReplyFault>(&reply);
        return fault == nullptr ? std::uint16_t{0} : fault->bits;
    }
};

inline constexpr const char* kSingle = "202600000001";
inline constexpr const char* kThree = "202600000002";

}  // namespace wutong::simulator::test
