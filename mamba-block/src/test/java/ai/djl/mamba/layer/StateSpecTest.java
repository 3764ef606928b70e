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
package ai.djl.mamba.layer;

import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** {@link StateSpec}s describe the arrays of a state, those that grow and those that do not. */
public class StateSpecTest extends EngineSuite {

    private static final StateSpec WINDOW = new StateSpec("window", new Shape(3, 8));
    private static final StateSpec KEYS = new StateSpec("keys", new Shape(-1, 2, 4));

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public StateSpecTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void startsEmptyWhereItGrows() {
        Assert.assertEquals(WINDOW.startShape(5), new Shape(5, 3, 8));
        Assert.assertEquals(KEYS.startShape(5), new Shape(5, 0, 2, 4));
        Assert.assertFalse(WINDOW.grows());
        Assert.assertTrue(KEYS.grows());
    }

    @Test
    public void acceptsAnySizeOfAxesThatGrow() {
        Assert.assertTrue(WINDOW.accepts(new Shape(5, 3, 8), 5));
        for (long read : new long[] {0, 1, 1000}) {
            Assert.assertTrue(KEYS.accepts(new Shape(5, read, 2, 4), 5), read + " tokens");
        }
    }

    @Test
    public void refusesOtherRowsAxesAndSizes() {
        for (Shape shape :
                List.of(
                        new Shape(4, 3, 8),
                        new Shape(5, 4, 8),
                        new Shape(5, 3, 7),
                        new Shape(5, 3),
                        new Shape(5, 3, 8, 1),
                        new Shape())) {
            Assert.assertFalse(WINDOW.accepts(shape, 5), shape.toString());
        }
        for (Shape shape :
                List.of(
                        new Shape(4, 9, 2, 4),
                        new Shape(5, 9, 3, 4),
                        new Shape(5, 9, 2, 5),
                        new Shape(5, 2, 4),
                        new Shape(5, 9, 1, 2, 4))) {
            Assert.assertFalse(KEYS.accepts(shape, 5), shape.toString());
        }
    }

    /** Such an array would be taken for a mask, or lengths. */
    @Test
    public void aRowHasTwoAxesOrMore() {
        for (Shape shape : List.of(new Shape(), new Shape(8), new Shape(-1))) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> new StateSpec("memory", shape));
            Assert.assertEquals(
                    e.getMessage(),
                    "StateSpec: expected at least two axes in a row of memory, got " + shape);
        }
    }

    @Test
    public void describesItselfForMessages() {
        Assert.assertEquals(WINDOW.describe(5), "window (5, 3, 8)");
        Assert.assertEquals(KEYS.describe(5), "keys (5, -1, 2, 4)");
    }

    @Test
    public void blocksListTheArraysOfTheirChildrenInOrder() {
        SequenceBlock mamba = MambaBlock.builder().build();
        SequenceBlock mamba2 = Mamba2Block.builder().optHeadSize(2).optStateSize(5).build();
        mamba.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 4));
        mamba2.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 4));
        assertShapes(mamba, new Shape(3, 8), new Shape(8, 16));
        assertShapes(mamba2, new Shape(3, 18), new Shape(4, 2, 5));
        Assert.assertEquals(
                mamba.getStateShapes(2), List.of(new Shape(2, 3, 8), new Shape(2, 8, 16)));
    }

    private static void assertShapes(SequenceBlock block, Shape... rows) {
        List<StateSpec> specs = block.getStateSpecs();
        Assert.assertEquals(specs.stream().map(StateSpec::rowShape).toList(), List.of(rows));
        Assert.assertEquals(specs.stream().map(StateSpec::name).distinct().count(), rows.length);
    }
}
