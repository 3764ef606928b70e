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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.testng.SkipException;

/** What the suites of {@link S4D} share. */
abstract class S4DFixture extends EngineSuite {

    protected static final int CHANNELS = 3;
    protected static final int STATES = 8;
    protected static final double EXACT = 1e-11;

    protected S4DFixture(EngineSetup engine) {
        super(engine);
    }

    protected S4D make(S4D.Builder builder) {
        S4D block = builder.optStateSize(STATES).build();
        block.initialize(manager, DataType.FLOAT64, new Shape(1, 1, CHANNELS));
        for (var pair : block.getParameters()) {
            Parameter parameter = pair.getValue();
            parameter.getArray().setRequiresGradient(false);
        }
        return block;
    }

    protected NDList forward(Block block, NDList inputs) {
        return call(block, inputs, false);
    }

    protected NDList call(Block block, NDList inputs, boolean training) {
        return block.forward(new ParameterStore(manager, false), inputs, training);
    }

    protected static NDArray steps(NDArray x, long start, long end) {
        return x.get(new NDIndex().addAllDim().addSliceDim(start, end));
    }

    protected void requireTransforms() {
        if (!"PyTorch".equals(engineName)) {
            throw new SkipException("only PyTorch has Fourier transforms");
        }
    }

    protected List<S4D.Mode> modes() {
        return "PyTorch".equals(engineName)
                ? List.of(S4D.Mode.RECURRENCE, S4D.Mode.CONVOLUTION)
                : List.of(S4D.Mode.RECURRENCE);
    }
}
