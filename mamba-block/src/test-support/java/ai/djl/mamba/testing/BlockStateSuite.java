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
package ai.djl.mamba.testing;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** One call, single steps and any split between are the same; gradients are right. */
public abstract class BlockStateSuite extends BlockPackingSuite {

    private static final int LENGTH = 9;
    private static final long[] STEPS = {1, 1, 1, 1, 1, 1, 1, 1, 1};

    protected BlockStateSuite(EngineSetup engine, int features) {
        super(engine, features);
    }

    @DataProvider
    public Object[][] types() {
        return new Object[][] {{DataType.FLOAT32}, {DataType.FLOAT64}};
    }

    @Test(dataProvider = "types")
    public void anySplitGivesTheSame(DataType type) {
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, 2, LENGTH);
        for (NDList state : new NDList[] {null, state(block, 20, 2)}) {
            NDList whole = run(block, inputs(data, null, state));
            Assert.assertEquals(whole.get(0).getDataType(), type);
            Assert.assertEquals(whole.size(), 1 + block.getStateShapes(2).size());
            for (long[] lengths : new long[][] {{4, 5}, {1, 8}, {8, 1}, {3, 1, 5}, STEPS}) {
                NDList parts = runInParts(block, data, state, false, lengths);
                String what = (state == null ? "" : "state, ") + "parts of " + lengths[0];
                assertAllNear(parts, whole, exact(type), what);
            }
            NDList training = run(block, inputs(data, null, state), true);
            assertAllNear(training, whole, exact(type), "training");
        }
    }

    @Test
    public void theBeginStateMatters() {
        SequenceBlock block = block(DataType.FLOAT64);
        NDList data = data(block, 1, DataType.FLOAT64, 1, 5);
        NDList state = state(block, 20, 1);
        double[] fresh = doubles(run(block, data).get(0));
        double[] continued = doubles(run(block, inputs(data, null, state)).get(0));
        Assert.assertNotEquals(continued, fresh, "state is not used");
    }

    @Test
    public void gradientsFlowThroughTheBoundaryState() {
        SequenceBlock block = block(DataType.FLOAT64);
        NDList data = data(block, 1, DataType.FLOAT64, 2, LENGTH);
        NDList state = state(block, 20, 2);
        NDList variables = variables(block, data, state);
        NDList whole =
                gradients(variables, () -> loss(run(block, inputs(data, null, state), true)));
        for (long[] lengths : new long[][] {{4, 5}, {1, 8}, {2, 1, 6}}) {
            NDList parts =
                    gradients(variables, () -> loss(runInParts(block, data, state, true, lengths)));
            assertAllNear(parts, whole, 1e-11, "gradients of parts of " + lengths[0]);
        }
    }

    @Test
    public void gradientsAgreeWithFiniteDifferences() {
        SequenceBlock block = block(DataType.FLOAT64);
        NDList data = data(block, 1, DataType.FLOAT64, 2, 5);
        NDList state = state(block, 20, 2);
        assertGradients(
                variables(block, data, state),
                () -> loss(run(block, inputs(data, null, state), true)),
                "gradients of " + block.getParameters().keys());
    }

    @Test(dataProvider = "types")
    public void outputsDependOnEarlierInputsOnly(DataType type) {
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, 2, LENGTH);
        NDList other = data(block, 2, type, 2, LENGTH);
        int change = 4;
        NDList changed = new NDList();
        for (int i = 0; i < data.size(); i++) {
            NDList old = new NDList(data.get(i));
            changed.add(
                    part(old, 0, change)
                            .get(0)
                            .concat(part(new NDList(other.get(i)), change, LENGTH).get(0), 1));
        }
        NDList before = run(block, data).subNDList(0, 1);
        NDList after = run(block, changed).subNDList(0, 1);
        assertAllEqual(part(after, 0, change), part(before, 0, change), "outputs before");
        double[] old = doubles(part(before, change, change + 1).get(0));
        double[] now = doubles(part(after, change, change + 1).get(0));
        Assert.assertNotEquals(now, old, "output at the change");
    }

    @Test(dataProvider = "types")
    public void rowsAreIndependent(DataType type) {
        SequenceBlock block = block(type);
        NDList state = state(block, 20, 2);
        NDList data = data(block, 1, type, 2, LENGTH);
        NDList other = data(block, 2, type, 2, LENGTH);
        NDList changed = new NDList();
        for (int i = 0; i < data.size(); i++) {
            NDList second = row(new NDList(other.get(i)), 1);
            changed.add(row(new NDList(data.get(i)), 0).get(0).concat(second.get(0), 0));
        }
        NDList before = run(block, inputs(data, null, state));
        NDList after = run(block, inputs(changed, null, state));
        assertAllEqual(row(after, 0), row(before, 0), "the other row");
        Assert.assertNotEquals(doubles(row(after, 1).get(0)), doubles(row(before, 1).get(0)));
    }
}
