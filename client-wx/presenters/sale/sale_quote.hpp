#pragma once

#include <wutong/v1/sale_service.pb.h>

#include "client-wx/api/fault.hpp"
#include "client-wx/presenters/sale/sale_presenter.hpp"

namespace wutong::client {

/// Only for the presenter's own .cpp files.
struct SalePresenter::Quote {
    std::int64_t meter_id{0};
    std::int64_t amount_e4{0};  ///< 0: no amount yet, only the numbers as they are
    v1::QuoteResponse answer;

    [[nodiscard]] bool answers(std::int64_t meter, std::int64_t amount) const {
        return meter == meter_id && amount == amount_e4;
    }
    [[nodiscard]] bool refused() const { return !answer.refusal().empty(); }
    [[nodiscard]] Fault as_fault() const {
        Fault fault;
        fault.kind = Fault::Kind::refused;
        fault.reason = answer.refusal();
        fault.text = answer.refusal_text();
        if (fault.reason.rfind("amount_", 0) == 0) {
            fault.kind = Fault::Kind::invalid;
            fault.fields.push_back({"amount_e4", fault.text});
        }
        return fault;
    }
};

}  // namespace wutong::client
