#include "../operators.h"
#include <c10/util/Exception.h>
namespace mamba { namespace cuda {
ScanResult scan_forward(const ScanArgs&, bool) { TORCH_CHECK(false, "no cuda"); }
ScanGradients scan_backward(const ScanArgs&, const at::Tensor&, const at::Tensor&, const at::Tensor&) { TORCH_CHECK(false, "no cuda"); }
ConvResult conv_forward(const ConvArgs&) { TORCH_CHECK(false, "no cuda"); }
ConvGradients conv_backward(const ConvArgs&, const at::Tensor&, const at::Tensor&) { TORCH_CHECK(false, "no cuda"); }
at::Tensor norm_forward(const at::Tensor&, const at::Tensor&, double) { TORCH_CHECK(false, "no cuda"); }
std::tuple<at::Tensor, at::Tensor> norm_backward(const at::Tensor&, const at::Tensor&, double, const at::Tensor&) { TORCH_CHECK(false, "no cuda"); }
}}
