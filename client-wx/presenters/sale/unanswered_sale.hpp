#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client-wx/presenters/context.hpp"

namespace wutong::v1 {
class SellRequest;
}

namespace wutong::client {

/// The sale that was sent and not answered yet, kept in the seat's preferences: when the program is ended in
/// the middle, the next one asks with the same request_id what became of it.
struct UnansweredSale {
    std::unique_ptr<v1::SellRequest> request;
    std::string unit;

    UnansweredSale();
    UnansweredSale(UnansweredSale&&) noexcept;
    UnansweredSale& operator=(UnansweredSale&&) noexcept;
    ~UnansweredSale();

    static void keep(Context& context, const v1::SellRequest& request, const std::string& unit);
    static void forget(Context& context);
    /// Of this operator and property; another one's stays where it is.
    static std::optional<UnansweredSale> find(Context& context);
};

}  // namespace wutong::client
