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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.internal.HostArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** Token ids for measurements, the same at every call. */
final class RandomIds {

    private RandomIds() {}

    /** Creates ids, (B, L). */
    static NDArray of(NDManager manager, int vocabSize, int batch, int length) {
        long[] ids = new Random(1).longs((long) batch * length, 0, vocabSize).toArray();
        return HostArrays.create(manager, ids, new Shape(batch, length));
    }
}
