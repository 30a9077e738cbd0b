#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "client-wx/presenters/lists/list_presenter.hpp"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}

namespace wutong::client {

/// A list of one kind of item, as nearly all are: what the server has is kept until all of it was fetched
/// anew. An Item may be a message whose header only the .cpp file knows; then the destructor has to stand
/// there too.
/// @tparam Base what several lists of a page share besides
template <class Item, class Base = ListPresenter>
class ItemList : public Base {
protected:
    using Base::Base;

    void forget() override { items_.clear(); }

    template <class Request>
    [[nodiscard]] Request of_property() const {
        Request request;
        request.set_property_id(this->context_.session.property_id());
        return request;
    }

    template <class Answer, class Wire>
    using Repeated = const google::protobuf::RepeatedPtrField<Wire>& (Answer::*)() const;

    /// All pages. @param of where an answer has its items @param shape makes an item of one of them
    /// @param first_page sees the first answer, for what it says besides
    template <class Request, class Answer, class Wire, class Shape = std::identity>
    void fetch_items(const Unary<Request, Answer>& method, const Request& request, Repeated<Answer, Wire> of,
                     Shape shape = {},
                     std::type_identity_t<std::function<void(const Answer&)>> first_page = {}) {
        auto fresh = std::make_shared<std::vector<Item>>();
        this->fetch_pages(method, request, [=, this](const Answer& answer, bool first) {
            if (first && first_page) {
                first_page(answer);
            }
            for (const auto& one : (answer.*of)()) {
                fresh->push_back(shape(one));
            }
            const auto rows = fresh->size();
            if (answer.next_page_token().empty() || rows >= this->rows_max()) {
                items_ = std::move(*fresh);
            }
            return rows;
        });
    }

    /// Of a method that answers with all at once. @param besides sees the answer
    template <class Request, class Answer, class Wire, class Shape = std::identity>
    void fetch_whole(const Unary<Request, Answer>& method, const Request& request, Repeated<Answer, Wire> of,
                     Shape shape = {},
                     std::type_identity_t<std::function<void(const Answer&)>> besides = {}) {
        this->call_ = this->context_.server.call(
            method, request, std::function<void(Result<Answer>)>{[=, this](Result<Answer> result) {
                if (!result) {
                    this->refused(result.fault());
                    return;
                }
                if (besides) {
                    besides(*result);
                }
                items_.clear();
                for (const auto& one : ((*result).*of)()) {
                    items_.push_back(shape(one));
                }
                this->answered();
            }});
    }

    std::vector<Item> items_;
};

}  // namespace wutong::client
