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

import java.util.ArrayList;
import java.util.List;

/** The texts of several continuations that are made together; a stop string ends its own only. */
final class TextBatch implements TextGenerator.TokenListener {

    private final List<TextBuilder> texts = new ArrayList<>();

    /**
     * Starts the texts.
     *
     * @param prompts what each prompt has
     */
    TextBatch(List<ReadTokens> prompts, Tokenizer tokenizer, GenerationOptions options) {
        for (ReadTokens prompt : prompts) {
            for (int i = 0; i < options.samples(); i++) {
                texts.add(new TextBuilder(prompt.newDecoder(tokenizer), options.stopStrings()));
            }
        }
    }

    @Override
    public boolean onToken(int row, Token token) {
        texts.get(row).add(token);
        return !texts.get(row).isComplete();
    }

    /** Ends the texts as their tokens ended. */
    List<GeneratedText> complete(List<Generated> results) {
        List<GeneratedText> complete = new ArrayList<>();
        for (int row = 0; row < results.size(); row++) {
            complete.add(texts.get(row).complete(results.get(row)));
        }
        return complete;
    }
}
