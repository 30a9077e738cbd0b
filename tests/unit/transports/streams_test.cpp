#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <stdexcept>

#include "collector/transports/tcp_stream.hpp"
#include "unit/transports/links.hpp"

using namespace wutong::tests;
using wutong::collector::LinkSettings;
using wutong::collector::Monotonic;
using wutong::collector::TapDirection;

TEST_CASE("serial timing follows the specification", "[streams]") {
    using wutong::collector::serial_timing;
    CHECK(serial_timing(9600, 10).character == 1'041'666ns);
    CHECK(serial_timing(9600, 10).gap == 3'645'831ns);
    CHECK(serial_timing(9600, 11).gap > serial_timing(9600, 10).gap);
    CHECK(serial_timing(19'200, 10).gap > 1'800us);
    CHECK(serial_timing(38'400, 10).gap == 1'750us);
    CHECK(serial_timing(115'200, 10).gap == 1'750us);
}

TEST_CASE("serial: the silence before a frame is kept", "[streams]") {
    ScriptedPeer peer{Wire::pty};
    auto settings = settings_for(all_links()[0], peer.endpoint());
    settings.serial.baud = 1200;  // a gap of 29 ms, well above what a busy machine adds
    Monotonic::time_point last_received{};
    int gaps = 0;
    const auto tap = [&](TapDirection direction, wutong::protocols::ByteView, Monotonic::time_point at) {
        if (direction == TapDirection::received) {
            last_received = at;
        } else if (last_received != Monotonic::time_point{}) {
            CHECK(at - last_received >= 29ms);
            ++gaps;
        }
    };
    with_client(
        settings,
        [&](ModbusClient& client, Yield yield) {
            for (std::uint8_t unit = 1; unit <= 5; ++unit) {
                (void)words_of(client.read_registers(unit, 3, 0, 2, 1'000ms, yield));
            }
        },
        tap);
    CHECK(gaps == 4);
}

TEST_CASE("tap: sees every byte in both directions", "[streams]") {
    const auto link =
        GENERATE(from_range(std::vector<LinkCase>(all_links().begin(), all_links().begin() + 3)));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    wutong::protocols::Bytes sent;
    wutong::protocols::Bytes received;
    with_client(
        settings_for(link, peer.endpoint()),
        [&](ModbusClient& client, Yield yield) {
            peer.script({actions::single_bytes(3)});
            (void)words_of(client.read_registers(1, 3, 0x3001, 6, 1'000ms, yield));
        },
        [&](TapDirection direction, wutong::protocols::ByteView bytes, Monotonic::time_point) {
            auto& into = direction == TapDirection::sent ? sent : received;
            into.insert(into.end(), bytes.begin(), bytes.end());
        });
    if (link.rtu()) {
        CHECK(wutong::protocols::to_hex(sent) == "01 03 30 01 00 06 9B 08");
        CHECK(received ==
              wutong::protocols::encode_rtu(1, wutong::protocols::encode_read_reply(3, counting(3, 6))));
    } else {
        CHECK(wutong::protocols::to_hex(sent) == "00 01 00 00 00 06 01 03 30 01 00 06");
        CHECK(received.size() == 7 + 14);
    }
}

TEST_CASE("clear_at tells a scheduler when the same question can be asked again", "[streams]") {
    const auto link = GENERATE(from_range(all_links()));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        peer.script({actions::silence()});
        (void)fault_of(client.read_registers(1, 3, 0x10, 6, kTimeout, yield));
        const auto now = Monotonic::now();
        CHECK(client.clear_at(2, 3) <= now);
        CHECK(client.clear_at(1, 16) <= now);
        if (link.rtu()) {
            CHECK(client.clear_at(1, 3) > now + kWindow / 2);
            CHECK(client.clear_at(1, 3) <= now + kWindow);
        } else {
            CHECK(client.clear_at(1, 3) <= now);
        }
    });
}

TEST_CASE("endpoints: what is understood and what is not", "[streams]") {
    using wutong::collector::parse_tcp_endpoint;
    CHECK(parse_tcp_endpoint("10.0.0.7:502")->port == 502);
    CHECK(parse_tcp_endpoint("gateway.example:15021")->host == "gateway.example");
    CHECK(parse_tcp_endpoint("[::1]:502")->host == "::1");
    for (const auto* bad : {"", ":502", "10.0.0.7", "10.0.0.7:", "10.0.0.7:0", "10.0.0.7:65536",
                            "10.0.0.7:5x", "::1:502", "a b:502", "10.0.0.7:-1"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_tcp_endpoint(bad));
    }
}

TEST_CASE("channel settings that can't work are named", "[streams]") {
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    const auto make = [&](LinkSettings settings, wutong::collector::Tap tap = {}) {
        return make_modbus_client(context.get_executor(), workers, settings, std::move(tap));
    };
    LinkSettings settings;
    CHECK_THROWS_WITH(make(settings), Catch::Contains("needs an endpoint"));
    settings.transport = wutong::collector::Transport::modbus_tcp;
    settings.endpoint = "10.0.0.7";
    CHECK_THROWS_WITH(make(settings), Catch::Contains("\"10.0.0.7\" is not host:port"));
    settings.endpoint = "10.0.0.7:502";
    settings.driver = wutong::collector::Driver::libmodbus;
    CHECK_NOTHROW(make(settings));
    CHECK_THROWS_WITH(make(settings, [](auto...) {}), Catch::Contains("tapped"));
    settings.transport = wutong::collector::Transport::rtu_over_tcp;
    CHECK_THROWS_WITH(make(settings), Catch::Contains("RTU over TCP"));
    settings.serial.baud = 0;
    CHECK_THROWS_WITH(make(settings), Catch::Contains("baud 0"));
}

TEST_CASE("ports that can't be opened are closed faults with the reason", "[streams]") {
    struct Row {
        std::string endpoint;
        int baud;
        const char* reason;
    };
    ScriptedPeer peer{Wire::pty};
    for (const auto& row : {Row{"/dev/there-is-no-such-port", 9600, "cannot be opened"},
                            Row{"/dev/null", 9600, "is not a serial port"},
                            Row{peer.endpoint(), 9601, "no such speed: 9601"}}) {
        auto settings = settings_for(all_links()[0], row.endpoint);
        settings.serial.baud = row.baud;
        with_client(settings, [&](ModbusClient& client, Yield yield) {
            const auto fault = fault_of(client.read_registers(1, 3, 0, 2, kTimeout, yield));
            CHECK(fault.kind == Kind::closed);
            CHECK_FALSE(fault.request_sent);
            CHECK_THAT(fault.detail, Catch::Contains(row.endpoint) && Catch::Contains(row.reason));
        });
    }
}

TEST_CASE("a port in use is refused to the second", "[streams]") {
    const auto first = GENERATE(wutong::collector::Driver::own, wutong::collector::Driver::libmodbus);
    const auto second = GENERATE(wutong::collector::Driver::own, wutong::collector::Driver::libmodbus);
    ScriptedPeer peer{Wire::pty};
    with_link({"", Wire::pty, first}, peer, [&](ModbusClient& client, Yield yield) {
        (void)words_of(client.read_registers(1, 3, 0, 2, 1'000ms, yield));
        with_link({"", Wire::pty, second}, peer, [&](ModbusClient& other, Yield other_yield) {
            const auto fault = fault_of(other.read_registers(1, 3, 0, 2, kTimeout, other_yield));
            CHECK(fault.kind == Kind::closed);
            CHECK_THAT(fault.detail, Catch::Contains("in use"));
        });
        (void)words_of(client.read_registers(1, 3, 0, 2, 1'000ms, yield));
    });
}

TEST_CASE("libmodbus is not given descriptors that it can't wait for", "[streams]") {
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const auto before = limit;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    const auto link = GENERATE(from_range(std::vector<LinkCase>(all_links().begin() + 3, all_links().end())));
    INFO(link.name);
    ScriptedPeer peer{link.wire};
    std::vector<int> filler;
    with_link(link, peer, [&](ModbusClient& client, Yield yield) {
        for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
             fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
            filler.push_back(fd);
            if (fd >= 1'030) {
                break;
            }
        }
        REQUIRE(filler.back() >= 1'024);
        const auto fault = fault_of(client.read_registers(1, 3, 0, 2, kTimeout, yield));
        CHECK(fault.kind == Kind::closed);
        CHECK_FALSE(fault.request_sent);
        CHECK_THAT(fault.detail, Catch::Contains("1023"));
        for (const int fd : filler) {
            ::close(fd);
        }
        CHECK(words_of(client.read_registers(1, 3, 0, 2, 1'000ms, yield)) == counting(0, 2));
    });
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("many channels on one context do not disturb each other", "[streams]") {
    constexpr std::size_t kChannels = 20;
    std::vector<std::unique_ptr<ScriptedPeer>> peers;
    boost::asio::io_context context;
    boost::asio::thread_pool workers{2};
    std::atomic<int> good = 0;
    for (std::size_t i = 0; i < kChannels; ++i) {
        const auto& link = all_links()[i % all_links().size()];
        auto& peer = *peers.emplace_back(std::make_unique<ScriptedPeer>(link.wire));
        const auto strand = boost::asio::make_strand(context);
        const auto settings = settings_for(link, peer.endpoint());
        boost::asio::spawn(strand, [&, strand, settings](Yield yield) {
            const auto client = make_modbus_client(strand, workers, settings);
            for (std::uint16_t n = 1; n <= 10; ++n) {
                peer.script({actions::good(static_cast<std::uint16_t>(n * 100))});
                const auto outcome = client->read_registers(1, 3, 0, 10, 2'000ms, yield);
                const auto* words = std::get_if<wutong::protocols::Words>(&outcome);
                good +=
                    words != nullptr && *words == counting(static_cast<std::uint16_t>(n * 100), 10) ? 1 : 0;
            }
        });
    }
    std::thread second{[&] { context.run(); }};
    context.run();
    second.join();
    CHECK(good == static_cast<int>(kChannels) * 10);
}
