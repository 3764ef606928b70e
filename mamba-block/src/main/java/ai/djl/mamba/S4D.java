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

import ai.djl.mamba.nn.SequenceBlock;
import ai.djl.mamba.nn.SequenceInput;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;

/** Placeholder. */
public final class S4D extends SequenceBlock {
    S4D() {
        super((byte) 1, false);
    }

    @Override
    public List<Shape> getStateShapes(long b) {
        return List.of();
    }

    @Override
    public NDList forwardSequence(ParameterStore s, SequenceInput i, boolean t) {
        return null;
    }

    @Override
    public DataType dataType() {
        return null;
    }

    @Override
    public long inputSize() {
        return 0;
    }

    @Override
    protected long outputSize(Shape s) {
        return 0;
    }

    /** Creates a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** b */
    public static final class Builder {
        /** x */
        public Builder optStateSize(int n) {
            return this;
        }

        /** x */
        public Builder optTimeStepRange(double a, double b) {
            return this;
        }

        /** x */
        public S4D build() {
            return new S4D();
        }
    }
}
