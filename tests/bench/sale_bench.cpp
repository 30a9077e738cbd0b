// Sells through gRPC as counters do: each client has its own connection, waits for its receipt, then sells
// again. First makes what it sells to: one property with many prepaid meters, all on opened accounts. Prints
// one line per figure: NAME value unit. The script beside it runs the peer and adds the comparison.
#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <wutong/v1/account_service.grpc.pb.h>
#include <wutong/v1/device_service.grpc.pb.h>
#include <wutong/v1/sale_service.grpc.pb.h>
#include <wutong/v1/session_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace v1 = wutong::v1;
using Steady = std::chrono::steady_clock;

struct Options {
    std::string when_warm;
    std::string address;
    std::string certificate_file;
    std::string certificate_name = "localhost";
    std::string operator_name;
    std::string password_file;
    std::string profile = "acrel-ddsy1352";
    std::int64_t property_id = 0;  ///< 0: one is imported
    int meters = 2000;
    int seconds = 15;
    std::vector<int> clients{1, 16};
};

struct Target {
    std::int64_t account_id = 0;
    std::int64_t meter_id = 0;
};

std::string file_text(const std::string& path) {
    std::ifstream in{path};
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A random UUID, version 4.
std::string make_request_id() {
    thread_local std::mt19937_64 random{std::random_device{}()};
    const auto high = (random() & 0xffff'ffff'ffff'0fffULL) | 0x4000ULL;
    const auto low = (random() & 0x3fff'ffff'ffff'ffffULL) | 0x8000'0000'0000'0000ULL;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                       high & 0xffff, low >> 48, low & 0xffff'ffff'ffffULL);
}

class Connection {
public:
    explicit Connection(const Options& options) {
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = file_text(options.certificate_file);
        grpc::ChannelArguments arguments;
        arguments.SetSslTargetNameOverride(options.certificate_name);
        // Every client stands for a counter of its own; gRPC would put them all on one connection.
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        channel_ = grpc::CreateCustomChannel(options.address, grpc::SslCredentials(tls), arguments);
    }

    template <class Service, class Request, class Response>
    grpc::Status call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      typename Service::Stub& stub, const Request& request, Response& response,
                      std::chrono::seconds patience = std::chrono::seconds{60}) const {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + patience);
        if (!token_.empty()) {
            context.AddMetadata("authorization", "Bearer " + token_);
        }
        return (stub.*method)(&context, request, &response);
    }

    void use_token(std::string token) { token_ = std::move(token); }
    [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

private:
    std::shared_ptr<grpc::Channel> channel_;
    std::string token_;
};

void must(const grpc::Status& status, const std::string& what) {
    if (!status.ok()) {
        throw std::runtime_error(fmt::format("{}: {} (code {})", what, status.error_message(),
                                             static_cast<int>(status.error_code())));
    }
}

std::string sign_in(const Options& options) {
    const Connection connection{options};
    const auto stub = v1::SessionService::NewStub(connection.channel());
    v1::SignInRequest request;
    request.set_operator_(options.operator_name);
    auto password = file_text(options.password_file);
    password.erase(password.find_last_not_of("\r\n") + 1);
    request.set_password(password);
    v1::SignInResponse response;
    must(connection.call<v1::SessionService>(&v1::SessionService::Stub::SignIn, *stub, request, response),
         "sign in");
    return response.token();
}

/// Meters on channels that no collector holds: the deliveries stay queued, and only the sale is measured.
std::int64_t import_property(const Options& options, Connection& connection) {
    constexpr int kPerChannel = 200;
    const auto code = fmt::format("BENCH{:06}", std::random_device{}() % 1'000'000);
    std::string site = fmt::format(
        "[property]\ncode = \"{0}\"\nname = \"Bench\"\ntime_zone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n\n"
        "[[building]]\ncode = \"A\"\nname = \"A\"\nfloors = 1\n\n"
        "[[gateway]]\ncode = \"G\"\nkind = \"rtu_over_tcp\"\nname = \"G\"\nendpoint = \"127.0.0.1:9\"\n\n",
        code);
    std::string meters = "property,building,floor,unit,channel,address,profile,serial,code,role,feeds\n";
    for (int i = 0; i < options.meters; ++i) {
        if (i % kPerChannel == 0) {
            site += fmt::format(
                "[[channel]]\ncode = \"C{0}\"\ngateway = \"G\"\ntransport = \"rtu_over_tcp\"\nendpoint = "
                "\"127.0.0.1:9\"\n\n",
                i / kPerChannel);
        }
        meters += fmt::format("{},A,1,U{:05},C{},{},{},9{:011},M{:05},prepaid,\n", code, i, i / kPerChannel,
                              i % kPerChannel + 1, options.profile, i, i);
    }
    v1::ImportRequest request;
    request.set_request_id(make_request_id());
    auto& site_file = *request.add_files();
    site_file.set_name("import.toml");
    site_file.set_content(site);
    auto& meter_file = *request.add_files();
    meter_file.set_name("meters.csv");
    meter_file.set_content(meters);
    const auto stub = v1::DeviceService::NewStub(connection.channel());
    v1::ImportResponse response;
    must(connection.call<v1::DeviceService>(&v1::DeviceService::Stub::Import, *stub, request, response),
         "import");
    for (const auto& fault : response.faults()) {
        std::cerr << fault.file() << ':' << fault.line() << ": " << fault.column() << ": " << fault.text()
                  << '\n';
    }
    if (response.faults_size() > 0) {
        throw std::runtime_error("the import found faults");
    }
    return response.property_id();
}

std::vector<Target> open_accounts(Connection& connection, std::int64_t property_id) {
    constexpr int kMetersPerAccount = 50;
    std::vector<std::int64_t> meters;
    const auto devices = v1::DeviceService::NewStub(connection.channel());
    v1::ListMetersRequest list;
    list.set_property_id(property_id);
    list.mutable_page()->set_size(1000);
    do {
        v1::ListMetersResponse page;
        must(connection.call<v1::DeviceService>(&v1::DeviceService::Stub::ListMeters, *devices, list, page),
             "list meters");
        for (const auto& meter : page.meters()) {
            meters.push_back(meter.meter_id());
        }
        list.mutable_page()->set_token(page.next_page_token());
    } while (!list.page().token().empty());

    std::vector<Target> targets;
    const auto accounts = v1::AccountService::NewStub(connection.channel());
    for (std::size_t first = 0; first < meters.size(); first += kMetersPerAccount) {
        v1::OpenAccountRequest request;
        request.set_request_id(make_request_id());
        request.set_property_id(property_id);
        request.mutable_customer()->set_name(fmt::format("Bench customer {}", first / kMetersPerAccount));
        request.set_method(v1::TENDER_METHOD_CASH);
        const auto last = std::min(meters.size(), first + kMetersPerAccount);
        for (auto i = first; i < last; ++i) {
            request.add_meters()->set_meter_id(meters[i]);
        }
        v1::OpenAccountResponse response;
        must(connection.call<v1::AccountService>(&v1::AccountService::Stub::OpenAccount, *accounts, request,
                                                 response),
             "open account");
        for (auto i = first; i < last; ++i) {
            targets.push_back({response.account().account_id(), meters[i]});
        }
    }
    return targets;
}

struct Load {
    std::vector<double> milliseconds;  ///< one per receipt
    double seconds = 0;
    std::uint64_t failures = 0;
    std::string first_failure;
};

/// One counter: sells, waits for the receipt, sells again, until the time is over. No thread of its own, as
/// pgbench's clients have none: at a real counter that thread is another machine's.
class Counter {
public:
    Counter(const Options& options, const std::string& token, std::int64_t property_id,
            const std::vector<Target>& targets, unsigned seed)
        : connection_{options},
          stub_{v1::SaleService::NewStub(connection_.channel())},
          token_{token},
          property_id_{property_id},
          targets_{targets},
          random_{seed} {}

    void connect() {
        connection_.channel()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds{10});
    }

    /// Returns at once.
    void begin(Steady::time_point end) {
        end_ = end;
        sell();
    }

    /// What was sold, when the time is over and the last receipt is there.
    Load finish() {
        over_.get_future().wait();
        return std::move(load_);
    }

private:
    void sell() {
        std::uniform_int_distribution<std::size_t> which{0, targets_.size() - 1};
        const auto& target = targets_[which(random_)];
        request_.set_request_id(make_request_id());
        request_.set_property_id(property_id_);
        request_.set_account_id(target.account_id);
        request_.set_meter_id(target.meter_id);
        request_.set_amount_e4(100);
        request_.set_method(v1::TENDER_METHOD_CASH);
        context_.emplace();
        context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{60});
        context_->AddMetadata("authorization", "Bearer " + token_);
        asked_ = Steady::now();
        stub_->async()->Sell(&*context_, &request_, &receipt_,
                             [this](const grpc::Status& status) { on_answer(status); });
    }

    void on_answer(const grpc::Status& status) {
        const auto now = Steady::now();
        if (status.ok()) {
            load_.milliseconds.push_back(std::chrono::duration<double, std::milli>(now - asked_).count());
        } else if (load_.failures++ == 0) {
            load_.first_failure = status.error_message();
        }
        if (now < end_ && load_.failures <= 100) {
            sell();
        } else {
            over_.set_value();
        }
    }

    Connection connection_;
    std::unique_ptr<v1::SaleService::Stub> stub_;
    const std::string token_;
    const std::int64_t property_id_;
    const std::vector<Target>& targets_;
    std::mt19937 random_;
    Steady::time_point end_{};
    Steady::time_point asked_{};
    v1::SellRequest request_;
    v1::SaleReceipt receipt_;
    std::optional<grpc::ClientContext> context_;
    Load load_;
    std::promise<void> over_;
};

