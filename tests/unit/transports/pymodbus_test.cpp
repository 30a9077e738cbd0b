#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "collector/protocols/acrel_frames.hpp"
#include "unit/transports/links.hpp"

/// Our clients against a device that we did not write.
using namespace wutong::tests;
using wutong::protocols::to_hex;

namespace {

class PymodbusDevice {
public:
    explicit PymodbusDevice(const char* kind) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
        REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::dup2(in[0], STDIN_FILENO);
            ::dup2(out[1], STDOUT_FILENO);
            // Debian's own Python, which has Debian's pymodbus.
            ::execl("/usr/bin/python3", "python3", WUTONG_SOURCE_DIR "/tests/peers/pymodbus_device.py", kind,
                    nullptr);
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        input_ = in[1];
        output_ = out[0];
        port_ = line("LISTENING ");
    }
    PymodbusDevice(const PymodbusDevice&) = delete;
    PymodbusDevice& operator=(const PymodbusDevice&) = delete;
    ~PymodbusDevice() {
        ::close(input_);
        ::close(output_);
        ::kill(child_, SIGTERM);
        ::waitpid(child_, nullptr, 0);
    }

    [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + port_; }

    /// The rest of the next line that begins so; others are passed over.
    std::string line(const std::string& beginning) {
        const auto until = wutong::collector::Monotonic::now() + 20s;
        while (wutong::collector::Monotonic::now() < until) {
            const auto end = text_.find('\n');
            if (end != std::string::npos) {
                const auto found = text_.substr(0, end);
                text_.erase(0, end + 1);
                if (found.rfind(beginning, 0) == 0) {
                    return found.substr(beginning.size());
                }
                continue;
            }
            pollfd waiting{output_, POLLIN, 0};
            if (::poll(&waiting, 1, 1'000) > 0) {
                std::array<char, 1024> chunk{};
                const auto count = ::read(output_, chunk.data(), chunk.size());
                if (count <= 0) {
                    break;
                }
                text_.append(chunk.data(), static_cast<std::size_t>(count));
            }
        }
        FAIL("pymodbus said no line that begins with " << beginning << " (is python3-pymodbus installed?)");
        return {};
    }

private:
    pid_t child_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string port_;
    std::string text_;
};

void require_reads(ModbusClient& client, Yield yield) {
    CHECK(words_of(client.read_registers(1, 3, 0x0200, 48, 2'000ms, yield)) == counting(0x0201, 48));
    CHECK(words_of(client.read_registers(1, 4, 0x0000, 125, 2'000ms, yield)) == counting(0x0002, 125));
    CHECK(words_of(client.read_registers(1, 3, 0xFFFF, 1, 2'000ms, yield)) == counting(0x0000, 1));
    CHECK(acknowledged(client.write_registers(1, 0x0057, {1, 1}, 2'000ms, yield)));
    CHECK(words_of(client.read_registers(1, 3, 0x0057, 2, 2'000ms, yield)) == wutong::protocols::Words{1, 1});
}

}  // namespace

TEST_CASE("pymodbus answers our RTU client, and receives the money frame of the fact sheet", "[peer]") {
    PymodbusDevice device{"rtu"};
    wutong::protocols::MoneyCommand command;
    command.balance = 10'000;
    command.purchase_number = 5;
    with_client(settings_for({"", Wire::rtu_over_tcp, wutong::collector::Driver::own}, device.endpoint()),
                [&](ModbusClient& client, Yield yield) {
                    const auto outcome =
                        client.vendor_write(1, wutong::protocols::encode_money(command), 2'000ms, yield);
                    CHECK(acknowledged(outcome));
                    require_reads(client, yield);
                });
    auto frame = wutong::protocols::from_hex("01 20 02 00 00 1E 3C 00 00 01 00 00 27 10 01 00 05");
    frame.resize(67, 0);
    frame.push_back(0x5C);
    frame.push_back(0xCA);
    CHECK(device.line("RECEIVED ") == to_hex(frame));
    CHECK(device.line("VENDOR ") == "1 0200 30 " + to_hex(wutong::protocols::ByteView{frame}.subspan(7, 60)));
    CHECK(device.line("RECEIVED ") == "01 03 02 00 00 30 44 66");
}

TEST_CASE("pymodbus answers our Modbus TCP client", "[peer]") {
    PymodbusDevice device{"tcp"};
    with_client(settings_for({"", Wire::modbus_tcp, wutong::collector::Driver::own}, device.endpoint()),
                [&](ModbusClient& client, Yield yield) {
                    const auto clock = wutong::protocols::encode_clock({2026, 1, 1, 8, 30, 0});
                    CHECK(acknowledged(client.vendor_write(1, clock, 2'000ms, yield)));
                    require_reads(client, yield);
                });
    CHECK(device.line("VENDOR ") == "1 0354 5 00 1E 08 04 01 01 1A 00 00 00");
}

TEST_CASE("pymodbus answers libmodbus behind our interface", "[peer]") {
    PymodbusDevice device{"tcp"};
    with_client(settings_for({"", Wire::modbus_tcp, wutong::collector::Driver::libmodbus}, device.endpoint()),
                [&](ModbusClient& client, Yield yield) { require_reads(client, yield); });
}
