#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>

#include "gateway/gateway.hpp"

// wutong-gateway: the serial ports of this machine, offered to the collector over an encrypted link.
int main(int argc, char** argv) {
    CLI::App app{"Offers serial ports to the collector over an encrypted link", "wutong-gateway"};
    std::string file = "/etc/wutong/gateway.toml";
    bool check = false;
    app.add_option("--config", file, "Configuration file")->capture_default_str();
    app.add_flag("--check-config", check, "Only check the configuration");
    app.set_version_flag("--version", WUTONG_VERSION);
    CLI11_PARSE(app, argc, argv);
    try {
        auto configuration = wutong::gateway::load_configuration(file);
        if (check) {
            std::cout << file << ": good\n";
            return 0;
        }
        ::umask(0077);
        boost::asio::io_context context;
        wutong::gateway::Gateway gateway{context, std::move(configuration),
                                         [](const std::string& line) { std::cout << line << std::endl; }};
        boost::asio::signal_set signals{context, SIGINT, SIGTERM};
        signals.async_wait([&](const boost::system::error_code&, int) {
            gateway.stop();
            context.stop();
        });
        std::cout << "event=listening port=" << gateway.port() << std::endl;
        ::sd_notify(0, "READY=1");
        context.run();
    } catch (const std::exception& error) {
        std::cerr << "event=not_started reason=\"" << error.what() << "\"\n";
        return 2;
    }
    return 0;
}
