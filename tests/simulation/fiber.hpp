#pragma once

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace wutong::simulation {

using Stacks = boost::context::pooled_fixedsize_stack;
inline constexpr std::size_t kStackBytes = 128 * 1024;

/// A routine that stops wherever it says `pause`, and goes on when it is resumed: the simulation decides who
/// is next, so that two collectors can be interleaved at every step without a thread. Destroying it unwinds
/// it where it stands, as a killed process would not; what it would do while unwinding must touch nothing but
/// itself.
class Fiber {
public:
    Fiber(Stacks& stacks, std::function<void()> body) {
        auto state = state_.get();
        state->inside = boost::context::fiber{std::allocator_arg, stacks,
                                              [state, run = std::move(body)](boost::context::fiber&& caller) {
                                                  state->outside = std::move(caller);
                                                  try {
                                                      run();
                                                  } catch (const boost::context::detail::forced_unwind&) {
                                                      throw;
                                                  } catch (...) {
                                                      state->error = std::current_exception();
                                                  }
                                                  return std::move(state->outside);
                                              }};
    }

    /// Until the next pause. What the routine throws comes out here.
    void resume() {
        state_->inside = std::move(state_->inside).resume();
        if (state_->error) {
            std::rethrow_exception(std::exchange(state_->error, nullptr));
        }
    }
    /// @pre called by the routine itself
    void pause() { state_->outside = std::move(state_->outside).resume(); }
    [[nodiscard]] bool ended() const { return !state_->inside; }

private:
    struct State {
        boost::context::fiber inside, outside;
        std::exception_ptr error;
    };
    std::unique_ptr<State> state_ = std::make_unique<State>();
};

}  // namespace wutong::simulation
