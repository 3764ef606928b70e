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

import ai.djl.mamba.zoo.text.GenerationArguments;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.modality.Input;
import ai.djl.modality.nlp.TextPrompt;
import ai.djl.translate.TranslateException;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The content of a request to DJL Serving.
 *
 * @param prompts the texts to continue
 * @param isList whether the answer is a list as well
 * @param options how to continue
 */
record GenerationRequest(List<String> prompts, boolean isList, GenerationOptions options) {

    private static final Type PARAMETERS =
            TypeToken.getParameterized(Map.class, String.class, Object.class).getType();

    static GenerationRequest parse(Input input, GenerationOptions defaults)
            throws TranslateException {
        if (input.getContent().isEmpty()) {
            throw new TranslateException("The request is empty");
        }
        TextPrompt prompt = TextPrompt.parseInput(input);
        List<String> prompts = prompt.isBatch() ? prompt.getBatch() : List.of(prompt.getText());
        if (prompts.isEmpty() || prompts.stream().anyMatch(Objects::isNull)) {
            throw new TranslateException("\"inputs\" should be a text or a list of texts");
        }
        return new GenerationRequest(prompts, prompt.isBatch(), options(input, defaults));
    }

    private static GenerationOptions options(Input input, GenerationOptions defaults)
            throws TranslateException {
        String type = input.getProperty("Content-Type", "");
        if (!type.startsWith("application/json")) {
            return defaults;
        }
        try {
            JsonElement root =
                    JsonUtils.GSON.fromJson(input.getData().getAsString(), JsonElement.class);
            JsonElement parameters =
                    root.isJsonObject() ? root.getAsJsonObject().get("parameters") : null;
            if (parameters == null) {
                return defaults;
            }
            Map<String, Object> values = JsonUtils.GSON.fromJson(parameters, PARAMETERS);
            return GenerationArguments.read(values, defaults);
        } catch (JsonParseException | IllegalArgumentException e) {
            throw new TranslateException("\"parameters\": " + e.getMessage(), e);
        }
    }
}
