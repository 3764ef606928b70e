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

import ai.djl.inference.streaming.ChunkedBytesSupplier;
import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.ndarray.NDList;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Generation in the form of requests to DJL Serving.
 *
 * <p>A request is a text, or JSON {@code {"inputs": "…", "parameters": {"max_new_tokens": 50}}},
 * where {@code inputs} may be a list of texts; the answer {@code {"generated_text": "…"}}, or a
 * list of these where there are several texts or {@code num_return_sequences}. A streamed answer is
 * the bare text, piece by piece.
 */
final class ServingTranslator extends GeneratingTranslator<Input, Output>
        implements StreamingTranslator<Input, Output> {

    private static final byte[] NOTHING = {};

    private final TextModel model;
    private final GenerationOptions defaults;

    ServingTranslator(TextModel model, GenerationOptions defaults) {
        this.model = model;
        this.defaults = defaults;
    }

    @Override
    Output apply(Input input) throws TranslateException {
        GenerationRequest request = GenerationRequest.parse(input, defaults);
        Output output = new Output();
        output.addProperty("Content-Type", "application/json");
        List<Map<String, String>> answers =
                model.generate(request.prompts(), request.options()).stream()
                        .map(ServingTranslator::answer)
                        .toList();
        boolean isList = request.isList() || request.options().samples() > 1;
        output.add(BytesSupplier.wrapAsJson(isList ? answers : answers.get(0)));
        return output;
    }

    private static Map<String, String> answer(GeneratedText generated) {
        return Map.of("generated_text", generated.text());
    }

    @Override
    public StreamOutput<Output> processStreamOutput(
            TranslatorContext ctx, Stream<NDList> blockOutput) throws TranslateException {
        GenerationRequest request = GenerationRequest.parse(input(ctx), defaults);
        blockOutput.close(); // never started, see TextStreamTranslator
        if (request.isList()) {
            throw new TranslateException("A stream continues one text: \"inputs\" is a list");
        }
        return new Pieces(request.prompts().get(0), request.options());
    }

    @Override
    public Support getSupport() {
        return Support.ASYNC;
    }

    /** The pieces of a continuation, for a reader in another thread. */
    private final class Pieces extends StreamOutput<Output> {

        private final String prompt;
        private final GenerationOptions options;

        Pieces(String prompt, GenerationOptions options) {
            this.prompt = prompt;
            this.options = options;
        }

        @Override
        protected Output buildAsyncOutput() {
            Output output = new Output();
            output.addProperty("Content-Type", "text/plain");
            output.add(new ChunkedBytesSupplier());
            return output;
        }

        @Override
        protected void computeAsyncOutputInternal(Output output) {
            ChunkedBytesSupplier chunks = (ChunkedBytesSupplier) output.getData();
            try (TextStream stream = model.stream(prompt, options)) {
                while (stream.hasNext() && !output.isCancelled()) {
                    byte[] piece = stream.next().getBytes(StandardCharsets.UTF_8);
                    chunks.appendContent(piece, false);
                }
            } finally {
                chunks.appendContent(NOTHING, true); // or a reader would wait forever
            }
        }

        @Override
        public Output getIterativeOutputInternal() {
            throw new UnsupportedOperationException(
                    "The pieces are only passed on while they are computed");
        }
    }
}
