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
import ai.djl.mamba.zoo.text.TextStream;
import java.util.List;

/** Prints a continuation piece by piece while the model computes it. */
public final class Stream {

    private Stream() {}

    /**
     * Runs the example.
     *
     * @param args the text to continue, or nothing
     * @throws Exception if the model cannot be loaded
     */
    public static void main(String[] args) throws Exception {
        String prompt = args.length > 0 ? args[0] : "public class Stack {\n";
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(400)
                        .optTemperature(0.6)
                        .optStopStrings(List.of("\n}\n")) // the end of the class
                        .build();
        System.out.print(prompt);
        try (TextModel model = TextModel.load("mamba-java-bytes");
                TextStream stream = model.stream(prompt, options)) {
            while (stream.hasNext()) {
                System.out.print(stream.next()); // whole characters, as soon as they are certain
                System.out.flush();
            }
            System.out.printf("%n(%s)%n", stream.result().finishReason());
        }
    }
}
