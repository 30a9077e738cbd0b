#include <random>

#include "collector/transports/late_answers.hpp"
#include "unit/transports/links.hpp"

/// A late answer is never taken for the next one.
using namespace wutong::tests;
using wutong::collector::LateAnswers;

TEST_CASE("late answers: meter A's answer is not meter B's", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::late(1'000, kLate), actions::good(2'000), actions::good(2'000)});
        CHECK(fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)).kind == Kind::timeout);
        auto outcome = client.read_registers(2, 3, 0x10, 6, kTimeout, yield);
        if (link.own()) {
            CHECK(words_of(outcome) == counting(2'000, 6));  // A's is skipped, B's is waited for
            return;
        }
        for (int tries = 0; tries < 3 && std::holds_alternative<ModbusFault>(outcome); ++tries) {
            outcome = client.read_registers(2, 3, 0x10, 6, kTimeout, yield);
        }
        CHECK(words_of(outcome) == counting(2'000, 6));
    });
}

TEST_CASE("late answers: the previous answer after a time-out is not the next", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    const auto asked_again_after = GENERATE(0ms, 100ms, 350ms);
    INFO(link.name << ", asked again after " << asked_again_after.count() << " ms");
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::late(1'000, kLate), actions::good(2'000)});
        CHECK(fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)).kind == Kind::timeout);
        std::this_thread::sleep_for(asked_again_after);
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)) == counting(2'000, 6));
    });
}

TEST_CASE("late answers: a late refusal does not refuse the next question", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::late_exception(kLate), actions::good(2'000)});
        CHECK(fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield)).kind == Kind::timeout);
        CHECK(words_of(client.read_registers(1, 3, 0x20, 9, kTimeout, yield)) == counting(2'000, 9));
    });
}

TEST_CASE("late answers: a late acknowledgement does not acknowledge the next command", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::late(0, kLate), actions::silence(), actions::good(0)});
        CHECK(fault_of(client.write_registers(1, 0x57, {1, 1}, kTimeout, yield)).kind == Kind::timeout);
        // Over TCP the first answer comes while the second is waited for, and is seen to carry another
        // number.
        const auto unanswered = fault_of(client.write_registers(1, 0x57, {0, 0}, kTimeout, yield)).kind;
        CHECK((unanswered == Kind::timeout || unanswered == Kind::wrong_transaction));
        CHECK(acknowledged(client.write_registers(1, 0x57, {0, 0}, kTimeout, yield)));
    });
    REQUIRE(peer.asked().size() == 3);
}

TEST_CASE("late answers: the rest of a torn answer is not the next", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script(
            {actions::torn(1'000, kLate), actions::good(2'000), actions::good(2'000), actions::good(2'000)});
        (void)fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield));
        auto outcome = client.read_registers(1, 3, 0x10, 6, kTimeout, yield);
        for (int tries = 0; tries < 2 && std::holds_alternative<ModbusFault>(outcome); ++tries) {
            outcome = client.read_registers(1, 3, 0x10, 6, kTimeout, yield);
        }
        CHECK(words_of(outcome) == counting(2'000, 6));
    });
}

TEST_CASE("late answers: an answer that came twice is taken once", "[late]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::twice(1'000), actions::good(2'000), actions::good(3'000)});
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(1'000, 6));
        std::this_thread::sleep_for(20ms);
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(2'000, 6));
        CHECK(words_of(client.read_registers(1, 3, 0x10, 6, 1'000ms, yield)) == counting(3'000, 6));
    });
}

TEST_CASE("late answers: whatever happens, an accepted answer is the answer to the question",
          "[late][property]") {
    const auto link = GENERATE(from_range(all_links()));
    const auto seed = std::random_device{}();
    INFO(link.name << ", seed " << seed);
    std::mt19937 random{seed};
    constexpr std::size_t kRounds = 24;
    // The register asked for names the question, and so do the words of its answer; another question's answer
    // shows.
    std::vector<ScriptedPeer::Action> fates;
    for (std::size_t round = 0; round < kRounds; ++round) {
        const auto mine = static_cast<std::uint16_t>(1'000 * (round + 1));
        const std::vector<ScriptedPeer::Action> menu{
            actions::good(mine),         actions::good(mine),
            actions::late(mine, 180ms),  actions::silence(),
            actions::torn(mine, 0ms),    actions::torn(mine, 150ms),
            actions::garbled(mine),      actions::late_exception(180ms),
            actions::single_bytes(mine), actions::twice(mine)};
        fates.push_back(menu[random() % menu.size()]);
    }
    ScriptedPeer peer{link.wire};
    peer.script(std::vector<ScriptedPeer::Action>(kRounds, [&fates](ScriptedPeer& self, const Asked& asked) {
        fates.at(wutong::protocols::read_u16(asked.pdu, 1))(self, asked);
    }));
    std::size_t accepted = 0;
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        for (std::uint16_t round = 0; round < kRounds; ++round) {
            const auto unit = static_cast<std::uint8_t>(1 + random() % 2);
            const auto count = static_cast<std::uint16_t>(4 + random() % 2);
            const auto outcome = client.read_registers(unit, 3, round, count, 120ms, yield);
            if (const auto* words = std::get_if<wutong::protocols::Words>(&outcome)) {
                INFO("round " << round);
                CHECK(*words == counting(static_cast<std::uint16_t>(1'000 * (round + 1)), count));
                ++accepted;
            }
        }
    });
    CHECK(accepted > 0);
}

TEST_CASE("late answers: what is owed, until when", "[late]") {
    const auto now = wutong::collector::Monotonic::now();
    LateAnswers late;
    const wutong::protocols::ExpectedReply reply{7, {3, 2 + 2 * 2}};
    CHECK(late.clear_at(7, 3) == wutong::collector::Deadline{});
    late.expect(reply, now + 1s);
    CHECK(late.owed(7, 3));
    CHECK_FALSE(late.owed(7, 4));
    CHECK_FALSE(late.owed(8, 3));
    CHECK(late.clear_at(7, 3) == now + 1s);

    const auto frame = wutong::protocols::encode_rtu(7, wutong::protocols::encode_read_reply(3, {1, 2}));
    using Verdict = LateAnswers::Recognised::Verdict;
    for (std::size_t length = 1; length < frame.size(); ++length) {
        CHECK(late.recognise(wutong::protocols::ByteView{frame}.first(length)).verdict == Verdict::need_more);
    }
    CHECK(late.recognise(frame).verdict == Verdict::complete);
    CHECK(late.recognise(frame).length == frame.size());
    CHECK(late.recognise(wutong::protocols::from_hex("08 03")).verdict == Verdict::none);

    late.expire(now + 999ms);
    CHECK(late.owed(7, 3));
    late.expire(now + 1s);
    CHECK_FALSE(late.owed(7, 3));
}
