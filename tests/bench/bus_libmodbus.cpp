// The obvious loop with libmodbus, its defaults untouched: one read per meter, round after round.
//
//   bench_bus_libmodbus PORT METERS SECONDS
#include <modbus.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("bench_bus_libmodbus PORT METERS SECONDS\n", stderr);
        return 2;
    }
    const int meters = std::atoi(argv[2]);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{std::atoi(argv[3])};
    const std::unique_ptr<modbus_t, void (*)(modbus_t*)> bus{modbus_new_rtu(argv[1], 9600, 'N', 8, 1),
                                                             [](modbus_t* context) {
                                                                 modbus_close(context);
                                                                 modbus_free(context);
                                                             }};
    if (!bus || modbus_connect(bus.get()) != 0) {
        std::fprintf(stderr, "%s: %s\n", argv[1], modbus_strerror(errno));
        return 1;
    }
    int answered = 0;
    int failed = 0;
    std::array<std::uint16_t, 48> words{};
    for (int unit = 1; std::chrono::steady_clock::now() < end; unit = unit % meters + 1) {
        modbus_set_slave(bus.get(), unit);
        if (modbus_read_registers(bus.get(), 0x0200, static_cast<int>(words.size()), words.data()) ==
            static_cast<int>(words.size())) {
            ++answered;
        } else {
            ++failed;
        }
    }
    std::printf("answered %d failed %d\n", answered, failed);
    return 0;
}
