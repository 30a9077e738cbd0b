#include <stdexcept>

#include "unit/transports/links.hpp"

/// Frames of another protocol between Modbus ones, on real pseudo-terminals and sockets.
using namespace wutong::tests;
using wutong::collector::FrameExchange;
using wutong::collector::FrameMatch;
using wutong::collector::FrameOutcome;
using wutong::protocols::Bytes;
using wutong::protocols::ByteView;
using Verdict = FrameMatch::Verdict;

namespace {

const LinkCase& pick(bool over_tcp) {
    return all_links()[over_tcp ? 1 : 0];
}

/// The content must begin with the question's word.
FrameExchange ask(std::uint8_t unit, const std::string& word) {
    FrameExchange exchange;
    exchange.request = tiny_frame(unit, Bytes{word.begin(), word.end()});
    exchange.answer_bytes = 16;
    exchange.key = "tiny " + std::to_string(unit) + ' ' + word;
    exchange.match = [unit, word](ByteView received) -> FrameMatch {
        if (received[0] != '#') {
            return {Verdict::not_mine, 1};
        }
        if (received.size() < 4 || received.size() < std::size_t{4} + received[2]) {
            return {Verdict::need_more, 0};
        }
        const std::size_t length = std::size_t{4} + received[2];
        const auto content = received.subspan(3, received[2]);
        if (received[1] != unit || content.size() < word.size() ||
            !std::equal(word.begin(), word.end(), content.begin())) {
            return {Verdict::not_mine, length};
        }
        const auto whole = tiny_frame(unit, content);
        return {whole.back() == received[length - 1] ? Verdict::complete : Verdict::spoiled, length};
    };
    return exchange;
}

std::string told(const FrameOutcome& outcome) {
    if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
        return describe(*fault);
    }
    const auto& frame = std::get<Bytes>(outcome);
    return frame.size() < 4 ? std::string{} : std::string{frame.begin() + 3, frame.end() - 1};
}

Bytes answer(std::uint8_t unit, const std::string& text) {
    return tiny_frame(unit, Bytes{text.begin(), text.end()});
}

ScriptedPeer::Action says(std::vector<Bytes> pieces, std::chrono::milliseconds after = 0ms) {
    return [pieces = std::move(pieces), after](ScriptedPeer& peer, const Asked&) {
        std::this_thread::sleep_for(after);
        for (const auto& piece : pieces) {
            peer.send(piece);
            std::this_thread::sleep_for(5ms);
        }
    };
}

