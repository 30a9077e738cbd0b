#include "collector/protocols/dlms_apdu.hpp"

/// What a meter refuses, in words, and long answers put together.
namespace wutong::protocols::dlms {

std::string to_string(AccessResult result) {
    const auto code = " (" + std::to_string(static_cast<int>(result)) + ")";
    switch (result) {
        case AccessResult::success:
            return "success" + code;
        case AccessResult::hardware_fault:
            return "hardware fault" + code;
        case AccessResult::temporary_failure:
            return "temporary failure" + code;
        case AccessResult::read_write_denied:
            return "reading or writing denied" + code;
        case AccessResult::object_undefined:
            return "object undefined" + code;
        case AccessResult::object_class_inconsistent:
            return "object of another class" + code;
        case AccessResult::object_unavailable:
            return "object unavailable" + code;
        case AccessResult::type_unmatched:
            return "wrong type" + code;
        case AccessResult::scope_of_access_violated:
            return "scope of access violated" + code;
        case AccessResult::data_block_unavailable:
            return "block unavailable" + code;
        case AccessResult::long_get_aborted:
            return "long get aborted" + code;
        case AccessResult::no_long_get_in_progress:
            return "no long get under way" + code;
        case AccessResult::long_set_aborted:
            return "long set aborted" + code;
        case AccessResult::no_long_set_in_progress:
            return "no long set under way" + code;
        case AccessResult::data_block_number_invalid:
            return "wrong block number" + code;
        case AccessResult::other_reason:
            return "other reason" + code;
    }
    return "unknown result" + code;
}

std::string to_string(const ExceptionResponse& exception) {
    std::string words = exception.state == 1   ? "service not allowed"
                        : exception.state == 2 ? "service unknown"
                                               : "state error " + std::to_string(exception.state);
    static constexpr const char* kServices[] = {"",
                                                "operation not possible",
                                                "service not supported",
                                                "other reason",
                                                "PDU too long",
                                                "deciphering failed",
                                                "invocation counter not accepted"};
    words += ", ";
    words += exception.service >= 1 && exception.service < std::size(kServices)
                 ? kServices[exception.service]
                 : "service error " + std::to_string(exception.service);
    if (exception.counter_wanted) {
        words += ", the meter wants " + std::to_string(*exception.counter_wanted);
    }
    return words;
}

std::variant<LongGet::Ask, Bytes, LongGet::Failed> LongGet::take(const GetBlockResponse& block) {
    if (const auto* refused = std::get_if<AccessResult>(&block.part)) {
        return Failed{"block " + std::to_string(block.block) + ": " + to_string(*refused)};
    }
    if (block.block != expected_) {
        return Failed{"block " + std::to_string(block.block) + " came, " + std::to_string(expected_) +
                      " was asked for"};
    }
    const auto& part = std::get<Bytes>(block.part);
    if (gathered_.size() + part.size() > kValueMax) {
        return Failed{"a value of more than 1 MiB"};
    }
    // Empty blocks would let a meter keep us asking for ever.
    if (part.empty() && !block.last) {
        return Failed{"block " + std::to_string(block.block) + " is empty and not the last"};
    }
    gathered_.insert(gathered_.end(), part.begin(), part.end());
    if (block.last) {
        return std::move(gathered_);
    }
    ++expected_;
    return Ask{{block.block, block.invoke_id}};
}

}  // namespace wutong::protocols::dlms
