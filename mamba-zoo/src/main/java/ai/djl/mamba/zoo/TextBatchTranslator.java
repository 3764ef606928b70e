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
package ai.djl.mamba.zoo;

import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import java.util.List;

/** Prompts of any lengths → their continuations, computed as one batch. */
final class TextBatchTranslator extends GeneratingTranslator<String[], String[]> {

    private final TextModel model;
    private final GenerationOptions options;

    TextBatchTranslator(TextModel model, GenerationOptions options) {
        this.model = model;
        this.options = options;
    }

    @Override
    String[] apply(String[] prompts) {
        return model.generate(List.of(prompts), options).stream()
                .map(GeneratedText::text)
                .toArray(String[]::new);
    }
}
