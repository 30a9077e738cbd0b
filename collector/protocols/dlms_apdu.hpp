#pragma once

#include "collector/protocols/dlms_data.hpp"

/// The services of DLMS/COSEM with logical names (IEC 62056-5-3): GET, SET, ACTION, both sides.
/// Long values come in blocks; SET with blocks and ACTION with blocks are not used.
namespace wutong::protocols::dlms {

/// Confirmed, high priority, id 1. Only one service is under way at a time.
inline constexpr std::uint8_t kInvokeId = 0xC1;

struct AttributeRef {
    std::uint16_t class_id = 0;
    Obis object;
    std::uint8_t attribute = 2;
    friend bool operator==(const AttributeRef&, const AttributeRef&) = default;
};
/// Selective access: part of a profile; see dlms_profile.hpp.
struct Selection {
    std::uint8_t selector = 0;
    Data parameters;
    friend bool operator==(const Selection&, const Selection&) = default;
};
struct AttributeRead {
    AttributeRef what;
    std::optional<Selection> part;
    friend bool operator==(const AttributeRead&, const AttributeRead&) = default;
};

struct GetRequest {
    AttributeRead read;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetRequest&, const GetRequest&) = default;
};
struct GetNextRequest {
    std::uint32_t block = 0;  ///< the last one that arrived
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetNextRequest&, const GetNextRequest&) = default;
};
struct GetListRequest {
    std::vector<AttributeRead> reads;  ///< 1..127
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetListRequest&, const GetListRequest&) = default;
};
struct SetRequest {
    AttributeRef what;
    std::optional<Selection> part;
    Data value;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const SetRequest&, const SetRequest&) = default;
};
struct ActionRequest {
    std::uint16_t class_id = 0;
    Obis object;
    std::uint8_t method = 1;
    std::optional<Data> parameters;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const ActionRequest&, const ActionRequest&) = default;
};
using Request = std::variant<GetRequest, GetNextRequest, GetListRequest, SetRequest, ActionRequest>;

/// @throws std::invalid_argument for an empty or too long list and values that can't be written
[[nodiscard]] Bytes encode_request(const Request& request);
[[nodiscard]] std::variant<Request, DecodeFault> parse_request(ByteView apdu);

enum class AccessResult : std::uint8_t {
    success = 0,
    hardware_fault = 1,
    temporary_failure = 2,
    read_write_denied = 3,
    object_undefined = 4,
    object_class_inconsistent = 9,
    object_unavailable = 11,
    type_unmatched = 12,
    scope_of_access_violated = 13,
    data_block_unavailable = 14,
    long_get_aborted = 15,
    no_long_get_in_progress = 16,
    long_set_aborted = 17,
    no_long_set_in_progress = 18,
    data_block_number_invalid = 19,
    other_reason = 250,
};
/// "object undefined (4)"
[[nodiscard]] std::string to_string(AccessResult result);

using ReadResult = std::variant<Data, AccessResult>;

struct GetResponse {
    ReadResult result;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetResponse&, const GetResponse&) = default;
};
struct GetBlockResponse {
    bool last = false;
    std::uint32_t block = 1;
    std::variant<Bytes, AccessResult> part;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetBlockResponse&, const GetBlockResponse&) = default;
};
struct GetListResponse {
    std::vector<ReadResult> results;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const GetListResponse&, const GetListResponse&) = default;
};
struct SetResponse {
    AccessResult result = AccessResult::success;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const SetResponse&, const SetResponse&) = default;
};
struct ActionResponse {
    AccessResult result = AccessResult::success;
    std::optional<ReadResult> returned;
    std::uint8_t invoke_id = kInvokeId;
    friend bool operator==(const ActionResponse&, const ActionResponse&) = default;
};
/// The meter won't talk about this at all: not associated, service unknown, wrong counter.
struct ExceptionResponse {
    std::uint8_t state = 1;    ///< 1 service not allowed, 2 service unknown
    std::uint8_t service = 1;  ///< 1 operation not possible, 2 service not supported, 3 other, 4 PDU too
                               ///< long, 5 deciphering, 6 invocation counter
    std::optional<std::uint32_t> counter_wanted;  ///< with 6
    friend bool operator==(const ExceptionResponse&, const ExceptionResponse&) = default;
};
[[nodiscard]] std::string to_string(const ExceptionResponse& exception);

using Response = std::variant<GetResponse, GetBlockResponse, GetListResponse, SetResponse, ActionResponse,
                              ExceptionResponse>;
[[nodiscard]] Bytes encode_response(const Response& response);
[[nodiscard]] std::variant<Response, DecodeFault> parse_response(ByteView apdu);

/// Puts the blocks of a long answer together: `take` each until it tells the whole or a failure; `Ask` is
/// what to send next. Blocks have to come in order, and a meter that never ends is stopped at kValueMax
/// bytes.
class LongGet {
public:
    static constexpr std::size_t kValueMax = 1 << 20;
    struct Ask {
        GetNextRequest next;
    };
    struct Failed {
        std::string reason;
    };
    [[nodiscard]] std::variant<Ask, Bytes, Failed> take(const GetBlockResponse& block);

private:
    Bytes gathered_;
    std::uint32_t expected_ = 1;
};
/// What LongGet told, after a GetRequest: decode_data. After a GetListRequest: this.
[[nodiscard]] std::variant<std::vector<ReadResult>, DecodeFault> decode_result_list(ByteView bytes);
[[nodiscard]] Bytes encode_result_list(const std::vector<ReadResult>& results);

}  // namespace wutong::protocols::dlms
