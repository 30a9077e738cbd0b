#include "core/credit_terms.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/names.hpp"

namespace wutong::core {

const char* to_string(CreditLevel level) {
    static constexpr std::array<detail::Name<CreditLevel>, 3> kNames{{{CreditLevel::in_credit, "in_credit"},
                                                                      {CreditLevel::emergency, "emergency"},
                                                                      {CreditLevel::used_up, "used_up"}}};
    return detail::name_of(kNames, level, "credit level");
}

CreditLeft credit_left(Money balance, const CreditTerms& terms) {
    if (terms.overdraft < Money{0}) {
        throw std::invalid_argument("an overdraft is not below zero, got " + to_string(terms.overdraft));
    }
    const Money available = std::max(balance + terms.overdraft, Money{0});
    const Money emergency = balance < Money{0} ? std::min(-balance, terms.overdraft) : Money{0};
    if (balance > Money{0}) {
        return {CreditLevel::in_credit, available, emergency};
    }
    return {available > Money{0} ? CreditLevel::emergency : CreditLevel::used_up, available, emergency};
}

}  // namespace wutong::core
