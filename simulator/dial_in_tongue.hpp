#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/protocols/bytes.hpp"
#include "core/link_names.hpp"

/// How a box that dials in talks on its link: who it is, that it is still there, and what its bus says.
namespace wutong::simulator {

class DialInTongue {
public:
    struct Heard {
        protocols::Bytes reply;                 ///< to be sent at once
        std::vector<protocols::Bytes> for_bus;  ///< frames for the meters
        bool hang_up = false;                   ///< the other side does not want us, or talks nonsense
    };

    virtual ~DialInTongue() = default;
    /// A new link: what is sent first. Forgets what the last link left over.
    [[nodiscard]] virtual protocols::Bytes hello() = 0;
    [[nodiscard]] virtual Heard hear(protocols::ByteView bytes) = 0;
    /// Empty: none.
    [[nodiscard]] virtual protocols::Bytes heartbeat() = 0;
    /// What the bus puts out comes in pieces. @return what goes over the link now; empty: more has to come
    [[nodiscard]] virtual protocols::Bytes carry(protocols::ByteView piece) = 0;
};

/// @param secret of an Acrel gateway: 16 characters
/// @throws std::runtime_error that says what is missing
[[nodiscard]] std::unique_ptr<DialInTongue> make_dial_in_tongue(const core::DialInName& name,
                                                                const std::string& secret);

}  // namespace wutong::simulator
