#pragma once

#include "client-wx/api/server.hpp"

namespace wutong::v1 {
class GetMessageContactRequest;
class SetMessageContactRequest;
class MessageContact;
class ListMessagesRequest;
class ListMessagesResponse;
}  // namespace wutong::v1

namespace wutong::client::method {

// MessageService
inline constexpr Unary<v1::GetMessageContactRequest, v1::MessageContact> get_message_contact{
    "/wutong.v1.MessageService/GetMessageContact", Repeat::freely};
inline constexpr Unary<v1::SetMessageContactRequest, v1::MessageContact> set_message_contact{
    "/wutong.v1.MessageService/SetMessageContact", Repeat::with_same_request};
inline constexpr Unary<v1::ListMessagesRequest, v1::ListMessagesResponse> list_messages{
    "/wutong.v1.MessageService/ListMessages", Repeat::freely};

}  // namespace wutong::client::method
