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

import java.util.List;

/**
 * A continuation as text, with its tokens and the reason of its end.
 *
 * @param text the text, without the prompt and without a stop string
 * @param tokens the tokens that were made, including those of a stop string
 * @param finishReason why it ended, or {@code null} if it has not
 */
public record GeneratedText(String text, List<Token> tokens, FinishReason finishReason) {

    /** Shows the text in quotation marks, the number of its tokens, and why it ended. */
    @Override
    public String toString() {
        return String.format(
                "\"%s\" (%d tokens, %s)",
                text, tokens.size(), finishReason == null ? "not ended" : finishReason);
    }
}
