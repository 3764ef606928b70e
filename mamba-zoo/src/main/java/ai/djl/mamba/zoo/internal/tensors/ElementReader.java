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
package ai.djl.mamba.zoo.internal.tensors;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads the elements of a tensor in order, the last axis varying fastest. */
interface ElementReader {

    /**
     * Reads the next elements.
     *
     * @param target the buffer to fill with their bytes as in the file; its remaining size must be
     *     a whole number of elements, no more than are left
     * @throws IOException if the file cannot be read
     */
    void read(ByteBuffer target) throws IOException;
}
