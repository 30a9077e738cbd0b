#include <atomic>
#include <memory>
#include <stdexcept>

#include "collector/protocols/acrel_frames.hpp"
#include "unit/transports/links.hpp"

/// What every client owes its callers, over real pseudo-terminals and sockets.
using namespace wutong::tests;
using wutong::protocols::ExceptionCode;

namespace {

/// After whatever happened, an ordinary question has to be answered rightly again.
void require_recovery(ModbusClient& client, ScriptedPeer& peer, Yield yield) {
    peer.script({actions::good(0x7000)});
    const auto outcome = client.read_registers(1, 3, 0x10, 6, 1'000ms, yield);
    CHECK(words_of(outcome) == counting(0x7000, 6));
}

}  // namespace

TEST_CASE("transports: good answers", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::good(100), actions::good(0xFFF0), actions::good(0), actions::good(7)});
        CHECK(words_of(client.read_registers(1, 3, 0x0200, 48, 1'000ms, yield)) == counting(100, 48));
        CHECK(words_of(client.read_registers(247, 4, 0, 125, 1'000ms, yield)) == counting(0xFFF0, 125));
        CHECK(acknowledged(client.write_registers(3, 0x57, {1, 1}, 1'000ms, yield)));
        CHECK(words_of(client.read_registers(1, 3, 0xFFFF, 1, 1'000ms, yield)) == counting(7, 1));
    });
    const auto asked = peer.asked();
    REQUIRE(asked.size() == 4);
    CHECK(wutong::protocols::to_hex(asked[0].pdu) == "03 02 00 00 30");
    CHECK(asked[1].unit == 247);
    CHECK(wutong::protocols::to_hex(asked[2].pdu) == "10 00 57 00 02 04 00 01 00 01");
}

TEST_CASE("transports: a refusal is told with its code and needs no waiting afterwards", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::exception(ExceptionCode::illegal_address),
                     actions::exception(ExceptionCode::device_busy)});
        auto fault = fault_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield));
        CHECK(fault.kind == Kind::exception);
        CHECK(fault.code == ExceptionCode::illegal_address);
        fault = fault_of(client.write_registers(1, 0x57, {1, 1}, 1'000ms, yield));
        CHECK(fault.kind == Kind::exception);
        CHECK(fault.code == ExceptionCode::device_busy);
        CHECK(client.clear_at(1, 3) <= wutong::collector::Monotonic::now());
        require_recovery(client, peer, yield);
    });
}

TEST_CASE("transports: silence is a time-out, in time, and delays nobody else", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::silence(), actions::good(5), actions::good(0)});
        const Stopwatch silent;
        const auto fault = fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield));
        CHECK(fault.kind == Kind::timeout);
        CHECK(fault.request_sent);
        CHECK(silent.elapsed() >= kTimeout);
        CHECK(silent.elapsed() < kTimeout + 200ms);
        // Another meter, and a control command to the same meter, go out at once.
        const Stopwatch others;
        CHECK(words_of(client.read_registers(2, 3, 0x10, 6, 1'000ms, yield)) == counting(5, 6));
        CHECK(acknowledged(client.write_registers(1, 0x57, {1, 1}, 1'000ms, yield)));
        CHECK(others.elapsed() < kWindow - 100ms);
        require_recovery(client, peer, yield);
    });
}

TEST_CASE("transports: an answer in single bytes is one answer", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::single_bytes(300), actions::single_bytes(0)});
        CHECK(words_of(client.read_registers(1, 3, 0x10, 20, 1'000ms, yield)) == counting(300, 20));
        CHECK(acknowledged(client.write_registers(1, 0x57, {1, 1}, 1'000ms, yield)));
    });
}

TEST_CASE(
    "transports: torn, garbled, foreign and wrong answers are faults, and the next question is answered",
    "[contract]") {
    struct Row {
        const char* what;
        ScriptedPeer::Action action;
        std::vector<Kind> own_rtu, own_tcp, libmodbus;
    };
    // libmodbus says less about what is wrong: most of it is "bad data" there, or a time-out.
    const std::vector<Row> rows{
        {"torn", actions::torn(9, 0ms), {Kind::torn}, {Kind::torn}, {Kind::timeout}},
        {"garbled",
         actions::garbled(9),
         {Kind::crc},
         {Kind::wrong_protocol},
         {Kind::crc, Kind::wrong_length, Kind::closed}},
        {"foreign unit",
         actions::foreign(9),
         {Kind::wrong_unit},
         {Kind::wrong_unit},
         {Kind::wrong_unit, Kind::timeout}},
        {"another function",
         actions::pdu(wutong::protocols::encode_read_reply(4, counting(9, 6))),
         {Kind::wrong_function},
         {Kind::wrong_function},
         {Kind::wrong_length}},
        {"too short",
         actions::pdu(wutong::protocols::encode_read_reply(3, counting(9, 5))),
         {Kind::wrong_length},
         {Kind::wrong_length},
         {Kind::wrong_length}},
        {"too long",
         actions::pdu(wutong::protocols::encode_read_reply(3, counting(9, 7))),
         {Kind::wrong_length},
         {Kind::wrong_length},
         {Kind::wrong_length}},
    };
    const auto link = GENERATE(from_range(all_links()));
    for (const auto& row : rows) {
        INFO(link.name << ", " << row.what);
        // Over TCP libmodbus compares neither the unit nor the protocol: the transaction number stands for
        // both.
        const std::string what = row.what;
        if (!link.own() && !link.rtu() && (what == "foreign unit" || what == "garbled")) {
            continue;
        }
        ScriptedPeer peer{link.wire};
        with_link(link, peer, [&](ModbusClient& client, Yield yield) {
            peer.script({row.action});
            const auto fault = fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield));
            const auto& allowed = !link.own() ? row.libmodbus : link.rtu() ? row.own_rtu : row.own_tcp;
            INFO(describe(fault));
            CHECK(std::find(allowed.begin(), allowed.end(), fault.kind) != allowed.end());
            CHECK(fault.request_sent);
            require_recovery(client, peer, yield);
        });
    }
}

TEST_CASE("transports: an acknowledgement for other registers is no acknowledgement", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::pdu(wutong::protocols::encode_write_reply(0x57, 1))});
        const auto fault = fault_of(client.write_registers(1, 0x57, {1, 1}, kTimeout, yield));
        CHECK(fault.kind == (link.own() ? Kind::wrong_echo : Kind::wrong_length));
        require_recovery(client, peer, yield);
    });
}

TEST_CASE("transports: a peer that goes away is told, and found again when it is back", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        require_recovery(client, peer, yield);
        peer.hang_up();
        for (int i = 0; i < 2; ++i) {
            const Stopwatch away;
            const auto fault = fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield));
            INFO(describe(fault));
            CHECK(fault.kind == Kind::closed);
            CHECK_FALSE(fault.request_sent);
            CHECK_THAT(fault.detail, Catch::Contains(peer.endpoint()));
            CHECK(away.elapsed() < 1'000ms);
        }
        peer.come_back();
        require_recovery(client, peer, yield);
    });
}

