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
package ai.djl.mamba;

import ai.djl.mamba.engine.DualStepInput;
import ai.djl.mamba.engine.EngineOperators;
import ai.djl.mamba.engine.Operators;
import ai.djl.mamba.nn.GatedRMSNorm;
import ai.djl.mamba.nn.SequenceInput;
import ai.djl.mamba.scan.NativeDualScan;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

/**
 * One token of inference through a whole {@link Mamba2Block} in one call of the engine, as {@link
 * MambaStep} is for a {@link MambaBlock}.
 */
final class Mamba2Step {

    private final Mamba2Block block;

    Mamba2Step(Mamba2Block block) {
        this.block = block;
    }

    /**
     * Takes the step where the engine can.
     *
     * @param store the parameter store
     * @param input one token of each row, (B, 1, d), and the state
     * @return what the block returns, or {@code null} where the general path has to be taken
     */
    NDList run(ParameterStore store, SequenceInput input) {
        NDArray x = input.data();
        EngineOperators operators = Operators.forArray(x);
        if (operators == null
                || x.getShape().get(1) != 1
                || input.padding() != null
                || !block.isCausal()
                || block.getInputProjection().getAdapter() != null
                || block.getOutputProjection().getAdapter() != null
                || !(block.getSsm().scanFor(x) instanceof NativeDualScan)) {
            return null;
        }
        NDList result = operators.dualStep(arguments(store, x, input));
        if (result != null && !input.needState()) {
            result.remove(2).close();
            result.remove(1).close();
        }
        return result;
    }

    private DualStepInput arguments(ParameterStore store, NDArray x, SequenceInput input) {
        SSD ssm = block.getSsm();
        SSDConfig config = ssm.getConfig();
        GatedRMSNorm norm = block.getNorm();
        return new DualStepInput(
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
                input.state(0),
                input.state(1),
                config.groups(),
                config.timeStepLimitMin(),
                config.timeStepLimitMax(),
                norm == null ? 0 : norm.getEpsilon(),
                config.gatedNorm() == GatedNorm.BEFORE_GATE);
    }

    private static NDArray value(ParameterStore store, NDArray x, Parameter parameter) {
        return store.getValue(parameter, x.getDevice(), false);
    }
}
