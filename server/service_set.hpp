#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wutong::server {

class App;

/// The services of one server, with the descriptors that their permissions are read from.
class ServiceSet {
public:
    /// add<v1::SiteService>(std::make_unique<SiteService>(app))
    template <class Api, class Implementation>
    void add(std::unique_ptr<Implementation> service) {
        add(Api::service_full_name(), std::move(service));
    }

    [[nodiscard]] const std::vector<std::unique_ptr<grpc::Service>>& services() const { return services_; }
    [[nodiscard]] const std::vector<const google::protobuf::ServiceDescriptor*>& descriptors() const {
        return descriptors_;
    }

private:
    void add(const std::string& full_name, std::unique_ptr<grpc::Service> service) {
        const auto* descriptor =
            google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
        if (descriptor == nullptr) {
            throw std::logic_error(full_name + " is not in the generated descriptors");
        }
        services_.push_back(std::move(service));
        descriptors_.push_back(descriptor);
    }

    std::vector<std::unique_ptr<grpc::Service>> services_;
    std::vector<const google::protobuf::ServiceDescriptor*> descriptors_;
};

/// Every service of wutong.v1. A new one is added in service_set.cpp, and nowhere else.
[[nodiscard]] ServiceSet make_services(App& app);

}  // namespace wutong::server
