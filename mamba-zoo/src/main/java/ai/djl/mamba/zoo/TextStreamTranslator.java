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

import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.ndarray.NDList;
import ai.djl.translate.TranslatorContext;
import java.util.stream.Stream;

/**
 * A prompt → its continuation, piece by piece: by {@code predict}, or by {@code
 * streamingPredict(…).getIterativeOutput()}.
 */
final class TextStreamTranslator extends GeneratingTranslator<String, TextStream>
        implements StreamingTranslator<String, TextStream> {

    private final TextModel model;
    private final GenerationOptions options;

    TextStreamTranslator(TextModel model, GenerationOptions options) {
        this.model = model;
        this.options = options;
    }

    @Override
    TextStream apply(String prompt) {
        return model.stream(prompt, options);
    }

    @Override
    public StreamOutput<TextStream> processStreamOutput(
            TranslatorContext ctx, Stream<NDList> blockOutput) {
        TextStream stream = apply(input(ctx));
        blockOutput.close(); // never started: it would choose greedily, not by the options
        return new StreamOutput<>() {
            @Override
            protected TextStream buildAsyncOutput() {
                throw new UnsupportedOperationException("The pieces are for an iteration");
            }

            @Override
            protected void computeAsyncOutputInternal(TextStream output) {
                throw new UnsupportedOperationException("The pieces are for an iteration");
            }

            @Override
            public TextStream getIterativeOutputInternal() {
                return stream;
            }
        };
    }

    @Override
    public Support getSupport() {
        return Support.ITERATIVE;
    }
}
