#pragma once

#include "collector/protocols/dlms_apdu.hpp"
#include "collector/protocols/dlms_association.hpp"
#include "collector/protocols/dlms_security.hpp"

/// One association of a client with a meter, from AARQ to RLRQ: APDUs in, APDUs out, whatever envelope
/// carries them. No input or output, no clock, no dice: challenge and first counter are given.
namespace wutong::protocols::dlms {

struct Credentials {
    Mechanism mechanism = Mechanism::none;  ///< none, low or gmac
    Bytes password;                         ///< low
    bool ciphered = false;                  ///< every service, not only the proof
    SystemTitle title{};                    ///< ours; for gmac and ciphering
    SecurityKeys keys;
    Bytes challenge;               ///< gmac: 8 to 64 random bytes, new for each association
    std::uint32_t counter = 0;     ///< the last one used with these keys; the next is one more
    std::uint16_t pdu_max = 1024;  ///< what we take at once
};

class DlmsConversation {
public:
    /// @throws std::invalid_argument for a mechanism that isn't spoken, or a challenge of another length
    explicit DlmsConversation(Credentials credentials);

    // One question at a time; feed what comes back to take().
    [[nodiscard]] Bytes open();
    /// @throws std::invalid_argument when the association isn't open, or the request can't be written
    [[nodiscard]] Bytes ask(const Request& request);
    [[nodiscard]] Bytes close();

    struct Send {
        Bytes apdu;  ///< put this to the meter and take() the answer
    };
    struct Opened {};
    struct Closed {};
    struct Answer {
        Response response;  ///< long answers are put together: GetResponse or GetListResponse
    };
    struct Failed {
        std::string reason;  ///< open anew
    };
    using Step = std::variant<Send, Opened, Closed, Answer, Failed>;
    [[nodiscard]] Step take(ByteView apdu);

    [[nodiscard]] bool is_open() const { return state_ == State::open || state_ == State::asking; }
    /// The last counter that went out: has to be kept over a restart, before it is used.
    [[nodiscard]] std::uint32_t counter() const { return credentials_.counter; }
    [[nodiscard]] const InitiateResponse& granted() const { return granted_; }

private:
    enum class State { closed, opening, proving, open, asking, closing };

    [[nodiscard]] Bytes sealed(Bytes plain);
    [[nodiscard]] std::variant<Bytes, DecodeFault> opened(ByteView apdu);
    [[nodiscard]] Step fail(std::string reason);
    [[nodiscard]] Step take_association(ByteView apdu);
    [[nodiscard]] Step take_proof(const Response& response);
    [[nodiscard]] Step take_answer(Response response);
    [[nodiscard]] std::variant<Response, DecodeFault> read_response(ByteView apdu);

    Credentials credentials_;
    State state_ = State::closed;
    InitiateResponse granted_;
    SystemTitle meter_title_{};
    ReplayGuard heard_;
    bool list_asked_ = false;
    std::optional<LongGet> long_get_;
};

}  // namespace wutong::protocols::dlms
