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
import java.util.OptionalInt;

/** One row of a batch in the making. */
final class Continuation {

    private final int row;
    private final GenerationOptions options;
    private final Sampler sampler;
    private final List<Token> tokens = new ArrayList<>();
    private FinishReason finishReason;
    private OptionalInt endId = OptionalInt.empty();
    private int last;

    Continuation(int row, ReadTokens prompt, GenerationOptions all, int sample) {
        this.row = row;
        options = all.forPrompt(prompt.count());
        sampler = new Sampler(options, prompt, sample);
        if (options.maxNewTokens() == 0) {
            finishReason = FinishReason.LENGTH;
        }
    }

    /** Chooses the next token; returns whether the row continues. */
    boolean step(float[] logits, int offset, int vocabSize, TextGenerator.TokenListener listener) {
        if (finishReason != null) {
            return false;
        }
        last = sampler.sample(logits, offset, vocabSize);
        if (options.endIds().contains(last)) {
            endId = OptionalInt.of(last);
            finishReason = FinishReason.END;
            return false;
        }
        Token token = Token.of(last, logits, offset, vocabSize, options);
        tokens.add(token);
        if (!listener.onToken(row, token)) {
            finishReason = FinishReason.STOPPED;
        } else if (tokens.size() == options.maxNewTokens()) {
            finishReason = FinishReason.LENGTH;
        }
        return finishReason == null;
    }

    /** The token chosen last, which the model has to read. */
    long[] unread() {
        return new long[] {last};
    }

    Generated result() {
        return new Generated(tokens, finishReason, endId, Double.NaN);
    }
}