Load run_load(const Options& options, const std::string& token, std::int64_t property_id,
              const std::vector<Target>& targets, int clients) {
    std::vector<std::unique_ptr<Counter>> counters;
    for (int i = 0; i < clients; ++i) {
        counters.push_back(
            std::make_unique<Counter>(options, token, property_id, targets, static_cast<unsigned>(i + 1)));
        counters.back()->connect();  // not part of the measured time
    }
    const auto started = Steady::now();
    for (const auto& counter : counters) {
        counter->begin(started + std::chrono::seconds{options.seconds});
    }
    Load sum;
    for (const auto& counter : counters) {
        const auto part = counter->finish();
        sum.milliseconds.insert(sum.milliseconds.end(), part.milliseconds.begin(), part.milliseconds.end());
        sum.failures += part.failures;
        if (sum.first_failure.empty()) {
            sum.first_failure = part.first_failure;
        }
    }
    sum.seconds = std::chrono::duration<double>(Steady::now() - started).count();
    std::sort(sum.milliseconds.begin(), sum.milliseconds.end());
    return sum;
}

double percentile(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

int run(const Options& options) {
    Connection connection{options};
    const auto token = sign_in(options);
    connection.use_token(token);
    const auto property_id =
        options.property_id != 0 ? options.property_id : import_property(options, connection);
    const auto targets = open_accounts(connection, property_id);
    std::cerr << "property " << property_id << ", " << targets.size() << " meters opened\n";
    // Nobody's first sale is measured: the tables have rows before their statistics are made.
    Options warming = options;
    warming.seconds = 3;
    (void)run_load(warming, token, property_id, targets, 4);
    if (!options.when_warm.empty() && std::system(options.when_warm.c_str()) != 0) {
        throw std::runtime_error("this failed: " + options.when_warm);
    }
    std::uint64_t failures = 0;
    for (const int clients : options.clients) {
        const auto load = run_load(options, token, property_id, targets, clients);
        if (load.milliseconds.empty()) {
            throw std::runtime_error("no sale succeeded: " + load.first_failure);
        }
        fmt::print("sale.rate.{} {:.1f} per_s\n", clients,
                   static_cast<double>(load.milliseconds.size()) / load.seconds);
        fmt::print("sale.p50.{} {:.3f} ms\n", clients, percentile(load.milliseconds, 0.50));
        fmt::print("sale.p99.{} {:.3f} ms\n", clients, percentile(load.milliseconds, 0.99));
        std::fflush(stdout);
        failures += load.failures;
        if (load.failures > 0) {
            std::cerr << clients << " clients: " << load.failures
                      << " calls failed, first: " << load.first_failure << '\n';
        }
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Sells as fast as the server answers, at given numbers of clients"};
    Options options;
    app.add_option("--address", options.address, "HOST:PORT of wutong-server")->required();
    app.add_option("--certificate", options.certificate_file, "the server's certificate, PEM")->required();
    app.add_option("--certificate-name", options.certificate_name, "the name in it");
    app.add_option("--operator", options.operator_name, "who sells")->required();
    app.add_option("--password-file", options.password_file)->required();
    app.add_option("--profile", options.profile, "meter profile of the imported meters");
    app.add_option(
        "--property", options.property_id,
        "sell to the meters of this property, none of which has an account; without it one is imported");
    app.add_option("--meters", options.meters)->check(CLI::Range(1, 10'000));
    app.add_option("--when-warm", options.when_warm,
                   "a shell command to run before the measured sales, after the first few");
    app.add_option("--seconds", options.seconds, "of load, per number of clients")->check(CLI::Range(1, 120));
    app.add_option("--clients", options.clients)->check(CLI::Range(1, 256));
    CLI11_PARSE(app, argc, argv);
    // As in wutong-server: Debian's Abseil looks for deadlocks at every lock.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    try {
        return run(options);
    } catch (const std::exception& error) {
        std::cerr << "bench_sale: " << error.what() << '\n';
        return 1;
    }
}
