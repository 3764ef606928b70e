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

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A continuation as text, piece by piece: whole characters only, and nothing of a stop string.
 *
 * <p>Nothing is computed before it is asked for; closing the stream, at any time, releases the
 * model's state. A stream is for one thread at a time.
 */
public final class TextStream implements Iterator<String>, AutoCloseable {

    private final TokenStream tokens;
    private final TextBuilder text;
    private String piece = "";

    /**
     * Wraps a stream of tokens.
     *
     * @param tokens the tokens; closed with this stream
     * @param tokenizer turns them into text
     * @param stopStrings texts that end the continuation; they are not part of it
     */
    public TextStream(TokenStream tokens, Tokenizer tokenizer, List<String> stopStrings) {
        this.tokens = tokens;
        text = new TextBuilder(tokens.prompt().newDecoder(tokenizer), stopStrings);
    }

    /**
     * Computes until the next piece is certain.
     *
     * @return whether there is one
     */
    @Override
    public boolean hasNext() {
        while (piece.isEmpty() && !text.isComplete()) {
            if (tokens.hasNext()) {
                piece = text.add(tokens.next());
            } else {
                piece = text.finish(tokens.finishReason().orElseThrow());
            }
        }
        if (text.isComplete()) {
            tokens.close();
        }
        return !piece.isEmpty();
    }

    /**
     * Returns the next piece.
     *
     * @return at least one character
     * @throws NoSuchElementException if the text is complete or the stream closed
     */
    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        String next = piece;
        piece = "";
        return next;
    }

    /**
     * Returns the pieces as a stream of Java's, whose closing closes this one.
     *
     * @return the pieces, computed as they are asked for
     */
    public Stream<String> stream() {
        int traits = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, traits), false)
                .onClose(this::close);
    }

    /**
     * Returns what was made so far.
     *
     * @return the tokens and the text, with the reason of its end if it has one
     */
    public GeneratedText result() {
        return text.result();
    }

    /**
     * Returns how long the prompt and the continuation took so far.
     *
     * @return the times, without those in which nobody asked for a piece
     */
    public TokenStream.Timing timing() {
        return tokens.timing();
    }

    /** Releases the state; no more pieces come. */
    @Override
    public void close() {
        tokens.close();
        text.finish(FinishReason.CLOSED); // changes nothing where it is complete
        piece = "";
    }
}
