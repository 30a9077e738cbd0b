#include "gateway/configuration.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <initializer_list>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

#include "collector/transports/tcp_stream.hpp"
#include "core/link_names.hpp"

namespace wutong::gateway {

namespace {

constexpr std::size_t kFileBytesMax = 1'000'000;
constexpr std::size_t kPortsMax = 64;

class Section {
public:
    Section(const toml::table& table, const std::string& file, std::initializer_list<const char*> known)
        : table_{table}, file_{file} {
        const std::set<std::string_view> allowed{known.begin(), known.end()};
        for (const auto& [key, node] : table) {
            if (!allowed.contains(key.str())) {
                fail(node, "unknown key " + std::string{key.str()});
            }
        }
    }
    [[noreturn]] void fail(const toml::node& at, const std::string& what) const {
        throw std::runtime_error(file_ + ":" + std::to_string(at.source().begin.line) + ": " + what);
    }
    [[nodiscard]] std::optional<std::string> text(const char* key) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value_exact<std::string>();
        if (!value || value->empty() || value->size() > 4'096) {
            fail(*node, std::string{key} + " must be text in quotes, not empty");
        }
        return *value;
    }
    [[nodiscard]] const toml::table* table(const char* key) const {
        const auto* node = table_.get(key);
        if (node != nullptr && node->as_table() == nullptr) {
            fail(*node, std::string{key} + " must be a section");
        }
        return node == nullptr ? nullptr : node->as_table();
    }
    [[nodiscard]] const toml::table& self() const { return table_; }

private:
    const toml::table& table_;
    const std::string& file_;
};

collector::LinkSuite suite_of(const Section& root, const std::string& text) {
    if (text == "tls") {
        return collector::LinkSuite::tls;
    }
    if (text == "triple_des") {
        return collector::LinkSuite::triple_des;
    }
    if (text == "plain") {
        return collector::LinkSuite::plain;
    }
    root.fail(*root.self().get("suite"), "suite \"" + text + "\" is not known; use tls, triple_des or plain");
}

void read_ports(const Section& root, const std::string& file, Configuration& into) {
    const auto* node = root.self().get("port");
    const auto* list = node == nullptr ? nullptr : node->as_array();
    if (list == nullptr) {
        throw std::runtime_error(file + ": there is no [[port]] with name and device");
    }
    std::set<std::string> names, devices;
    for (const auto& element : *list) {
        const auto* table = element.as_table();
        if (table == nullptr || into.ports.size() >= kPortsMax) {
            root.fail(element, "ports are written as [[port]], at most " + std::to_string(kPortsMax));
        }
        const Section section{*table, file, {"name", "device"}};
        PortSettings port{section.text("name").value_or(""), section.text("device").value_or("")};
        if (!core::is_serial_port_name(port.name) || port.device.empty()) {
            section.fail(element, "a port needs name (letters, digits, -, _) and device (/dev/ttyS0)");
        }
        if (!names.insert(port.name).second || !devices.insert(port.device).second) {
            section.fail(element, "name or device " + port.name + " is there twice");
        }
        into.ports.push_back(std::move(port));
    }
}

}  // namespace

Configuration parse_configuration(std::string_view text, const std::string& file) {
    toml::table table;
    try {
        table = toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        throw std::runtime_error(file + ":" + std::to_string(error.source().begin.line) +
                                 ": not valid TOML: " + std::string{error.description()});
    }
    Configuration into;
    const Section root{table, file, {"listen", "suite", "tls", "triple_des", "state", "port"}};
    if (const auto listen = root.text("listen")) {
        const auto endpoint = collector::parse_tcp_endpoint(*listen);
        if (!endpoint) {
            root.fail(*table.get("listen"), "listen must be an address with a port, as 0.0.0.0:7610");
        }
        into.address = endpoint->host;
        into.port = endpoint->port;
    }
    if (const auto suite = root.text("suite")) {
        into.suite = suite_of(root, *suite);
    }
    if (const auto* tls = root.table("tls")) {
        const Section section{*tls, file, {"authority", "certificate", "key"}};
        into.tls.authority = section.text("authority").value_or(into.tls.authority.string());
        into.tls.certificate = section.text("certificate").value_or(into.tls.certificate.string());
        into.tls.key = section.text("key").value_or(into.tls.key.string());
    }
    if (const auto* des = root.table("triple_des")) {
        const Section section{*des, file, {"secrets"}};
        into.secrets = section.text("secrets").value_or(into.secrets.string());
    }
    into.state = root.text("state").value_or(into.state.string());
    read_ports(root, file, into);
    return into;
}

Configuration load_configuration(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream content;
    if (!in || !(content << in.rdbuf()) || content.view().size() > kFileBytesMax) {
        throw std::runtime_error(file.string() + ": can't be read, or is no configuration");
    }
    return parse_configuration(content.view(), file.string());
}

}  // namespace wutong::gateway
