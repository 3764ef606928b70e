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

/** Joins the tokens of one continuation to a text, up to the first stop string. */
final class TextBuilder {

    private final Tokenizer.Decoder decoder;
    private final StopStrings stop;
    private final StringBuilder text = new StringBuilder();
    private final List<Token> tokens = new ArrayList<>();
    private FinishReason reason; // null while more may come

    TextBuilder(Tokenizer.Decoder decoder, List<String> stopStrings) {
        this.decoder = decoder;
        stop = new StopStrings(stopStrings);
    }

    /** Adds a token and returns the text that is certain now, often none. */
    String add(Token token) {
        tokens.add(token);
        return append(stop.next(decoder.next(token.id())));
    }

    /** Ends the text, if it has not ended yet, and returns the text that was held back. */
    String finish(FinishReason why) {
        if (isComplete()) {
            return "";
        }
        String rest = append(stop.next(decoder.finish()));
        if (!isComplete()) {
            rest += append(stop.finish());
            reason = why;
        }
        return rest;
    }

    private String append(String piece) {
        text.append(piece);
        if (stop.isStopped()) {
            reason = FinishReason.STOPPED;
        }
        return piece;
    }

    boolean isComplete() {
        return reason != null;
    }

    /** Ends the text as its tokens ended; beams come here without having been listened to. */
    GeneratedText complete(Generated generated) {
        for (int i = tokens.size(); i < generated.tokens().size() && !isComplete(); i++) {
            add(generated.tokens().get(i));
        }
        finish(generated.finishReason());
        return result();
    }

    GeneratedText result() {
        return new GeneratedText(text.toString(), List.copyOf(tokens), reason);
    }
}
