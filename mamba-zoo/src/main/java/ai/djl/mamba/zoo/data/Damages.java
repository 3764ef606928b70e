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
package ai.djl.mamba.zoo.data;

import java.io.EOFException;
import java.io.IOException;

/** Says what is wrong with compressed text: Java does not, if it ends too early. */
final class Damages {

    private Damages() {}

    /** Returns what is wrong, to follow "damaged: ". */
    static String of(IOException failure) {
        return failure instanceof EOFException ? "it ends too early" : failure.getMessage();
    }
}
