// Real sockets and pseudo-terminals, at real pace.
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "collector/protocols/modbus_crc.hpp"
#include "collector/protocols/modbus_rtu.hpp"
#include "collector/protocols/modbus_tcp.hpp"
#include "sim_fixture.hpp"
#include "simulator/simulator.hpp"

namespace wutong::simulator::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using Steady = std::chrono::steady_clock;

/// The small plan three times: on a pseudo-terminal, behind Modbus TCP and behind a serial server.
class RunningSimulator {
public:
    RunningSimulator()
        : folder{std::filesystem::temp_directory_path() / ("wutong-lines-" + std::to_string(::getpid()))} {
        SimulatorOptions options;
        options.control_port = 0;
        options.plan = small_plan();
        options.plan.lines[0].kind = LineKind::pty;
        options.plan.lines[0].link = folder / "bus1";
        for (const auto& [name, kind] :
             {std::pair{"gw1", LineKind::modbus_tcp}, {"gw2", LineKind::rtu_over_tcp}}) {
            LinePlan line;
            line.name = name;
            line.kind = kind;
            options.plan.lines.push_back(line);
            auto meter = small_plan().meters[0];
            meter.line = name;
            meter.code = std::string{"on-"} + name;
            meter.serial = kind == LineKind::modbus_tcp ? "202600000901" : "202600000902";
            options.plan.meters.push_back(meter);
        }
        simulator = std::make_unique<Simulator>(options, curves());
        thread = std::thread{[this] { simulator->run(); }};
    }
    ~RunningSimulator() {
        simulator->stop();
        thread.join();
        simulator.reset();
        std::filesystem::remove_all(folder);
    }
    RunningSimulator(const RunningSimulator&) = delete;
    RunningSimulator& operator=(const RunningSimulator&) = delete;

    [[nodiscard]] std::uint16_t gateway_port(const char* name) const {
        for (const auto& line : simulator->lines()) {
            if (line->plan().name == name) {
                return line->plan().port;
            }
        }
        return 0;
    }

    /// One HTTP exchange, as plain as it gets. @return status line and body
    [[nodiscard]] std::string http(const std::string& request) const {
        boost::asio::io_context context;
        tcp::socket socket{context};
        socket.connect({boost::asio::ip::address_v4::loopback(), simulator->control_port()});
        boost::system::error_code fault;
        boost::asio::write(socket, boost::asio::buffer(request), fault);
        std::string answer;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), fault);
        return answer;
    }
    [[nodiscard]] std::string call(const std::string& method, const std::string& target,
                                   const std::string& body = {}) const {
        return http(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
    }

    std::filesystem::path folder;
    std::unique_ptr<Simulator> simulator;
    std::thread thread;
};

struct Heard {
    protocols::Bytes bytes;
    std::vector<std::pair<std::size_t, Steady::duration>>
        arrivals;  ///< bytes so far, time since the question
};

/// Asks on a terminal and listens until `want` bytes are there or `wait` is over.
Heard ask(int terminal, const protocols::Bytes& question, std::size_t want, std::chrono::milliseconds wait) {
    Heard heard;
    const auto start = Steady::now();
    REQUIRE(::write(terminal, question.data(), question.size()) == static_cast<ssize_t>(question.size()));
    while (heard.bytes.size() < want && Steady::now() - start < wait) {
        pollfd waiting{terminal, POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) {
            continue;
        }
        std::array<std::uint8_t, 256> buffer{};
        const auto length = ::read(terminal, buffer.data(), buffer.size());
        if (length > 0) {
            heard.bytes.insert(heard.bytes.end(), buffer.begin(), buffer.begin() + length);
            heard.arrivals.emplace_back(heard.bytes.size(), Steady::now() - start);
        }
    }
    return heard;
}

int open_terminal(const std::filesystem::path& link) {
    const int terminal = ::open(link.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
    REQUIRE(terminal >= 0);
    return terminal;
}

const protocols::Bytes kReadLive = protocols::encode_rtu(1, protocols::Bytes{0x03, 0x02, 0x00, 0x00, 0x30});

}  // namespace

