#pragma once

#include <vector>

#include "client-wx/controls/feedback.hpp"
#include "client-wx/presenters/sale/delivery_follower.hpp"

namespace wutong::client {

/// The steps of a delivery as the control draws them.
[[nodiscard]] inline std::vector<Steps::Step> steps_of(const std::vector<FlowStep>& flow) {
    const auto state_of = [](FlowStep::State state) {
        switch (state) {
            case FlowStep::State::busy:
                return Steps::State::busy;
            case FlowStep::State::done:
                return Steps::State::done;
            case FlowStep::State::failed:
                return Steps::State::failed;
            case FlowStep::State::skipped:
                return Steps::State::skipped;
            case FlowStep::State::waiting:
                break;
        }
        return Steps::State::waiting;
    };
    std::vector<Steps::Step> steps;
    for (const auto& step : flow) {
        steps.push_back({state_of(step.state), wxs(step.words), wxs(step.time)});
    }
    return steps;
}

}  // namespace wutong::client
