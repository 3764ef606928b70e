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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
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
        NDArray pooled = pooling == Pooling.LAST ? last(hidden, rows) : mean(hidden, rows);
        float[] all = pooled.toType(DataType.FLOAT32, false).toFloatArray();
        int size = all.length / rows.size();
        float[][] vectors = new float[rows.size()][];
        Arrays.setAll(vectors, row -> Arrays.copyOfRange(all, row * size, (row + 1) * size));
        return vectors;
    }

    private static NDArray last(NDArray hidden, List<long[]> rows) {
        Shape shape = hidden.getShape();
        long longest = shape.get(1);
        long[] places = new long[rows.size()];
        Arrays.setAll(places, row -> row * longest + rows.get(row).length - 1);
        NDArray table = hidden.reshape(rows.size() * longest, shape.get(2));
        NDArray index = hidden.getManager().create(places);
        return Embedding.embedding(index, table, SparseFormat.DENSE).singletonOrThrow();
    }

    private static NDArray mean(NDArray hidden, List<long[]> rows) {
        int longest = Math.toIntExact(hidden.getShape().get(1));
        float[] weights = new float[Math.multiplyExact(rows.size(), longest)]; // 0 where padded
        for (int row = 0; row < rows.size(); row++) {
            int length = rows.get(row).length;
            Arrays.fill(weights, row * longest, row * longest + length, 1f / length);
        }
        NDArray weight = hidden.getManager().create(weights, new Shape(rows.size(), longest, 1));
        return hidden.mul(weight.toType(hidden.getDataType(), false)).sum(new int[] {1});
    }
}
