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
package ai.djl.mamba.zoo.internal.tokens;

import java.util.function.LongFunction;

/** Checks that a model has the tokens of a text. */
public final class ModelIds {

    private ModelIds() {}

    /**
     * Checks the ids that a tokenizer made, which may have more tokens than the model.
     *
     * @param ids the ids of a text
     * @param vocabSize the size of the model's vocabulary
     * @param name the token of an id
     * @return the ids
     * @throws IllegalArgumentException if the model lacks one; the message names its token
     */
    public static long[] require(long[] ids, int vocabSize, LongFunction<String> name) {
        for (long id : ids) {
            if (id >= vocabSize) {
                throw new IllegalArgumentException(
                        String.format(
                                "The text has the token \"%s\" with the id %d, but the model's ids"
                                        + " are in [0, %d): the tokenizer has more tokens than the"
                                        + " model",
                                name.apply(id), id, vocabSize));
            }
        }
        return ids;
    }
}
