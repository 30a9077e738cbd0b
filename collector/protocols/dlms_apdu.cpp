#include "collector/protocols/dlms_apdu.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/byte_cursor.hpp"

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint8_t kGetRequest = 0xC0;
constexpr std::uint8_t kSetRequest = 0xC1;
constexpr std::uint8_t kActionRequest = 0xC3;
constexpr std::uint8_t kGetResponse = 0xC4;
constexpr std::uint8_t kSetResponse = 0xC5;
constexpr std::uint8_t kActionResponse = 0xC7;
constexpr std::uint8_t kException = 0xD8;
// The second byte.
constexpr std::uint8_t kNormal = 1;
constexpr std::uint8_t kBlock = 2;
constexpr std::uint8_t kList = 3;
constexpr std::size_t kListMax = 127;
constexpr std::uint8_t kCounterError = 6;

void append_object(Bytes& to, std::uint16_t class_id, const Obis& object, std::uint8_t part) {
    append_u16(to, class_id);
    to.insert(to.end(), object.code.begin(), object.code.end());
    to.push_back(part);
}

void append_ref(Bytes& to, const AttributeRef& what, const std::optional<Selection>& part) {
    append_object(to, what.class_id, what.object, what.attribute);
    to.push_back(part ? 1 : 0);
    if (part) {
        to.push_back(part->selector);
        append_data(to, part->parameters);
    }
}

AttributeRef read_ref(ByteCursor& from) {
    AttributeRef what;
    what.class_id = from.u16();
    const auto object = from.take(what.object.code.size());
    std::copy(object.begin(), object.end(), what.object.code.begin());
    what.attribute = from.u8();
    return what;
}

std::optional<Selection> read_selection(ByteCursor& from) {
    const auto given = from.u8();
    if (given == 0) {
        return std::nullopt;
    }
    Selection part;
    part.selector = from.u8();
    auto parameters = read_data(from);
    if (given != 1 || !parameters) {
        from.fail();
        return std::nullopt;
    }
    part.parameters = std::move(*parameters);
    return part;
}

void append_result(Bytes& to, const ReadResult& result) {
    if (const auto* data = std::get_if<Data>(&result)) {
        to.push_back(0);
        append_data(to, *data);
    } else {
        to.push_back(1);
        to.push_back(static_cast<std::uint8_t>(std::get<AccessResult>(result)));
    }
}

std::optional<ReadResult> read_result(ByteCursor& from) {
    const auto choice = from.u8();
    if (choice == 0) {
        if (auto data = read_data(from)) {
            return std::move(*data);
        }
    } else if (choice == 1) {
        return static_cast<AccessResult>(from.u8());
    }
    from.fail();
    return std::nullopt;
}

std::vector<ReadResult> read_results(ByteCursor& from) {
    std::vector<ReadResult> results;
    const auto count = read_length(from);
    for (std::size_t i = 0; i < count && from.ok(); ++i) {
        if (auto result = read_result(from)) {
            results.push_back(std::move(*result));
        }
    }
    return results;
}

Bytes head(std::uint8_t service, std::uint8_t kind, std::uint8_t invoke_id) {
    return {service, kind, invoke_id};
}

