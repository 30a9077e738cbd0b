#include "server/metrics/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace wutong::server {

namespace {

constexpr std::array<const char*, 17> kStatusNames{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

/// Seconds. A sale is some milliseconds, an import some seconds; streams end in the last one.
const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};

class Asked final : public prometheus::Collectable {
public:
    struct One {
        std::string name;
        std::string help;
        Metrics::Kind kind;
        std::function<double()> value;
    };
    void add(One one) {
        const std::lock_guard lock{mutex_};
        all_.push_back(std::move(one));
    }
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        const std::lock_guard lock{mutex_};
        std::vector<prometheus::MetricFamily> families;
        for (const auto& one : all_) {
            prometheus::ClientMetric metric;
            const bool gauge = one.kind == Metrics::Kind::gauge;
            (gauge ? metric.gauge.value : metric.counter.value) = one.value();
            families.push_back({one.name,
                                one.help,
                                gauge ? prometheus::MetricType::Gauge : prometheus::MetricType::Counter,
                                {metric}});
        }
        return families;
    }

private:
    mutable std::mutex mutex_;
    std::vector<One> all_;
};

class CallTimer final : public grpc::experimental::Interceptor {
public:
    CallTimer(Metrics& metrics, const char* method)
        : metrics_{metrics}, method_{method}, begun_{std::chrono::steady_clock::now()} {}

    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
        if (methods->QueryInterceptionHookPoint(
                grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
            metrics_.call_finished(method_, methods->GetSendStatus().error_code(),
                                   std::chrono::steady_clock::now() - begun_);
        }
        methods->Proceed();
    }

private:
    Metrics& metrics_;
    const std::string method_;
    const std::chrono::steady_clock::time_point begun_;
};

class CallTimers final : public grpc::experimental::ServerInterceptorFactoryInterface {
public:
    explicit CallTimers(Metrics& metrics) : metrics_{metrics} {}
    grpc::experimental::Interceptor* CreateServerInterceptor(
        grpc::experimental::ServerRpcInfo* info) override {
        return new CallTimer{metrics_, info->method()};  // gRPC deletes it
    }

private:
    Metrics& metrics_;
};

}  // namespace

const char* status_name(int code) {
    return code >= 0 && static_cast<std::size_t>(code) < kStatusNames.size()
               ? kStatusNames[static_cast<std::size_t>(code)]
               : "UNKNOWN";
}

struct Metrics::Inside {
    std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
    std::shared_ptr<Asked> asked = std::make_shared<Asked>();
    prometheus::Family<prometheus::Counter>& calls = prometheus::BuildCounter()
                                                         .Name("wutong_server_calls_total")
                                                         .Help("Calls that reached their handler")
                                                         .Register(*registry);
    prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram()
                                                             .Name("wutong_server_call_seconds")
                                                             .Help("From the handler's start to its status")
                                                             .Register(*registry);
    prometheus::Family<prometheus::Counter>& refused = prometheus::BuildCounter()
                                                           .Name("wutong_server_calls_refused_total")
                                                           .Help("Calls refused before any handler ran")
                                                           .Register(*registry);
    std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics() : inside_{std::make_unique<Inside>()} {}
Metrics::~Metrics() = default;

void Metrics::listen(const std::string& address) {
    try {
        inside_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
        inside_->exposer->RegisterCollectable(inside_->registry);
        inside_->exposer->RegisterCollectable(inside_->asked);
    } catch (const std::exception& error) {
        inside_->exposer.reset();
        throw std::runtime_error("metrics can't be offered on " + address +
                                 " (is the port taken? see [metrics] listen): " + error.what());
    }
}

void Metrics::stop_listening() {
    inside_->exposer.reset();
}

void Metrics::add(const std::string& name, const std::string& help, Kind kind,
                  std::function<double()> value) {
    inside_->asked->add({name, help, kind, std::move(value)});
}

void Metrics::call_finished(const std::string& method, int status, std::chrono::steady_clock::duration took) {
    inside_->calls.Add({{"method", method}, {"status", status_name(status)}}).Increment();
    inside_->seconds.Add({{"method", method}}, kSeconds).Observe(std::chrono::duration<double>(took).count());
}

void Metrics::call_refused(const std::string& reason) {
    inside_->refused.Add({{"reason", reason}}).Increment();
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> Metrics::interceptors() {
    return std::make_unique<CallTimers>(*this);
}

std::string Metrics::text() const {
    auto families = inside_->registry->Collect();
    for (auto& family : inside_->asked->Collect()) {
        families.push_back(std::move(family));
    }
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace wutong::server