Bytes cut(const Bytes& frame, std::size_t from, std::size_t to) {
    return {frame.begin() + static_cast<std::ptrdiff_t>(from),
            frame.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST_CASE("frames: a bus mixes protocols", "[contract][frames]") {
    const auto& link = pick(GENERATE(false, true));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        const auto whole = answer(9, "volt 230");
        peer.script({actions::good(5),
                     says({cut(whole, 0, 2), cut(whole, 2, 7), cut(whole, 7, whole.size())}),
                     actions::good(6)});
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(5, 6));
        CHECK(told(client.exchange_frames(ask(9, "volt"), 1'000ms, yield)) == "volt 230");
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(6, 6));
    });
    const auto asked = peer.asked();
    REQUIRE(asked.size() == 3);
    CHECK(asked[1].unit == 9);
    CHECK(std::string{asked[1].pdu.begin(), asked[1].pdu.end()} == "volt");
}

TEST_CASE("frames: rubbish and a stranger's frame before the answer are skipped", "[contract][frames]") {
    const auto& link = pick(GENERATE(false, true));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({says({Bytes{0xFE, 0xFE}, answer(8, "volt 111"), answer(9, "volt 230")})});
        CHECK(told(client.exchange_frames(ask(9, "volt"), 1'000ms, yield)) == "volt 230");
    });
}

TEST_CASE("frames: garbled, torn, foreign and silent are faults, and the next question is answered",
          "[contract][frames]") {
    const auto& link = pick(GENERATE(false, true));
    auto garbled = answer(9, "volt 230");
    garbled.back() ^= 0x40;
    struct Row {
        const char* what;
        ScriptedPeer::Action action;
        Kind kind;
        bool owed;
    };
    const std::vector<Row> rows{
        {"garbled", says({garbled}), Kind::crc, false},
        {"torn", says({cut(answer(9, "volt 230"), 0, 6)}), Kind::torn, true},
        {"foreign", says({answer(8, "volt 111")}), Kind::foreign, true},
        {"silent", actions::silence(), Kind::timeout, true},
    };
    for (const auto& row : rows) {
        INFO(link.name << ", " << row.what);
        ScriptedPeer peer{link.wire};
        with_link(link, peer, [&](ModbusClient& client, Yield yield) {
            peer.script({row.action});
            const auto fault = fault_of(client.exchange_frames(ask(9, "volt"), kTimeout, yield));
            INFO(describe(fault));
            CHECK(fault.kind == row.kind);
            CHECK(fault.request_sent);
            CHECK((client.frames_clear_at("tiny 9 volt") > wutong::collector::Monotonic::now()) == row.owed);
            // Registers of others, and another question to the same meter, wait for nobody.
            peer.script({actions::good(3), says({answer(9, "amp 5")}), says({answer(9, "volt 229")})});
            CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(3, 6));
            CHECK(told(client.exchange_frames(ask(9, "amp"), 1'000ms, yield)) == "amp 5");
            CHECK(told(client.exchange_frames(ask(9, "volt"), 1'000ms, yield)) == "volt 229");
        });
    }
}

TEST_CASE("frames: a late answer is never the next one's, in either protocol", "[contract][frames]") {
    const auto& link = pick(GENERATE(false, true));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        // The peer is busy with the late one, so what is asked meanwhile is answered right behind it.
        peer.script({says({answer(9, "volt 1")}, kLate), actions::good(40)});
        CHECK(fault_of(client.exchange_frames(ask(9, "volt"), kTimeout, yield)).kind == Kind::timeout);
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 2'000ms, yield)) == counting(40, 6));

        peer.script({actions::late(50, kLate), says({answer(9, "volt 2")})});
        CHECK(fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)).kind == Kind::timeout);
        CHECK(told(client.exchange_frames(ask(9, "volt"), 2'000ms, yield)) == "volt 2");

        peer.script({says({answer(9, "volt 3")}, kLate), says({answer(9, "volt 4")})});
        CHECK(fault_of(client.exchange_frames(ask(9, "volt"), kTimeout, yield)).kind == Kind::timeout);
        CHECK(told(client.exchange_frames(ask(9, "volt"), 2'000ms, yield)) == "volt 4");
    });
}

TEST_CASE("frames: a broadcast waits for nobody", "[contract][frames]") {
    const auto& link = pick(GENERATE(false, true));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        FrameExchange broadcast = ask(0, "time");
        broadcast.match = {};
        peer.script({actions::silence(), says({answer(9, "volt 230")})});
        const auto outcome = client.exchange_frames(broadcast, 5'000ms, yield);
        CHECK(std::get<Bytes>(outcome).empty());
        CHECK(client.frames_clear_at(broadcast.key) == wutong::collector::Deadline{});
        // The next request may follow closely, so the peer sees the two apart only by what they are.
        while (peer.asked().empty()) {
            std::this_thread::sleep_for(2ms);
        }
        CHECK(told(client.exchange_frames(ask(9, "volt"), 1'000ms, yield)) == "volt 230");
    });
}

TEST_CASE("frames: lines that carry Modbus only say so, and send nothing", "[contract][frames]") {
    const auto& link = all_links()[GENERATE(2U, 3U, 4U)];
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        const auto fault = fault_of(client.exchange_frames(ask(9, "volt"), 1'000ms, yield));
        CHECK(fault.kind == Kind::unsupported);
        CHECK_FALSE(fault.request_sent);
        CHECK_THAT(fault.detail, Catch::Contains(peer.endpoint()) && Catch::Contains("Modbus only"));
    });
    CHECK(peer.asked().empty());
}

TEST_CASE("frames: a matcher that breaks its promises is a fault of ours, told as such", "[frames]") {
    const auto& link = pick(false);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        auto broken = ask(9, "volt");
        broken.match = [](ByteView) -> FrameMatch { return {Verdict::not_mine, 0}; };
        peer.script({says({answer(9, "volt 1")})});
        CHECK_THROWS_AS(client.exchange_frames(broken, 1'000ms, yield), std::logic_error);
        broken.key.clear();
        CHECK_THROWS_AS(client.exchange_frames(broken, 1'000ms, yield), std::invalid_argument);
    });
}
