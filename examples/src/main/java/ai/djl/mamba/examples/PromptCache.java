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
package ai.djl.mamba.examples;

import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;

/**
 * Reads a long text once and continues it several times. What a Mamba keeps of a text does not grow
 * with its length, and can be saved for another process.
 */
public final class PromptCache {

    private PromptCache() {}

    /**
     * Runs the example.
     *
     * @param args nothing
     * @throws Exception if the model cannot be loaded
     */
    public static void main(String[] args) throws Exception {
        String text = "import java.util.List;\n".repeat(500) + "\npublic class ";
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(60)
                        .optTemperature(0.8)
                        .optSamples(3)
                        .build();
        try (TextModel model = TextModel.load("mamba-java-bytes")) {
            ByteArrayOutputStream saved = new ByteArrayOutputStream(); // or a file
            try (PromptState state = model.read(text)) {
                state.save(saved);
            }
            System.out.printf("%,d characters take %,d bytes%n", text.length(), saved.size());
            try (PromptState state = model.restore(new ByteArrayInputStream(saved.toByteArray()))) {
                for (GeneratedText continuation : model.generate(state, options)) {
                    System.out.printf("--%n%s%n", continuation.text());
                }
            }
        }
    }
}
