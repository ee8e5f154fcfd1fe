#pragma once

#include <ATen/ops/linear.h>

// How an operator of this libtorch takes a tensor that may be absent: c10::optional<Tensor> in 1.13, std::optional<Tensor> in its
// successors, so whatever its own linear takes.
template <typename Result, typename Input, typename Weight, typename Bias>
Bias last_argument_of(Result (*)(Input, Weight, Bias));
using OptionalTensor = decltype(last_argument_of(&at::linear));