Bytes encode(const GetRequest& get) {
    auto apdu = head(kGetRequest, kNormal, get.invoke_id);
    append_ref(apdu, get.read.what, get.read.part);
    return apdu;
}
Bytes encode(const GetNextRequest& next) {
    auto apdu = head(kGetRequest, kBlock, next.invoke_id);
    append_u32(apdu, next.block);
    return apdu;
}
Bytes encode(const GetListRequest& list) {
    if (list.reads.empty() || list.reads.size() > kListMax) {
        throw std::invalid_argument("a GET with a list asks for 1 to 127 attributes, not " +
                                    std::to_string(list.reads.size()));
    }
    auto apdu = head(kGetRequest, kList, list.invoke_id);
    append_length(apdu, list.reads.size());
    for (const auto& read : list.reads) {
        append_ref(apdu, read.what, read.part);
    }
    return apdu;
}
Bytes encode(const SetRequest& set) {
    auto apdu = head(kSetRequest, kNormal, set.invoke_id);
    append_ref(apdu, set.what, set.part);
    append_data(apdu, set.value);
    return apdu;
}
Bytes encode(const ActionRequest& action) {
    auto apdu = head(kActionRequest, kNormal, action.invoke_id);
    append_object(apdu, action.class_id, action.object, action.method);
    apdu.push_back(action.parameters ? 1 : 0);
    if (action.parameters) {
        append_data(apdu, *action.parameters);
    }
    return apdu;
}
Bytes encode(const GetResponse& got) {
    auto apdu = head(kGetResponse, kNormal, got.invoke_id);
    append_result(apdu, got.result);
    return apdu;
}
Bytes encode(const GetBlockResponse& got) {
    auto apdu = head(kGetResponse, kBlock, got.invoke_id);
    apdu.push_back(got.last ? 1 : 0);
    append_u32(apdu, got.block);
    if (const auto* bytes = std::get_if<Bytes>(&got.part)) {
        apdu.push_back(0);
        append_length(apdu, bytes->size());
        apdu.insert(apdu.end(), bytes->begin(), bytes->end());
    } else {
        apdu.push_back(1);
        apdu.push_back(static_cast<std::uint8_t>(std::get<AccessResult>(got.part)));
    }
    return apdu;
}
Bytes encode(const GetListResponse& got) {
    auto apdu = head(kGetResponse, kList, got.invoke_id);
    const auto results = encode_result_list(got.results);
    apdu.insert(apdu.end(), results.begin(), results.end());
    return apdu;
}
Bytes encode(const SetResponse& response) {
    auto apdu = head(kSetResponse, kNormal, response.invoke_id);
    apdu.push_back(static_cast<std::uint8_t>(response.result));
    return apdu;
}
Bytes encode(const ActionResponse& response) {
    auto apdu = head(kActionResponse, kNormal, response.invoke_id);
    apdu.push_back(static_cast<std::uint8_t>(response.result));
    apdu.push_back(response.returned ? 1 : 0);
    if (response.returned) {
        append_result(apdu, *response.returned);
    }
    return apdu;
}
Bytes encode(const ExceptionResponse& exception) {
    auto apdu = head(kException, exception.state, exception.service);
    if (exception.counter_wanted) {
        append_u32(apdu, *exception.counter_wanted);
    }
    return apdu;
}

std::optional<Request> read_get_request(ByteCursor& from, std::uint8_t kind, std::uint8_t invoke_id) {
    if (kind == kNormal) {
        auto what = read_ref(from);
        return GetRequest{{what, read_selection(from)}, invoke_id};
    }
    if (kind == kBlock) {
        return GetNextRequest{from.u32(), invoke_id};
    }
    if (kind != kList) {
        return std::nullopt;
    }
    GetListRequest list;
    list.invoke_id = invoke_id;
    const auto count = read_length(from);
    for (std::size_t i = 0; i < count && from.ok(); ++i) {
        auto what = read_ref(from);
        list.reads.push_back({what, read_selection(from)});
    }
    return count == 0 || count > kListMax ? std::nullopt : std::optional<Request>{std::move(list)};
}

std::optional<Request> read_request(ByteCursor& from) {
    const auto service = from.u8();
    const auto kind = from.u8();
    const auto invoke_id = from.u8();
    if (service == kGetRequest) {
        return read_get_request(from, kind, invoke_id);
    }
    if (service == kSetRequest && kind == kNormal) {
        SetRequest set;
        set.invoke_id = invoke_id;
        set.what = read_ref(from);
        set.part = read_selection(from);
        if (auto value = read_data(from)) {
            set.value = std::move(*value);
            return set;
        }
    }
    if (service == kActionRequest && kind == kNormal) {
        ActionRequest action;
        action.invoke_id = invoke_id;
        const auto method = read_ref(from);
        action.class_id = method.class_id;
        action.object = method.object;
        action.method = method.attribute;
        const auto given = from.u8();
        if (given == 1) {
            action.parameters = read_data(from);
        }
        return given > 1 ? std::nullopt : std::optional<Request>{std::move(action)};
    }
    return std::nullopt;
}