TEST_CASE("lines: bytes on a pseudo-terminal are never early and come one by one") {
    const RunningSimulator running;
    const int terminal = open_terminal(running.folder / "bus1");
    const auto byte = byte_time(LinePlan{});
    const auto heard = ask(terminal, kReadLive, 101, 2s);
    REQUIRE(heard.bytes.size() == 101);
    CHECK(protocols::modbus_crc_holds(heard.bytes));
    const auto question = byte * 8 + 10ms;
    for (const auto& [count, when] : heard.arrivals) {
        CHECK(when >= question + byte * static_cast<std::int64_t>(count));
    }
    // The whole exchange takes 123.5 ms on the wire; the margin is for a machine that is busy elsewhere.
    CHECK(heard.arrivals.back().second < question + byte * 101 + 500ms);
    CHECK(heard.arrivals.size() > 3);
    ::close(terminal);
}

TEST_CASE("lines: masters come and go, and what comes while the bus sends is not heard") {
    const RunningSimulator running;
    int terminal = open_terminal(running.folder / "bus1");
    REQUIRE(::write(terminal, kReadLive.data(), kReadLive.size()) == 8);
    pollfd waiting{terminal, POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, 2'000) == 1);  // the answer has begun; a hundred bytes are to come
    REQUIRE(::write(terminal, kReadLive.data(), kReadLive.size()) == 8);
    std::this_thread::sleep_for(400ms);
    ::close(terminal);
    terminal = open_terminal(running.folder / "bus1");
    ::tcflush(terminal, TCIFLUSH);
    CHECK(ask(terminal, kReadLive, 101, 2s).bytes.size() == 101);
    ::close(terminal);
    CHECK_THAT(running.call("GET", "/v1/buses"),
               Catch::Contains("\"collision_bytes\":8,") && Catch::Contains("\"answers\":2,"));
}

TEST_CASE("lines: torn, garbled, repeated and late answers on a bus") {
    const RunningSimulator running;
    const int terminal = open_terminal(running.folder / "bus1");
    const auto fault = [&](const std::string& kind) {
        CHECK_THAT(running.call("POST", "/v1/faults",
                                R"({"target":"bus:bus1","delay_ms":300,"kind":")" + kind + "\"}"),
                   Catch::Contains("201"));
    };
    const auto question = protocols::encode_rtu(1, protocols::Bytes{0x03, 0x02, 0x21, 0x00, 0x01});
    fault("torn_answer");
    CHECK(ask(terminal, question, 7, 400ms).bytes.size() == 3);
    fault("garbled_answer");
    const auto garbled = ask(terminal, question, 7, 2s);
    CHECK(garbled.bytes.size() == 7);
    CHECK_FALSE(protocols::modbus_crc_holds(garbled.bytes));
    fault("repeated_answer");
    const auto repeated = ask(terminal, question, 14, 2s);
    REQUIRE(repeated.bytes.size() == 14);
    CHECK(std::equal(repeated.bytes.begin(), repeated.bytes.begin() + 7, repeated.bytes.begin() + 7));
    fault("late_answer");
    const auto late = ask(terminal, question, 7, 2s);
    REQUIRE(late.bytes.size() == 7);
    CHECK(late.arrivals.front().second >= 300ms);
    fault("foreign_answer");
    CHECK(ask(terminal, question, 7, 2s).bytes.at(0) == 2);
    ::close(terminal);
}

TEST_CASE("lines: Modbus TCP: answers, 0Bh for nobody, late answers keep their transaction") {
    const RunningSimulator running;
    boost::asio::io_context context;
    tcp::socket socket{context};
    socket.connect({boost::asio::ip::address_v4::loopback(), running.gateway_port("gw1")});
    const auto exchange = [&](std::uint16_t transaction, std::uint8_t unit, std::size_t length) {
        const auto question = protocols::encode_tcp({transaction, unit, {0x03, 0x02, 0x00, 0x00, 0x01}});
        boost::asio::write(socket, boost::asio::buffer(question));
        protocols::Bytes answer(length);
        boost::asio::read(socket, boost::asio::buffer(answer));
        return protocols::to_hex(answer);
    };
    CHECK(exchange(0x1234, 1, 11) == "12 34 00 00 00 05 01 03 02 00 07");
    const auto start = Steady::now();
    CHECK(exchange(0x1235, 9, 9) == "12 35 00 00 00 03 09 83 0B");
    CHECK(Steady::now() - start >= 300ms);
    CHECK_THAT(
        running.call("POST", "/v1/faults", R"({"target":"gateway:gw1","kind":"late_answer","delay_ms":200})"),
        Catch::Contains("201"));
    const auto question = protocols::encode_tcp({0x2001, 1, {0x03, 0x02, 0x00, 0x00, 0x01}});
    boost::asio::write(socket, boost::asio::buffer(question));
    CHECK(exchange(0x2002, 1, 11).substr(0, 5) == "20 02");
    protocols::Bytes late(11);
    boost::asio::read(socket, boost::asio::buffer(late));
    CHECK(protocols::to_hex(late).substr(0, 5) == "20 01");
}

