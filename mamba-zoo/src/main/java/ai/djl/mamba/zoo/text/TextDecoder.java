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

/**
 * Turns tokens into text while they are made.
 *
 * <p>Joined together, the pieces are the text that {@link Tokenizer#decode} makes of all tokens at
 * once. A piece comes as soon as no later token can change its characters, and never ends within a
 * character. The time for a token does not depend on how many came before. A decoder is for one
 * thread.
 */
public interface TextDecoder {

    /**
     * Takes the next token.
     *
     * @param id the id of the token
     * @return the characters that are certain now, perhaps none
     * @throws IllegalArgumentException if the id is negative or cannot be an id of the model
     */
    String next(long id);

    /**
     * Ends the text. The decoder may be used for another one afterwards.
     *
     * @return what was held back
     */
    String finish();
}
