#include "client-wx/views/ask_cut.hpp"

#include "client-wx/controls/dialog.hpp"

namespace wutong::client {

bool ask_cut(wxWindow* parent, const CutQuestion& question) {
    Consequence words;
    words.title = wxs(question.title);
    words.sentence = wxs(question.sentence);
    for (const auto& [label, value] : question.facts) {
        words.facts.emplace_back(wxs(label), wxs(value));
    }
    for (const auto& unit : question.units) {
        words.units.push_back(wxs(unit));
    }
    words.and_more = wxs(question.and_more);
    words.warning = wxs(question.warning);
    words.cancel = wxs(question.cancel);
    words.commit = wxs(question.commit);
    words.count = question.count;
    words.type_from = BulkCommand::kTypeFrom;
    words.type_label = wxs(question.type_label);
    return ask_consequence(parent, words).go_on;
}

}  // namespace wutong::client
