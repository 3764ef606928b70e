/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.layer.mamba;

import ai.djl.mamba.layer.FusedStep;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.ops.MambaStepInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.Supplier;

/** The fused step of a {@link MambaBlock}. */
final class MambaStep extends FusedStep {

    private final MambaBlock block;
    private final SelectiveSSM ssm;

    MambaStep(MambaBlock block, SelectiveSSM ssm) {
        this.block = block;
        this.ssm = ssm;
    }

    @Override
    protected boolean fits() {
        // the operator needs the window of a convolution
        return Scans.SELECTIVE.allowsFusedStep(ssm.scan())
                && !block.getConvolution().getStateSpecs().isEmpty();
    }

    @Override
    protected List<Projection> projections() {
        return List.of(
                block.getInputProjection(),
                ssm.getInputProjection(),
                ssm.getTimeStepProjection(),
                block.getOutputProjection());
    }

    @Override
    protected NDList step(
            Ops ops, ParameterStore store, SequenceInput input, Supplier<NDList> otherwise) {
        return ops.mambaStep(arguments(store, input.data(), input), otherwise);
    }

    private MambaStepInput arguments(ParameterStore store, NDArray x, SequenceInput input) {
        int states = block.getStateSpecs().size();
        return new MambaStepInput(
                x,
                value(store, x, block.getInputProjection().getWeight()),
                value(store, x, block.getInputProjection().getBias()),
                value(store, x, block.getConvolution().getWeight()),
                value(store, x, block.getConvolution().getBias()),
                value(store, x, ssm.getInputProjection().getWeight()),
                value(store, x, ssm.getInputProjection().getBias()),
                value(store, x, ssm.getTimeStepProjection().getWeight()),
                value(store, x, ssm.getTimeStepProjection().getBias()),
                value(store, x, ssm.getALog()),
                value(store, x, ssm.getSkip()),
                value(store, x, block.getOutputProjection().getWeight()),
                value(store, x, block.getOutputProjection().getBias()),
                states == 2 ? input.state(0) : null, // a convolution of width 1 has no window
                input.state(states - 1));
    }
}