TEST_CASE("transports: what can't be asked is refused before anything is sent", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        CHECK_THROWS_AS(client.read_registers(0, 3, 0, 1, kTimeout, yield), std::invalid_argument);
        CHECK_THROWS_AS(client.read_registers(248, 3, 0, 1, kTimeout, yield), std::invalid_argument);
        CHECK_THROWS_AS(client.read_registers(1, 5, 0, 1, kTimeout, yield), std::invalid_argument);
        CHECK_THROWS_AS(client.read_registers(1, 3, 0, 126, kTimeout, yield), std::invalid_argument);
        CHECK_THROWS_AS(client.read_registers(1, 3, 0xFFFF, 2, kTimeout, yield), std::invalid_argument);
        CHECK_THROWS_AS(client.write_registers(1, 0, {}, kTimeout, yield), std::invalid_argument);
        CHECK(peer.asked().empty());
        require_recovery(client, peer, yield);
    });
}

TEST_CASE("transports: the vendor's function 20h", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    wutong::protocols::MoneyCommand command;
    command.balance = 10'000;
    command.purchase_number = 5;
    const auto request = wutong::protocols::encode_money(command);
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        const auto outcome = client.vendor_write(1, request, 1'000ms, yield);
        if (!link.own()) {
            const auto fault = fault_of(outcome);
            CHECK(fault.kind == Kind::unsupported);
            CHECK_FALSE(fault.request_sent);
            CHECK(peer.asked().empty());
            return;
        }
        CHECK(acknowledged(outcome));
        REQUIRE(peer.asked().size() == 1);
        CHECK(peer.asked()[0].pdu == wutong::protocols::encode_request(request));
        peer.script({actions::exception(ExceptionCode::illegal_value)});
        CHECK(fault_of(client.vendor_write(1, request, 1'000ms, yield)).code == ExceptionCode::illegal_value);
    });
}

TEST_CASE("transports: a peer that never stops talking does not hold us", "[contract]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        const auto silent = std::make_shared<std::atomic<bool>>(false);
        peer.script({[silent](ScriptedPeer& self, const Asked&) {
            const wutong::protocols::Bytes rubbish(64, 0x55);
            for (int i = 0; i < 200; ++i) {
                self.send(rubbish);
                std::this_thread::sleep_for(5ms);
            }
            *silent = true;
        }});
        const Stopwatch bounded;
        CHECK(std::holds_alternative<ModbusFault>(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)));
        CHECK(std::holds_alternative<ModbusFault>(client.read_registers(2, 3, 0x10, 6, kTimeout, yield)));
        CHECK(bounded.elapsed() < 3'000ms);
        while (!*silent) {
            std::this_thread::sleep_for(10ms);
        }
        (void)client.read_registers(2, 3, 0x10, 6, kTimeout,
                                    yield);  // the last of the rubbish may still be in the way
        require_recovery(client, peer, yield);
    });
}
