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
package ai.djl.mamba.layer.mamba2;

import ai.djl.mamba.layer.FusedStep;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.ops.Mamba2StepInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.Supplier;

/** The fused step of a {@link Mamba2Block}. */
final class Mamba2Step extends FusedStep {

    private final Mamba2Block block;

    Mamba2Step(Mamba2Block block) {
        this.block = block;
    }

    @Override
    protected boolean fits() {
        // the operator needs the window of a convolution
        return block.isCausal()
                && Scans.SSD.allowsFusedStep(block.getSsm().scan())
                && !block.getConvolution().getStateSpecs().isEmpty();
    }

    @Override
    protected List<Projection> projections() {
        return List.of(block.getInputProjection(), block.getOutputProjection());
    }

    @Override
    protected NDList step(
            Ops ops, ParameterStore store, SequenceInput input, Supplier<NDList> otherwise) {
        return ops.mamba2Step(arguments(store, input.data(), input), otherwise);
    }

    private Mamba2StepInput arguments(ParameterStore store, NDArray x, SequenceInput input) {
        SSD ssm = block.getSsm();
        Mamba2Options options = block.getOptions();
        GatedRMSNorm norm = block.getNorm();
        int states = block.getStateSpecs().size();
        return new Mamba2StepInput(
                x,
                value(store, x, block.getInputProjection().getWeight()),
                value(store, x, block.getInputProjection().getBias()),
                value(store, x, block.getConvolution().getWeight()),
                value(store, x, block.getConvolution().getBias()),
                value(store, x, ssm.getTimeStepBias()),
                value(store, x, ssm.getALog()),
                value(store, x, ssm.getSkip()),
                norm == null ? null : value(store, x, norm.getWeight()),
                value(store, x, block.getOutputProjection().getWeight()),
                value(store, x, block.getOutputProjection().getBias()),
                states == 2 ? input.state(0) : null, // a convolution of width 1 has no window
                input.state(states - 1),
                options.groups(),
                options.timeStepLimitMin(),
                options.timeStepLimitMax(),
                norm == null ? 0 : norm.getEpsilon(),
                options.gatedNorm() == GatedNorm.BEFORE_GATE);
    }
}