TEST_CASE("lines: a dead gateway closes and refuses, and comes back on the same port") {
    const RunningSimulator running;
    boost::asio::io_context context;
    const tcp::endpoint endpoint{boost::asio::ip::address_v4::loopback(), running.gateway_port("gw2")};
    tcp::socket socket{context};
    socket.connect(endpoint);
    CHECK_THAT(running.call("PATCH", "/v1/gateways/gw2", R"({"dead":true})"),
               Catch::Contains("\"dead\":true"));
    protocols::Bytes byte(1);
    boost::system::error_code fault;
    boost::asio::read(socket, boost::asio::buffer(byte), fault);
    CHECK(fault);
    tcp::socket again{context};
    again.connect(endpoint, fault);
    CHECK(fault == boost::asio::error::connection_refused);
    CHECK_THAT(running.call("PATCH", "/v1/gateways/gw2", R"({"dead":false})"),
               Catch::Contains("\"dead\":false"));
    tcp::socket back{context};
    back.connect(endpoint);
    boost::asio::write(back, boost::asio::buffer(kReadLive));
    protocols::Bytes answer(101);
    boost::asio::read(back, boost::asio::buffer(answer));
    CHECK(protocols::modbus_crc_holds(answer));
}

TEST_CASE("lines: a flood is over when it ends") {
    const RunningSimulator running;
    boost::asio::io_context context;
    tcp::socket socket{context};
    socket.connect({boost::asio::ip::address_v4::loopback(), running.gateway_port("gw2")});
    boost::asio::write(socket, boost::asio::buffer(protocols::Bytes(100'000, 0x55)));  // 104 s of wire time
    std::this_thread::sleep_for(3s);
    const auto start = Steady::now();
    boost::asio::write(socket, boost::asio::buffer(kReadLive));
    protocols::Bytes answer(101);
    boost::asio::read(socket, boost::asio::buffer(answer));
    CHECK(protocols::modbus_crc_holds(answer));
    CHECK(Steady::now() - start < 3s);
}

TEST_CASE("lines: the control port has limits") {
    const RunningSimulator running;
    CHECK_THAT(running.call("GET", "/v1/health"), Catch::StartsWith("HTTP/1.1 200"));
    CHECK_THAT(running.call("POST", "/v1/faults", "nonsense"), Catch::StartsWith("HTTP/1.1 400"));
    CHECK_THAT(running.call("POST", "/v1/faults", std::string(70'000, ' ')),
               Catch::StartsWith("HTTP/1.1 413"));
    CHECK_THAT(running.http("nonsense\r\n\r\n"), Catch::StartsWith("HTTP/1.1 400"));
    CHECK_THAT(running.call("GET", "/v1/health"), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("lines: a second simulator on the same control port is refused, the links stay") {
    const RunningSimulator running;
    SimulatorOptions options;
    options.plan = small_plan();
    options.plan.lines[0].kind = LineKind::pty;
    options.plan.lines[0].link = running.folder / "bus1";
    options.control_port = running.simulator->control_port();
    const auto link = std::filesystem::read_symlink(running.folder / "bus1");
    CHECK_THROWS_WITH(Simulator(options, curves()), Catch::Contains("is another wutong-sim running"));
    CHECK(std::filesystem::read_symlink(running.folder / "bus1") == link);
}

TEST_CASE("lines: stopping takes the links away and keeps the state") {
    std::filesystem::path folder;
    {
        const RunningSimulator running;
        folder = running.folder;
        CHECK(std::filesystem::is_symlink(folder / "bus1"));
    }
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(folder / "bus1")));

    std::filesystem::create_directories(folder);
    SimulatorOptions options;
    options.plan = small_plan();
    options.control_port = 0;
    options.state_file = folder / "state.json";
    {
        Simulator first{options, curves()};
        first.building().find("202600000001")->prepaid()->set_balance_cents(777);
        first.stop();
        first.run();
    }
    {
        Simulator second{options, curves()};
        CHECK(second.restored() == 4);
        CHECK(second.building().find("202600000001")->prepaid()->balance_cents() == 777);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace wutong::simulator::test
