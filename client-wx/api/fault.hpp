#pragma once

#include <map>
#include <string>
#include <vector>

namespace wutong::client {

/// Why a call gave no answer. `text` is the server's English sentence; screens say `describe(fault)`
/// (text/faults.hpp).
struct Fault {
    enum class Kind {
        refused,  ///< FAILED_PRECONDITION, ALREADY_EXISTS, RESOURCE_EXHAUSTED: nothing was done; `reason`
                  ///< says why
        invalid,  ///< INVALID_ARGUMENT: `fields` say where
        not_found,
        unauthenticated,  ///< the session has ended, or the name or password is wrong
        not_permitted,
        unreachable,      ///< nothing was sent, or a read went unanswered
        timed_out,        ///< a read took longer than its deadline
        outcome_unknown,  ///< a change was sent and never answered: ask again with the same request_id
        certificate_changed,
        internal
    };
    struct Field {
        std::string name;  ///< as in the proto, e.g. meters[0].price_e4
        std::string text;
    };

    Kind kind{Kind::internal};
    std::string reason;  ///< snake_case code, to quote
    std::string text;
    std::vector<Field> fields;
    std::map<std::string, std::string> details;  ///< e.g. tries_left, retry_after_s
};

}  // namespace wutong::client
