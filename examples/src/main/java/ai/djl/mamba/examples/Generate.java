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
import ai.djl.mamba.zoo.text.GenerationOptions;

/** Loads a language model and lets it continue a text. */
public final class Generate {

    private Generate() {}

    /**
     * Runs the example.
     *
     * @param args a model and a text, or nothing
     * @throws Exception if the model cannot be loaded
     */
    public static void main(String[] args) throws Exception {
        // a name, a model of the Hugging Face hub such as "state-spaces/mamba-130m-hf", or a folder
        String name = args.length > 0 ? args[0] : "mamba-java-bytes"; // comes with the zoo
        String prompt = args.length > 1 ? args[1] : "import java.util.";

        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(200)
                        .optTemperature(0.75)
                        .optTopP(0.9)
                        .optSeed(5)
                        .build();
        try (TextModel model = TextModel.load(name)) {
            System.out.println(prompt + model.generate(prompt, options).text());
        }
    }
}