std::optional<Response> read_get_response(ByteCursor& from, std::uint8_t kind, std::uint8_t invoke_id) {
    if (kind == kNormal) {
        if (auto result = read_result(from)) {
            return GetResponse{std::move(*result), invoke_id};
        }
        return std::nullopt;
    }
    if (kind == kList) {
        return GetListResponse{read_results(from), invoke_id};
    }
    if (kind != kBlock) {
        return std::nullopt;
    }
    GetBlockResponse got;
    got.invoke_id = invoke_id;
    got.last = from.u8() != 0;
    got.block = from.u32();
    const auto choice = from.u8();
    if (choice == 0) {
        const auto part = from.take(read_length(from));
        got.part = Bytes{part.begin(), part.end()};
    } else {
        got.part = static_cast<AccessResult>(from.u8());
    }
    return choice > 1 ? std::nullopt : std::optional<Response>{std::move(got)};
}

std::optional<Response> read_response(ByteCursor& from) {
    const auto service = from.u8();
    const auto kind = from.u8();
    const auto invoke_id = from.u8();
    if (service == kGetResponse) {
        return read_get_response(from, kind, invoke_id);
    }
    if (service == kSetResponse && kind == kNormal) {
        return SetResponse{static_cast<AccessResult>(from.u8()), invoke_id};
    }
    if (service == kActionResponse && kind == kNormal) {
        ActionResponse response;
        response.invoke_id = invoke_id;
        response.result = static_cast<AccessResult>(from.u8());
        const auto given = from.u8();
        if (given == 1) {
            response.returned = read_result(from);
        }
        return given > 1 ? std::nullopt : std::optional<Response>{std::move(response)};
    }
    if (service == kException) {
        ExceptionResponse exception{kind, invoke_id, std::nullopt};
        if (exception.service == kCounterError && from.left() != 0) {
            exception.counter_wanted = from.u32();
        }
        return exception;
    }
    return std::nullopt;
}

DecodeFault not_an_apdu(const char* what, ByteView apdu) {
    constexpr std::size_t kShown = 16;
    return {std::string{"not a DLMS "} + what + " that is known here: " +
            to_hex(apdu.first(std::min(kShown, apdu.size()))) + (apdu.size() > kShown ? " ..." : "")};
}

}  // namespace

Bytes encode_request(const Request& request) {
    return std::visit([](const auto& known) { return encode(known); }, request);
}

Bytes encode_response(const Response& response) {
    return std::visit([](const auto& known) { return encode(known); }, response);
}

std::variant<Request, DecodeFault> parse_request(ByteView apdu) {
    ByteCursor from{apdu};
    auto request = read_request(from);
    if (!request || !from.done()) {
        return not_an_apdu("request", apdu);
    }
    return std::move(*request);
}

std::variant<Response, DecodeFault> parse_response(ByteView apdu) {
    ByteCursor from{apdu};
    auto response = read_response(from);
    if (!response || !from.done()) {
        return not_an_apdu("response", apdu);
    }
    return std::move(*response);
}

std::variant<std::vector<ReadResult>, DecodeFault> decode_result_list(ByteView bytes) {
    ByteCursor from{bytes};
    auto results = read_results(from);
    if (!from.done()) {
        return not_an_apdu("list of results", bytes);
    }
    return results;
}

Bytes encode_result_list(const std::vector<ReadResult>& results) {
    Bytes bytes;
    append_length(bytes, results.size());
    for (const auto& result : results) {
        append_result(bytes, result);
    }
    return bytes;
}

}  // namespace wutong::protocols::dlms
