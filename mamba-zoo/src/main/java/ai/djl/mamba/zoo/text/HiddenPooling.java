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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;

/** Makes one vector of the hidden vectors of each row's tokens. */
final class HiddenPooling {

    private HiddenPooling() {}

    /**
     * Pools.
     *
     * @param hidden the vectors, (B, L, d)
     * @param rows the rows, of which the lengths count
     * @param pooling how to pool
     * @return (B, d)
     */
    static float[][] pool(NDArray hidden, List<long[]> rows, Pooling pooling) {
        long[] lengths = rows.stream().mapToLong(row -> row.length).toArray();
        long longest = hidden.getShape().get(1);
        float[] all; // (B, d)
        try (Padding padding =
                new Padding(hidden.getManager(), lengths, longest, hidden.getDataType())) {
            NDArray pooled = pooling.apply(hidden, padding);
            all = pooled.toType(DataType.FLOAT32, false).toFloatArray();
        }
        int size = all.length / rows.size();
        float[][] vectors = new float[rows.size()][];
        Arrays.setAll(vectors, row -> Arrays.copyOfRange(all, row * size, (row + 1) * size));
        return vectors;
    }
}
