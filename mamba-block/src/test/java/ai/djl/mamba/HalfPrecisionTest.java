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

import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Models in half precision: on a GPU with the native operators, on a CPU composed. */
public class HalfPrecisionTest extends EngineSuite {

    /** A few roundings to eleven bits. */
    private static final double TOLERANCE = 1e-2;

    public HalfPrecisionTest() {
        super(EngineSetup.PYTORCH);
    }

    @Test
    public void normTakesNumbersWhoseSquaresOverflow() {
        NDArray x = normal(1, DataType.FLOAT32, 3, 50).mul(1000);
        NDArray small = normal(2, DataType.FLOAT32, 3, 50).mul(0.01);
        for (NDArray input : new NDArray[] {x, small}) {
            NDArray expected = norm(input);
            NDArray found = norm(input.toType(DataType.FLOAT16, true));
            Assert.assertEquals(found.getDataType(), DataType.FLOAT16);
            assertNear(found, expected, TOLERANCE, "norm");
        }
    }

    private NDArray norm(NDArray x) {
        RMSNorm norm = new RMSNorm();
        norm.initialize(manager, x.getDataType(), x.getShape());
        norm.freezeParameters(true);
        return norm.forward(new ParameterStore(manager, false), new NDList(x), false).head();
    }

    @Test
    public void stepsGiveWhatTheWholeSequenceGives() {
        MambaConfig.Builder config =
                MambaConfig.builder().setVocabSize(30).setModelSize(16).setNumLayers(2);
        assertStepsGiveTheWhole(config.build());
        config.optMixer(Mamba2Options.builder().optHeadSize(8).build());
        assertStepsGiveTheWhole(config.build());
    }

    private void assertStepsGiveTheWhole(MambaConfig config) {
        MambaLanguageModel model = new MambaLanguageModel(config, true);
        model.initialize(manager, DataType.FLOAT16, new Shape(1, 1));
        model.freezeParameters(true);
        NDArray ids = manager.arange(24).reshape(2, 12);
        NDList whole = run(model, new NDList(ids));
        NDList state = new NDList();
        for (int t = 0; t < 12; t++) {
            NDList inputs = new NDList(ids.get(new NDIndex(":, " + t + ":" + (t + 1))));
            inputs.addAll(state);
            NDList outputs = run(model, inputs);
            state = outputs.subNDList(1);
            NDArray expected = whole.head().get(new NDIndex(":, " + t + ":" + (t + 1)));
            assertNear(outputs.head(), expected, TOLERANCE, "step " + t);
        }
        for (int i = 0; i < state.size(); i++) {
            Assert.assertEquals(state.get(i).getDataType(), DataType.FLOAT16);
            assertNear(state.get(i), whole.get(i + 1), TOLERANCE, "state " + i);
        }
    }

    private NDList run(MambaLanguageModel model, NDList inputs) {
        return model.forward(new ParameterStore(manager, false), inputs, false);
    }
}
